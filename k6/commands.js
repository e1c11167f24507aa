// Sends one command an iteration and counts what came back. This is the hot path: see benchmarks/.
import exec from 'k6/execution';
import http from 'k6/http';
import { BODIES } from './bodies.js';
import { Identity } from './identity.js';
import { commandAccepted, commandDuration, commandSlow, lowest, rejected } from './metrics.js';
import { pool } from './pools.js';
import { rejection } from './rejection.js';
import { route } from './routes.js';
import { PLAN, TOKEN } from './settings.js';
import { StageClock } from './stages.js';

const SLOW_FROM = lowest(commandSlow);

// What is no command brings an expectation of its own.
http.setResponseCallback(http.expectedStatuses(202));

// Rows as [url, text before the tail]; built once, for the commands of the plan only.
export function source(command) {
  const body = BODIES[command];
  const to = route(command);
  const build = (row) => [to.url(row), to.open(row) + body.fields(row)];
  return { rows: pool(body.pool, `rows of ${command}`, build), tail: body.tail, close: to.close };
}

export function parameters() {
  return {
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${TOKEN}`,
      'Idempotency-Key': '',
      'X-Correlation-Id': '',
    },
    responseType: 'text',
    timeout: PLAN.request_timeout_ms,
  };
}

function countRefusal(res, began) {
  // k6 leaves the time of a request that timed out at 0.
  const elapsed = Math.max(res.timings.duration, res.status === 0 ? Date.now() - began : 0);
  rejected.add(1, { class: rejection(res) });
  if (elapsed < SLOW_FROM) return;
  commandDuration.add(elapsed);
  for (const slow of commandSlow) slow.rate.add(elapsed >= slow.limit);
}

// Closures keep what they use: k6's engine looks an imported name up anew each time.
function counter() {
  const [accepted, duration, slow, from] = [commandAccepted, commandDuration, commandSlow, SLOW_FROM];
  const only = slow.length === 1 ? slow[0].rate : null;
  return (res, began) => {
    if (res.status !== 202) {
      accepted.add(false);
      countRefusal(res, began);
      return;
    }
    const elapsed = res.timings.duration;
    accepted.add(true);
    duration.add(elapsed);
    if (only !== null) only.add(elapsed >= from);
    else for (const one of slow) one.rate.add(elapsed >= one.limit);
  };
}

// A cancel takes each reservation once; where they are used up the iteration sends a modify, which can always
// be applied. Cancelling one twice would block the consumer.
class Consumable {
  constructor(command, own, spare) {
    this.own = own;
    this.spare = spare;
    this.switched = false;
  }

  at(iteration) {
    if (iteration < this.own.rows.length) return this.own;
    if (!this.switched) {
      this.switched = true;
      exec.vu.metrics.tags.command = 'reservation.modify';
      exec.vu.metrics.tags.name = PLAN.modify_url_name;
    }
    return this.spare;
  }
}

function planned(command) {
  return PLAN.scenarios.find((scenario) => scenario.kind === 'command' && scenario.subject === command);
}

export function commandSender(command) {
  const scenario = planned(command);
  if (!scenario) return () => {};
  const own = source(command);
  const consumable = scenario.consumes ? new Consumable(command, own, source('reservation.modify')) : null;
  const params = parameters();
  const { headers } = params;
  const { post } = http;
  const { now: milliseconds } = Date;
  const { seed } = PLAN;
  const count = counter();
  const consumed = consumable === null ? null : own.rows;
  let info = null;
  let identity = null;
  let clock = null;

  function begin(data) {
    info = exec.scenario;
    identity = new Identity(data.run, scenario.name);
    clock = new StageClock(info.startTime);
  }

  return (data) => {
    if (info === null) begin(data);
    const now = milliseconds();
    if (now >= clock.until) clock.advance(now);
    const iteration = info.iterationInTest;
    const { rows, tail, close } = consumable === null ? own : consumable.at(iteration);
    // A row that is consumed is the iteration's own; beyond them the rows are those of the modifies.
    const row = rows === consumed ? rows[iteration] : rows[(iteration + seed) % rows.length];
    const id = identity.of(iteration);
    headers['Idempotency-Key'] = id;
    headers['X-Correlation-Id'] = id;
    count(post(row[0], row[1] + tail(iteration, identity, id) + close, params), now);
  };
}
