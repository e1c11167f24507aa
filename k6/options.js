// k6 options from the plan: one open-model scenario a command, reads and health in the steady stage.
import { BASE_URL, COMMAND_RATE, PLAN, PROBE_URL, READ_RATE, STEADY_SECONDS } from './settings.js';

const GRACEFUL_STOP = `${Math.ceil(PLAN.request_timeout_ms / 1000) + 1}s`;

function gcd(a, b) {
  return b ? gcd(b, a % b) : a;
}

// k6 takes whole rates only: 100 in 3 s instead of 33.3.
function scaled(planned, actual, whole) {
  const count = planned.rate.count * actual;
  const perSeconds = planned.rate.seconds * whole;
  const divisor = gcd(count, perSeconds);
  return { count: count / divisor, seconds: perSeconds / divisor };
}

// The plan adds one virtual user to what rate and latency need; that one does not scale.
function vusFor(planned, actual, whole) {
  return actual === whole ? planned.vus : Math.max(2, Math.ceil(((planned.vus - 1) * actual) / whole) + 1);
}

function milliseconds(value) {
  return `${Math.round(value * 1000)}ms`;
}

function commandScenario(planned) {
  const rate = scaled(planned, COMMAND_RATE, PLAN.command_rate);
  const vus = vusFor(planned, COMMAND_RATE, PLAN.command_rate);
  const stages = [];
  if (PLAN.ramp_up_seconds > 0) {
    stages.push({ target: rate.count, duration: milliseconds(PLAN.ramp_up_seconds) });
  }
  stages.push({ target: rate.count, duration: milliseconds(STEADY_SECONDS) });
  if (PLAN.ramp_down_seconds > 0) {
    stages.push({ target: 0, duration: milliseconds(PLAN.ramp_down_seconds) });
  }
  return {
    executor: 'ramping-arrival-rate',
    startRate: PLAN.ramp_up_seconds > 0 ? 0 : rate.count,
    timeUnit: `${rate.seconds}s`,
    stages,
    preAllocatedVUs: vus,
    maxVUs: vus,
  };
}

function steadyScenario(planned) {
  const ofReads = planned.kind === 'read';
  const rate = ofReads ? scaled(planned, READ_RATE, PLAN.read_rate) : planned.rate;
  const vus = ofReads ? vusFor(planned, READ_RATE, PLAN.read_rate) : planned.vus;
  return {
    executor: 'constant-arrival-rate',
    rate: rate.count,
    timeUnit: `${rate.seconds}s`,
    startTime: milliseconds(PLAN.ramp_up_seconds),
    duration: milliseconds(STEADY_SECONDS),
    preAllocatedVUs: vus,
    maxVUs: vus,
  };
}

function scenarios() {
  const all = {};
  for (const planned of PLAN.scenarios) {
    if (planned.kind === 'probe' && !PROBE_URL) continue;
    if (planned.kind === 'read' && READ_RATE === 0) continue;
    if (planned.kind === 'command' && COMMAND_RATE === 0) continue;
    const shape = planned.kind === 'command' ? commandScenario(planned) : steadyScenario(planned);
    const tags = { kind: planned.kind, name: planned.url_name };
    if (planned.kind === 'command') tags.command = planned.subject;
    if (planned.kind === 'read') tags.read = planned.subject;
    all[planned.name] = { ...shape, exec: planned.name, gracefulStop: GRACEFUL_STOP, tags };
  }
  return all;
}

function offered(scenario) {
  const last = scenario.stages.reduce((most, stage) => Math.max(most, stage.target), 0);
  const perSecond = last / Number.parseInt(scenario.timeUnit, 10);
  return perSecond * (PLAN.ramp_up_seconds / 2 + STEADY_SECONDS + PLAN.ramp_down_seconds / 2);
}

// An empty list declares a sub-metric for the summary and judges nothing (k6 never evaluates it).
function thresholds(scenarioShapes) {
  const all = {};
  const declared = PROBE_URL ? PLAN.declared : PLAN.declared.filter((name) => !name.includes('generator_probe'));
  for (const name of declared) all[name] = [];
  for (const [name, expressions] of Object.entries(PLAN.thresholds)) {
    all[name] = (all[name] || []).concat(expressions);
  }
  for (const [name, scenario] of Object.entries(scenarioShapes)) {
    if (scenario.tags.kind === 'command' && PLAN.achieved_share > 0) {
      const metric = `iterations{scenario:${name}}`;
      all[metric] = (all[metric] || []).concat(`count>=${Math.floor(PLAN.achieved_share * offered(scenario))}`);
    }
  }
  return all;
}

export function buildOptions() {
  if (!/^https?:\/\//.test(BASE_URL)) throw new Error(`GATEWAY_BASE_URL=${BASE_URL} is no http(s) URL`);
  const shapes = scenarios();
  return {
    scenarios: shapes,
    thresholds: thresholds(shapes),
    setupTimeout: '30m',
    discardResponseBodies: true,
    maxRedirects: 0,
    noCookiesReset: true,
    insecureSkipTLSVerify: !PLAN.verify_tls,
    systemTags: ['scenario', 'name', 'status', 'error_code'],
    summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'count'],
    userAgent: PLAN.user_agent,
  };
}
