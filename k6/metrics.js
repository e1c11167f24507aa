// The metrics of the verdict. A share within a limit is a Rate: constant memory, exact over any number of
// processes, which no percentile is.
import { Counter, Rate, Trend } from 'k6/metrics';
import { PLAN } from './settings.js';

export const commandDuration = new Trend('command_duration_ms', true);
export const commandAccepted = new Rate('command_accepted');
export const readDuration = new Trend('read_duration_ms', true);
export const readOk = new Rate('read_ok');
export const rejected = new Counter('rejected');
export const generatorProbe = new Trend('generator_probe_ms', true);

function slowRates(kind) {
  return PLAN.slow[kind].map((slow) => ({ limit: slow.limit_ms, rate: new Rate(slow.metric) }));
}

export const commandSlow = slowRates('command');
export const readSlow = slowRates('read');

export function lowest(slow) {
  return slow.reduce((least, one) => Math.min(least, one.limit), Infinity);
}
