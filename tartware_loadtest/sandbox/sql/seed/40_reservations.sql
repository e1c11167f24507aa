-- The confirmation number of a row made here is no hexadecimal number: those that commands derive from their
-- reservation's id stay free. The id's first eight digits are a bijection of the row's number.
INSERT INTO reservations (
    id, tenant_id, property_id, guest_id, room_type_id, rate_id, confirmation_number, check_in_date, check_out_date,
    booking_date, room_rate, total_amount, paid_amount, status, source, guest_name, guest_email,
    cancelled_at, is_deleted, deleted_at, created_at)
SELECT
    (lpad(to_hex(((tenant.before + n) * 2654435761) % 4294967296), 8, '0')
        || substr(sandbox_uuid('reservation', tenant.before + n)::text, 9))::uuid,
    tenant.id,
    sandbox_uuid('property', tenant.number * 10 + spot.place),
    sandbox_uuid('guest', tenant.before + 1 + (n * 7919) % tenant.rows),
    sandbox_uuid('room_type', tenant.number * 100 + spot.place * 10 + spot.kind),
    sandbox_uuid('rate', tenant.number * 100 + spot.place * 10 + spot.kind),
    format('TW-S%s', lpad((tenant.before + n)::text, 10, '0')),
    current_date + day.offset, current_date + day.offset + 1 + (n % 5)::integer,
    current_date + least(day.offset, 0) - 20,
    75 + 35 * spot.kind, (75 + 35 * spot.kind) * (1 + n % 5), CASE WHEN n % 3 = 0 THEN 50 ELSE 0 END,
    stage.status,
    (ARRAY['DIRECT', 'WEBSITE', 'PHONE', 'OTA', 'CORPORATE'])[1 + n % 5]::reservation_source,
    'Guest ' || n, format('guest%s@tenant%s.example', n, tenant.number),
    CASE WHEN stage.status = 'CANCELLED' THEN now() - interval '2 days' END,
    n % 28 = 3, CASE WHEN n % 28 = 3 THEN now() - interval '1 day' END,
    now() - (n % 300) * interval '1 day'
FROM seed_tenants AS tenant, generate_series(1, tenant.rows) AS n,
    LATERAL (SELECT (ARRAY[1, 6, 1, 6, 3, 1, 2, 6, 1, 4])[1 + n % 10] AS place, 1 + n % 2 AS kind) AS spot,
    LATERAL (SELECT (ARRAY['PENDING', 'CONFIRMED', 'PENDING', 'CONFIRMED', 'CONFIRMED', 'PENDING', 'CONFIRMED',
        'PENDING', 'CONFIRMED', 'CHECKED_IN', 'CHECKED_OUT', 'CANCELLED', 'NO_SHOW']
        )[1 + n % 13]::reservation_status AS status) AS stage,
    LATERAL (SELECT (CASE WHEN stage.status IN ('CHECKED_OUT', 'NO_SHOW') THEN -30
        WHEN stage.status = 'CHECKED_IN' THEN -1 ELSE 5 + n % 180 END)::integer AS offset) AS day;
