// What each command sends. `fields` never change for a row, so they are joined once; `tail` differs with each
// command. Concatenation, because serialising objects costs an eighth of k6's whole time for a request.
import { PLAN } from './settings.js';

const DAY = 24 * 3600 * 1000;

function day(offset) {
  return new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
}

const STAYS = Array.from({ length: PLAN.stay.spread_days }, (_, index) => {
  const first = PLAN.stay.first_day + index;
  return `"check_in_date":"${day(first)}","check_out_date":"${day(first + PLAN.stay.nights)}"`;
});

function stay(iteration) {
  return STAYS[iteration % STAYS.length];
}

function amount(iteration) {
  return 100 + (iteration % 500);
}

export const BODIES = {
  'reservation.create': {
    pool: 'stays',
    fields: (row) =>
      `"property_id":"${row[1]}","room_type_id":"${row[2]}","guest_id":"${row[3]}","status":"PENDING",` +
      '"source":"DIRECT","currency":"USD",',
    tail: (iteration, identity) =>
      `${stay(iteration)},"total_amount":${amount(iteration)},"reservation_id":"${identity.newRow(iteration)}"`,
  },
  'guest.register': {
    pool: 'tenants',
    fields: () => '"first_name":"Load","last_name":"Test",',
    tail: (iteration, identity, id) =>
      `"email":"${id}@load.example.com","phone":"+1555${(10000000 + (iteration % 10000000)).toString().slice(1)}"`,
  },
  'reservation.modify': {
    pool: 'reservations',
    fields: (row) => `"reservation_id":"${row[3]}",`,
    tail: (iteration) => `${stay(iteration)},"total_amount":${amount(iteration)}`,
  },
  'billing.payment.capture': {
    pool: 'reservations',
    fields: (row) =>
      `"property_id":"${row[1]}","guest_id":"${row[2]}","reservation_id":"${row[3]}",` +
      '"payment_method":"CREDIT_CARD","currency":"USD",',
    tail: (iteration, identity, id) => `"payment_reference":"lt-${id}","amount":${amount(iteration)}`,
  },
  'reservation.cancel': {
    pool: 'cancellable',
    fields: (row) => `"reservation_id":"${row[3]}",`,
    tail: () => '"reason":"load test"',
  },
  'housekeeping.task.assign': {
    pool: 'tasks',
    fields: (row) => `"task_id":"${row[1]}","assigned_to":"${row[2]}",`,
    tail: () => '"priority":"normal"',
  },
  'housekeeping.task.complete': {
    pool: 'tasks',
    fields: (row) => `"task_id":"${row[1]}","completed_by":"${row[2]}",`,
    tail: () => '"notes":"load test"',
  },
};
