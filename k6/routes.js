// Where a row of a command goes, and the text around its fields: the generic endpoint or the REST wrapper.
import { BASE_URL, PLAN } from './settings.js';

const WRAPPED_ROW = { tenant: 0, task: 1, reservation: 3 };

function wrapper(command, template) {
  return (row) => BASE_URL + template.replace(/\{(\w+)\}/g, (_, name) => row[WRAPPED_ROW[name]]);
}

// `tenantInBody`: the one wrapper whose path does not name the tenant.
export function route(command) {
  const template = PLAN.wrappers[command];
  if (!template) {
    const url = `${BASE_URL}/v1/commands/${command}/execute`;
    return { url: () => url, open: (row) => `{"tenant_id":"${row[0]}","payload":{`, close: '}}' };
  }
  const tenantInBody = !template.includes('{tenant}');
  return {
    url: wrapper(command, template),
    open: (row) => (tenantInBody ? `{"tenant_id":"${row[0]}",` : '{'),
    close: '}',
  };
}
