// Why a request was refused, in a fixed set of classes. The gateway's limiter answers 403, so the kinds of 403
// are told apart by headers and by what the body says.
function forbidden(res) {
  const body = String(res.body || '');
  if (res.headers['X-Ratelimit-Remaining'] === '0' || /rate limit/i.test(body)) return 'rate_limit';
  if (body.includes('TENANT_ROLE_INSUFFICIENT')) return 'role';
  if (body.includes('MODULE')) return 'module';
  if (body.includes('TENANT_ACCESS')) return 'tenant';
  return 'other';
}

export function rejection(res) {
  const status = res.status;
  if (status === 0) return 'transport';
  if (status >= 500) return '5xx';
  if (status === 403) return forbidden(res);
  if (status === 401) return 'unauthenticated';
  if (status === 429) return 'rate_limit';
  if (status === 400 || status === 422) return 'payload';
  if (status === 409) return String(res.body || '').includes('FEATURE_DISABLED') ? 'feature_disabled' : 'conflict';
  return 'other';
}
