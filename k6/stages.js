// The stage is a tag taken from the clock: a scenario of its own for each stage would bring fresh virtual users
// and a burst of connections while the one before ends.
import exec from 'k6/execution';
import { PLAN, STEADY_SECONDS } from './settings.js';

const STEADY_FROM = PLAN.ramp_up_seconds * 1000;
const STEADY_TO = STEADY_FROM + STEADY_SECONDS * 1000;

export class StageClock {
  constructor(startTime) {
    this.start = startTime;
    this.until = -Infinity;
  }

  // Sets the tag; the caller asks when `until` is reached, so that a comparison is all that it costs.
  advance(now) {
    const elapsed = now - this.start;
    if (elapsed < STEADY_FROM) this.enter('ramp_up', STEADY_FROM);
    else if (elapsed < STEADY_TO) this.enter('steady', STEADY_TO);
    else this.enter('ramp_down', Infinity);
  }

  enter(stage, until) {
    exec.vu.metrics.tags.stage = stage;
    this.until = this.start + until;
  }
}
