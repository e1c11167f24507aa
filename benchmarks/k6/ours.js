// Our own senders, unchanged, in a closed loop: copied into a rendered bundle, whose modules it imports.
import { buildOptions } from './options.js';
import * as pipeline from './command-pipeline.js';

const planned = buildOptions();
const iterations = Number(__ENV.ITERATIONS);
const scenarios = {};
for (const [name, scenario] of Object.entries(planned.scenarios)) {
  if (scenario.tags.kind === 'command') {
    const share = scenario.stages[0].target / Number(__ENV.TOTAL_RATE);
    scenarios[name] = {
      executor: 'shared-iterations',
      vus: Math.max(1, Math.round(20 * share)),
      iterations: Math.round(iterations * share),
      maxDuration: '10m',
      exec: name,
      tags: scenario.tags,
    };
  }
}

// The thresholds stay: declaring sub-metrics is part of what our script costs.
const thresholds = {};
for (const [name, expressions] of Object.entries(planned.thresholds)) {
  if (!/^(iterations|dropped_iterations|http_req_duration|read_ok)/.test(name)) thresholds[name] = expressions;
}

export const options = { ...planned, scenarios, thresholds };
export const setup = pipeline.setup;
export const reservation_create = pipeline.reservation_create;
export const guest_register = pipeline.guest_register;
export const reservation_modify = pipeline.reservation_modify;
export const billing_payment_capture = pipeline.billing_payment_capture;
export const reservation_cancel = pipeline.reservation_cancel;
export const housekeeping_task_assign = pipeline.housekeeping_task_assign;
export const housekeeping_task_complete = pipeline.housekeeping_task_complete;
