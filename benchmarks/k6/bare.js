// The floor: one constant POST with the headers that the gateway asks for, nothing counted beyond what k6 counts
// anyway. No gateway would take it twice: the key never changes.
import http from 'k6/http';

export const options = {
  scenarios: {
    bare: { executor: 'shared-iterations', vus: 20, iterations: Number(__ENV.ITERATIONS), maxDuration: '10m' },
  },
};

const url = `${__ENV.GATEWAY_BASE_URL}/v1/commands/reservation.create/execute`;
const id = '11111111-0001-4000-8000-000000000001';
const body = JSON.stringify({
  tenant_id: id,
  payload: {
    property_id: id,
    room_type_id: id,
    guest_id: id,
    status: 'PENDING',
    source: 'DIRECT',
    currency: 'USD',
    check_in_date: '2030-01-01',
    check_out_date: '2030-01-04',
    total_amount: 250,
    reservation_id: id,
  },
});
const params = {
  headers: {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${__ENV.API_TOKEN}`,
    'Idempotency-Key': id,
    'X-Correlation-Id': id,
  },
};

export default function bare() {
  http.post(url, body, params);
}
