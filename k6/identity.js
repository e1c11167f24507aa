// One identity a command: 8 hex digits of the run, the scenario, the iteration, in the shape of a version-4 UUID.
import { sleep } from 'k6';
import { PLAN } from './settings.js';

const HEX_12 = 0x1000000000000;

function drawRun() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Chosen when the run starts, never rendered: a bundle that runs twice must not send the same keys, or
// deduplication answers a fast 202 to everything.
export function agreeOnRun() {
  const given = (__ENV.TARTWARE_RUN || '').replace(/-/g, '').slice(0, 8).toLowerCase();
  const run = /^[0-9a-f]{8}$/.test(given) ? given : drawRun();
  const startAt = Number(__ENV.TARTWARE_START_AT || 0);
  if (startAt > Date.now()) sleep((startAt - Date.now()) / 1000);
  return { run };
}

function hex12(number) {
  return (HEX_12 + number).toString(16).slice(1);
}

export class Identity {
  constructor(run, scenario) {
    const index = PLAN.scenarios.findIndex((planned) => planned.name === scenario) + 1;
    this.request = `${run}-${index.toString(16).padStart(4, '0')}-4000-8000-`;
    this.offset = parseInt(run, 16);
    this.row = `-${run.slice(0, 4)}-4${run.slice(4, 7)}-8${run.slice(7)}00-`;
  }

  // Both Idempotency-Key and X-Correlation-Id.
  of(iteration) {
    return this.request + hex12(iteration);
  }

  // The confirmation number is made of the first 8 digits and is unique: an odd factor is a bijection on 32
  // bits, and two runs meet only if their ranges of offsets do.
  newRow(iteration) {
    const first = Math.imul(this.offset + iteration, 0x9e3779b1) >>> 0;
    return (0x100000000 + first).toString(16).slice(1) + this.row + hex12(iteration);
  }
}
