// One command and one read of each kind for each tenant, before the load: exactly what the load will send.
// Each answer is one line on the console: JSON in base64, so that no log format touches it.
import encoding from 'k6/encoding';
import http from 'k6/http';
import { BODIES } from './bodies.js';
import { readParameters, readUrl } from './background.js';
import { parameters } from './commands.js';
import { agreeOnRun, Identity } from './identity.js';
import { pool } from './pools.js';
import { rejection } from './rejection.js';
import { route } from './routes.js';
import { PLAN, TOKEN } from './settings.js';

export const options = {
  scenarios: { canary: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '30m' } },
  insecureSkipTLSVerify: !PLAN.verify_tls,
  noCookiesReset: true,
  maxRedirects: 0,
  userAgent: PLAN.user_agent,
};

const TENANTS = pool('tenants', 'canary tenants', (row) => row[0]);
const ROWS = {};
for (const scenario of PLAN.scenarios.filter((one) => one.kind === 'command')) {
  ROWS[scenario.subject] = pool(BODIES[scenario.subject].pool, `canary ${scenario.subject}`, (row) => row);
}

export function setup() {
  return agreeOnRun();
}

function say(answer) {
  console.log(`CANARY ${encoding.b64encode(JSON.stringify(answer))}`);
}

function report(tenant, kind, subject, res, spent) {
  const headers = {};
  for (const name of ['X-Ratelimit-Limit', 'X-Ratelimit-Remaining', 'Retry-After', 'Content-Type']) {
    if (res.headers[name]) headers[name.toLowerCase()] = res.headers[name];
  }
  // Cut after it is blotted out: half a token is a secret too.
  const body = TOKEN ? String(res.body || '').split(TOKEN).join('***') : String(res.body || '');
  const expected = kind === 'command' ? 202 : 200;
  const answer = { tenant, kind, subject, status: res.status, error: res.error, headers };
  if (res.status !== expected) {
    answer.body = body.slice(0, 600);
    answer.rejection = rejection(res);
  }
  if (spent) answer.spent = spent;
  answer.milliseconds = res.timings.duration;
  say(answer);
}

function sendCommand(tenant, subject, number, run) {
  const rows = ROWS[subject];
  let row = null;
  for (let index = 0; index < rows.length && row === null; index += 1) {
    if (rows[index][0] === tenant) row = rows[index];
  }
  if (row === null) {
    say({ tenant, kind: 'command', subject, status: -1 });
    return;
  }
  const identity = new Identity(run, 'canary');
  const id = identity.of(number);
  const params = parameters();
  params.headers['Idempotency-Key'] = id;
  params.headers['X-Correlation-Id'] = id;
  const { fields, tail } = BODIES[subject];
  const to = route(subject);
  const body = to.open(row) + fields(row) + tail(number, identity, id) + to.close;
  const res = http.post(to.url(row), body, params);
  report(tenant, 'command', subject, res, PLAN.consuming.includes(subject) ? row[3] : null);
}

export default function canary(data) {
  let number = 0;
  for (const tenant of TENANTS) {
    for (const scenario of PLAN.scenarios) {
      if (scenario.kind === 'command') {
        sendCommand(tenant, scenario.subject, number, data.run);
        number += 1;
      } else if (scenario.kind === 'read') {
        const res = http.get(readUrl(scenario.path, tenant), readParameters('text'));
        report(tenant, 'read', scenario.subject, res, null);
      }
    }
  }
}
