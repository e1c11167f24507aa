WITH input AS (
    SELECT command_id, tenant_id, payload, (payload ->> 'reservation_id')::uuid AS id,
        (payload ->> 'property_id')::uuid AS property_id, (payload ->> 'guest_id')::uuid AS guest_id,
        (payload ->> 'room_type_id')::uuid AS room_type_id
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), judged AS (
    SELECT input.*,
        coalesce((payload ->> 'check_in_date')::timestamptz::date, old.check_in_date) AS check_in,
        coalesce((payload ->> 'check_out_date')::timestamptz::date, old.check_out_date) AS check_out,
        CASE
            WHEN old.id IS NULL THEN 'RESERVATION_NOT_FOUND'
            WHEN input.property_id IS NOT NULL AND property.id IS NULL THEN 'PROPERTY_NOT_FOUND_FOR_TENANT'
            WHEN input.guest_id IS NOT NULL AND guest.id IS NULL THEN 'GUEST_NOT_FOUND'
            WHEN input.room_type_id IS NOT NULL AND room_type.id IS NULL THEN 'ROOM_TYPE_NOT_FOUND'
            WHEN coalesce((payload ->> 'check_in_date')::timestamptz::date, old.check_in_date)
                >= coalesce((payload ->> 'check_out_date')::timestamptz::date, old.check_out_date)
                THEN 'INVALID_DATES'
        END AS reason
    FROM input
    LEFT JOIN reservations AS old
        ON old.tenant_id = input.tenant_id AND old.id = input.id AND NOT old.is_deleted
    -- Joins: EXISTS would be planned as a hash of the whole table.
    LEFT JOIN properties AS property
        ON property.tenant_id = input.tenant_id AND property.id = input.property_id
    LEFT JOIN guests AS guest ON guest.tenant_id = input.tenant_id AND guest.id = input.guest_id
    LEFT JOIN room_types AS room_type
        ON room_type.tenant_id = input.tenant_id AND room_type.id = input.room_type_id
), written AS (
    UPDATE reservations AS r
    SET check_in_date = judged.check_in, check_out_date = judged.check_out,
        property_id = coalesce(judged.property_id, r.property_id),
        guest_id = coalesce(judged.guest_id, r.guest_id),
        room_type_id = coalesce(judged.room_type_id, r.room_type_id),
        status = coalesce((payload ->> 'status')::reservation_status, r.status),
        total_amount = coalesce((payload ->> 'total_amount')::numeric, r.total_amount),
        currency = coalesce(payload ->> 'currency', r.currency), notes = coalesce(payload ->> 'notes', r.notes),
        updated_at = now(), version = r.version + 1
    FROM judged WHERE r.id = judged.id AND judged.reason IS NULL
)
SELECT command_id::text, id::text, reason FROM judged
