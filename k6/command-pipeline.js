// The load test: `k6 run command-pipeline.js`. What it does stands in plan.json, what it sends in data.json.
import { buildOptions } from './options.js';
import { commandSender } from './commands.js';
import { healthSender, probeSender, readSender } from './background.js';
import { agreeOnRun } from './identity.js';

export const options = buildOptions();

export function setup() {
  return agreeOnRun();
}

// k6 calls exported functions only, so each scenario has one, and the mix is exact without a random pick.
export const reservation_create = commandSender('reservation.create');
export const guest_register = commandSender('guest.register');
export const reservation_modify = commandSender('reservation.modify');
export const billing_payment_capture = commandSender('billing.payment.capture');
export const reservation_cancel = commandSender('reservation.cancel');
export const housekeeping_task_assign = commandSender('housekeeping.task.assign');
export const housekeeping_task_complete = commandSender('housekeeping.task.complete');
export const rooms = readSender('rooms');
export const guests = readSender('guests');
export const billing_payments = readSender('billing.payments');
export const health = healthSender();
export const generator_probe = probeSender();
