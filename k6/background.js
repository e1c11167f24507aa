// Reads, health checks, and the self-probe that says how much latency the generator adds by itself.
import exec from 'k6/execution';
import http from 'k6/http';
import { generatorProbe, lowest, readDuration, readOk, readSlow, rejected } from './metrics.js';
import { pool } from './pools.js';
import { rejection } from './rejection.js';
import { BASE_URL, PLAN, PROBE_URL, TOKEN } from './settings.js';

const OK = http.expectedStatuses(200);
const SLOW_FROM = lowest(readSlow);

export function readUrl(path, tenant) {
  return `${BASE_URL}${path}?tenant_id=${tenant}&limit=50`;
}

export function readParameters(responseType) {
  return {
    headers: { Authorization: `Bearer ${TOKEN}` },
    responseCallback: OK,
    responseType,
    timeout: PLAN.request_timeout_ms,
  };
}

function countRead(res, began) {
  const ok = res.status === 200;
  readOk.add(ok);
  if (!ok) rejected.add(1, { class: rejection(res) });
  const elapsed = Math.max(res.timings.duration, res.status === 0 ? Date.now() - began : 0);
  if (!ok && elapsed < SLOW_FROM) return;
  readDuration.add(elapsed);
  for (const slow of readSlow) slow.rate.add(elapsed >= slow.limit);
}

export function readSender(read) {
  const scenario = PLAN.scenarios.find((one) => one.kind === 'read' && one.subject === read);
  if (!scenario) return () => {};
  const urls = pool('tenants', `urls of ${read}`, (row) => readUrl(scenario.path, row[0]));
  const params = readParameters('none');
  let info = null;

  return () => {
    if (info === null) {
      info = exec.scenario;
      exec.vu.metrics.tags.stage = 'steady';
    }
    const now = Date.now();
    countRead(http.get(urls[(info.iterationInTest + PLAN.seed) % urls.length], params), now);
  };
}

function steadyGet(url, params) {
  let tagged = false;
  return () => {
    if (!tagged) {
      exec.vu.metrics.tags.stage = 'steady';
      tagged = true;
    }
    return http.get(url, params);
  };
}

export function healthSender() {
  const get = steadyGet(`${BASE_URL}/health`, { responseCallback: OK, timeout: PLAN.request_timeout_ms });
  return () => {
    const res = get();
    if (res.status !== 200) rejected.add(1, { class: rejection(res) });
  };
}

// k6's own REST API on loopback: what this takes, k6 adds itself. It is no request to the target, so it counts
// neither as failed nor as succeeded; what is no answer is no probe.
export function probeSender() {
  const get = steadyGet(PROBE_URL, { responseCallback: null, timeout: PLAN.request_timeout_ms });
  return () => {
    const res = get();
    if (res.status === 200) generatorProbe.add(res.timings.duration);
  };
}
