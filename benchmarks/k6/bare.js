// The floor: one constant POST, nothing counted beyond what k6 counts anyway.
import http from 'k6/http';

export const options = {
  scenarios: {
    bare: { executor: 'shared-iterations', vus: 20, iterations: Number(__ENV.ITERATIONS), maxDuration: '10m' },
  },
};

const url = `${__ENV.GATEWAY_BASE_URL}/v1/commands/guest.register/execute`;
const body = JSON.stringify({
  tenant_id: '11111111-1111-4111-8111-111111111111',
  payload: { first_name: 'Load', last_name: 'Test', email: 'load@load.example.com', phone: '+15550000000' },
});
const params = { headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${__ENV.API_TOKEN}` } };

export default function bare() {
  http.post(url, body, params);
}
