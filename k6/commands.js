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

const ACCEPTED = http.expectedStatuses(202);
const SLOW_FROM = lowest(commandSlow);
const LIMITS = commandSlow.length;

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
    responseCallback: ACCEPTED,
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

function count(res, began) {
  const accepted = res.status === 202;
  commandAccepted.add(accepted);
  if (!accepted) {
    countRefusal(res, began);
    return;
  }
  const elapsed = res.timings.duration;
  commandDuration.add(elapsed);
  for (let index = 0; index < LIMITS; index += 1) {
    commandSlow[index].rate.add(elapsed >= commandSlow[index].limit);
  }
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
  let info = null;
  let identity = null;
  let clock = null;

  return (data) => {
    if (info === null) {
      info = exec.scenario;
      identity = new Identity(data.run, scenario.name);
      clock = new StageClock(info.startTime);
    }
    const now = Date.now();
    clock.at(now);
    const iteration = info.iterationInTest;
    const from = consumable === null ? own : consumable.at(iteration);
    const row = from.rows[from === own && consumable !== null ? iteration : (iteration + PLAN.seed) % from.rows.length];
    const id = identity.of(iteration);
    headers['Idempotency-Key'] = id;
    headers['X-Correlation-Id'] = id;
    count(http.post(row[0], row[1] + from.tail(iteration, identity, id) + from.close, params), now);
  };
}
