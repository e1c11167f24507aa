WITH input AS (
    SELECT command_id, tenant_id, payload, (payload ->> 'property_id')::uuid AS property_id,
        (payload ->> 'reservation_id')::uuid AS reservation_id, (payload ->> 'guest_id')::uuid AS guest_id
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), judged AS (
    SELECT input.*, CASE
        WHEN input.reservation_id IS NULL THEN 'RESERVATION_REQUIRED'
        WHEN input.guest_id IS NULL THEN 'GUEST_REQUIRED'
        WHEN property.id IS NULL THEN 'PROPERTY_NOT_FOUND_FOR_TENANT'
        WHEN reservation.id IS NULL THEN 'RESERVATION_NOT_FOUND'
        WHEN guest.id IS NULL THEN 'GUEST_NOT_FOUND'
    END AS reason
    FROM input
    -- Joins: EXISTS would be planned as a hash of the whole table.
    LEFT JOIN properties AS property
        ON property.tenant_id = input.tenant_id AND property.id = input.property_id
    LEFT JOIN reservations AS reservation
        ON reservation.tenant_id = input.tenant_id AND reservation.id = input.reservation_id
    LEFT JOIN guests AS guest ON guest.tenant_id = input.tenant_id AND guest.id = input.guest_id
), written AS (
    INSERT INTO payments (
        tenant_id, property_id, reservation_id, guest_id, payment_reference, transaction_type, payment_method,
        amount, currency, gateway_reference)
    SELECT tenant_id, property_id, reservation_id, guest_id, payload ->> 'payment_reference',
        coalesce(payload ->> 'transaction_type', 'PAYMENT')::transaction_type,
        (payload ->> 'payment_method')::payment_method, (payload ->> 'amount')::numeric,
        coalesce(payload ->> 'currency', 'USD'), payload -> 'gateway' ->> 'reference'
    FROM judged WHERE reason IS NULL
    -- The same reference overwrites, as the deployment does.
    ON CONFLICT (tenant_id, payment_reference) DO UPDATE
    SET amount = excluded.amount, payment_method = excluded.payment_method, updated_at = now(),
        version = payments.version + 1
)
SELECT command_id::text, reservation_id::text, reason FROM judged
