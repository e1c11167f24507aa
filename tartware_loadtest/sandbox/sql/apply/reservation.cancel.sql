WITH input AS (
    SELECT command_id, tenant_id, payload, (payload ->> 'reservation_id')::uuid AS id
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), judged AS (
    SELECT input.*, CASE
        WHEN old.id IS NULL THEN 'RESERVATION_NOT_FOUND'
        WHEN old.status NOT IN ('INQUIRY', 'QUOTED', 'PENDING', 'CONFIRMED') THEN 'INVALID_STATUS_FOR_CANCEL'
    END AS reason
    FROM input
    LEFT JOIN reservations AS old
        ON old.tenant_id = input.tenant_id AND old.id = input.id AND NOT old.is_deleted
), written AS (
    UPDATE reservations AS r
    SET status = 'CANCELLED', cancelled_at = now(), cancellation_reason = judged.payload ->> 'reason',
        updated_at = now(), version = r.version + 1
    FROM judged WHERE r.id = judged.id AND judged.reason IS NULL
)
SELECT command_id::text, id::text, reason FROM judged
