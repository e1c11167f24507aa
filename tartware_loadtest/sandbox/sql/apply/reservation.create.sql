WITH input AS (
    SELECT command_id, tenant_id, payload, coalesce((payload ->> 'reservation_id')::uuid, gen_random_uuid()) AS id,
        (payload ->> 'check_in_date')::timestamptz::date AS check_in,
        (payload ->> 'check_out_date')::timestamptz::date AS check_out,
        (payload ->> 'property_id')::uuid AS property_id, (payload ->> 'guest_id')::uuid AS guest_id,
        (payload ->> 'room_type_id')::uuid AS room_type_id
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), judged AS (
    SELECT input.*, rate.id AS rate_id, guest.first_name || ' ' || guest.last_name AS guest_name,
        guest.email AS guest_email, 'TW-' || left(input.id::text, 8) AS confirmation,
        CASE
            WHEN check_in IS NULL OR check_out IS NULL OR check_out <= check_in THEN 'INVALID_DATES'
            WHEN property.id IS NULL THEN 'PROPERTY_NOT_FOUND_FOR_TENANT'
            WHEN room_type.id IS NULL THEN 'ROOM_TYPE_NOT_FOUND'
            WHEN guest.id IS NULL THEN 'GUEST_NOT_FOUND'
            WHEN guest.is_blacklisted THEN 'GUEST_BLACKLISTED'
            WHEN rate.id IS NULL THEN 'RATE_NOT_FOUND'
        END AS reason,
        row_number() OVER (PARTITION BY left(input.id::text, 8) ORDER BY command_id) AS nth
    FROM input
    LEFT JOIN properties AS property
        ON property.tenant_id = input.tenant_id AND property.id = input.property_id AND NOT property.is_deleted
    LEFT JOIN room_types AS room_type
        ON room_type.tenant_id = input.tenant_id AND room_type.id = input.room_type_id AND NOT room_type.is_deleted
    LEFT JOIN guests AS guest
        ON guest.tenant_id = input.tenant_id AND guest.id = input.guest_id AND NOT guest.is_deleted
    LEFT JOIN LATERAL (
        SELECT rates.id FROM rates
        WHERE rates.room_type_id = input.room_type_id AND rates.tenant_id = input.tenant_id
            AND rates.property_id = input.property_id AND rates.status = 'ACTIVE' AND NOT rates.is_deleted
            AND rates.valid_from <= input.check_in
            AND (rates.valid_until IS NULL OR rates.valid_until >= input.check_out)
            AND (rates.rate_code = input.payload ->> 'rate_code'
                OR ((NOT input.payload ? 'rate_code' OR input.payload ->> 'allow_rate_fallback' = 'true')
                    AND rates.rate_code IN ('BAR', 'RACK')))
        LIMIT 1
    ) AS rate ON true
), written AS (
    INSERT INTO reservations (
        id, tenant_id, property_id, guest_id, room_type_id, rate_id, confirmation_number, check_in_date,
        check_out_date, room_rate, total_amount, currency, status, source, guest_name, guest_email, notes)
    SELECT id, tenant_id, property_id, guest_id, room_type_id, rate_id, confirmation, check_in, check_out,
        (payload ->> 'total_amount')::numeric / (check_out - check_in), (payload ->> 'total_amount')::numeric,
        coalesce(payload ->> 'currency', 'USD'), coalesce(payload ->> 'status', 'PENDING')::reservation_status,
        coalesce(payload ->> 'source', 'DIRECT')::reservation_source, guest_name, guest_email, payload ->> 'notes'
    FROM judged WHERE reason IS NULL AND nth = 1
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT judged.command_id::text, judged.id::text, coalesce(
    judged.reason, CASE WHEN judged.nth > 1 OR written.id IS NULL THEN 'DUPLICATE_CONFIRMATION_NUMBER' END)
FROM judged LEFT JOIN written USING (id)
