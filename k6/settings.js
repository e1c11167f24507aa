// The plan, and what the environment may change of it when k6 is started by hand, by compose or by a Job.
export const PLAN = JSON.parse(open('./plan.json'));

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600 };
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;

function seconds(text) {
  let total = Number(text);
  if (Number.isNaN(total) && text.replace(PART, '') === '') {
    total = 0;
    for (const part of text.matchAll(PART)) total += Number(part[1]) * SECONDS[part[2]];
  }
  if (!(total > 0 && total < Infinity)) throw new Error(`TEST_DURATION=${text} is no duration; write it like 20m`);
  return total;
}

function rate(name, planned) {
  const text = __ENV[name];
  if (!text) return planned;
  if (!/^\d+$/.test(text)) throw new Error(`${name}=${text} is no whole number`);
  return Number(text);
}

export const BASE_URL = (__ENV.GATEWAY_BASE_URL || PLAN.base_url).replace(/\/+$/, '');
export const TOKEN = __ENV[PLAN.token_variable] || '';
export const STEADY_SECONDS = __ENV.TEST_DURATION ? seconds(__ENV.TEST_DURATION.trim()) : PLAN.steady_seconds;
export const COMMAND_RATE = rate('COMMAND_TARGET_RATE', PLAN.command_rate);
export const READ_RATE = rate('READ_RATE', PLAN.read_rate);
export const PROBE_URL = __ENV.TARTWARE_PROBE_URL || '';
