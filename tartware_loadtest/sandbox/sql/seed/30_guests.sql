-- 4 % deleted, 3 % blacklisted.
INSERT INTO guests (
    id, tenant_id, first_name, last_name, email, phone, nationality, vip_status, is_blacklisted, is_deleted,
    deleted_at, created_at)
SELECT sandbox_uuid('guest', tenant.before + n), tenant.id,
    (ARRAY['Ada', 'Ben', 'Chloe', 'Dev', 'Eve', 'Finn', 'Gus', 'Hana'])[1 + n % 8],
    (ARRAY['Arnold', 'Brook', 'Chen', 'Diaz', 'Evans', 'Fox', 'Gray'])[1 + n % 7],
    format('guest%s@tenant%s.example', n, tenant.number),
    '+1' || lpad((2000000000 + n % 7999999999)::text, 10, '0'), 'USA',
    CASE WHEN n % 50 = 0 THEN 'VIP1' ELSE 'NONE' END,
    n % 33 = 1, n % 25 = 0, CASE WHEN n % 25 = 0 THEN now() - interval '5 days' END,
    now() - (n % 700) * interval '1 day'
FROM seed_tenants AS tenant, generate_series(1, tenant.rows) AS n;
