// The manner of a kit that grew by itself: a weighted random pick, identifiers by a regular expression, groups,
// objects serialised for each request, checks that parse the body, a Trend, a Counter and a Rate with tags, a
// sleep, and a threshold for each command.
import { check, group, sleep } from 'k6';
import http from 'k6/http';
import { Counter, Rate, Trend } from 'k6/metrics';

const duration = new Trend('command_duration_ms', true);
const failures = new Counter('command_failures_total');
const errors = new Rate('command_errors');

const COMMANDS = [
  ['reservation.create', 0.3],
  ['guest.register', 0.2],
  ['reservation.modify', 0.15],
  ['billing.payment.capture', 0.15],
  ['reservation.cancel', 0.1],
  ['housekeeping.task.assign', 0.05],
  ['housekeeping.task.complete', 0.05],
];

const thresholds = { http_req_failed: ['rate<0.05'], http_req_duration: ['p(95)<1000', 'p(99)<1500'] };
for (const [name] of COMMANDS) thresholds[`command_duration_ms{command:${name}}`] = ['p(95)<500'];

export const options = {
  scenarios: {
    original: { executor: 'shared-iterations', vus: 150, iterations: Number(__ENV.ITERATIONS), maxDuration: '10m' },
  },
  thresholds,
};

function uuid() {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (letter) => {
    const random = Math.floor(Math.random() * 16);
    return (letter === 'x' ? random : (random % 4) + 8).toString(16);
  });
}

function pick() {
  let left = Math.random();
  for (const [name, share] of COMMANDS) {
    left -= share;
    if (left < 0) return name;
  }
  return COMMANDS[0][0];
}

function day(offset) {
  const date = new Date();
  date.setDate(date.getDate() + offset);
  return date.toISOString();
}

function payload(name) {
  const ids = { property_id: uuid(), guest_id: uuid(), reservation_id: uuid() };
  if (name === 'guest.register') {
    const number = Math.floor(Math.random() * 900000) + 100000;
    return { first_name: 'Load', last_name: 'Test', email: `load${number}@example.com`, phone: `+1555${number}` };
  }
  if (name.startsWith('reservation')) {
    return { ...ids, room_type_id: uuid(), check_in_date: day(2), check_out_date: day(5), total_amount: 250 };
  }
  if (name.startsWith('billing')) return { ...ids, payment_reference: `k6-${uuid()}`, amount: 100, currency: 'USD' };
  return { task_id: uuid(), assigned_to: uuid(), priority: 'NORMAL', notes: 'load test' };
}

export default function original() {
  const name = pick();
  group(name, () => {
    const body = JSON.stringify({ tenant_id: uuid(), payload: payload(name) });
    const params = {
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${__ENV.API_TOKEN}`,
        'Idempotency-Key': uuid(),
        'X-Correlation-Id': uuid(),
        'User-Agent': 'k6-loadtest',
      },
      tags: { command: name },
    };
    const res = http.post(`${__ENV.GATEWAY_BASE_URL}/v1/commands/${name}/execute`, body, params);
    const accepted = check(res, {
      [`${name} accepted`]: (r) => r.status === 202,
      'has command id': (r) => r.json('command_id') !== undefined,
    });
    duration.add(res.timings.duration, { command: name });
    errors.add(!accepted, { command: name });
    if (!accepted) failures.add(1, { command: name });
  });
  sleep(0.05);
}
