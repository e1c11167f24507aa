// Rows of IDs that belong together. Small pools are plain arrays (k6 parses and freezes each access to a
// SharedArray), large ones are shared, or every virtual user would hold a copy.
import { SharedArray } from 'k6/data';
import { PLAN } from './settings.js';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function list(name) {
  const ids = (__ENV[name] || '').split(',').map((id) => id.trim()).filter(Boolean);
  for (const id of ids) if (!ID.test(id)) throw new Error(`${name} holds ${id}, which is no UUID`);
  return ids;
}

// IDs from separate lists may not belong together: that is why bootstrap writes tuples.
function fromEnvironment() {
  const tenants = list('TENANT_IDS');
  const at = (ids, index) => (ids.length ? ids[index % ids.length] : undefined);
  const rows = (main, build) => main.map((id, index) => build(id, index)).filter((row) => row.every(Boolean));
  const [properties, types, guests] = [list('PROPERTY_IDS'), list('ROOM_TYPE_IDS'), list('GUEST_IDS')];
  const [tasks, staff] = [list('HOUSEKEEPING_TASK_IDS'), list('HOUSEKEEPING_STAFF_IDS')];
  const reservations = rows(list('RESERVATION_IDS'), (id, i) => [at(tenants, i), at(properties, i), at(guests, i), id]);
  return {
    tenants: tenants.map((id) => [id]),
    stays: rows(types, (id, i) => [at(tenants, i), at(properties, i), id, at(guests, i)]),
    reservations,
    cancellable: reservations,
    tasks: rows(tasks, (id, i) => [at(tenants, i), id, at(staff, i)]),
  };
}

const SMALL = PLAN.data === 'small' ? JSON.parse(open('./data.json')) : null;
const LISTS = PLAN.data === 'environment' ? fromEnvironment() : null;

export function pool(name, key, build) {
  // Without a row an iteration would throw, and k6 ends with 0 however many of them do.
  if (LISTS && !LISTS[name].length) throw new Error(`the lists of the environment make no ${name}, for ${key}`);
  const rows = SMALL || LISTS;
  if (rows) return rows[name].map(build);
  return new SharedArray(key, () => JSON.parse(open('./data.json'))[name].map(build));
}
