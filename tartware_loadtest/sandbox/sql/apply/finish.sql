-- What proves the outcome, where the deployment's own consumers write it. The idempotency row of a reservation
-- command says only that its event was queued: it is there also where applying the event failed.
WITH outcome AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS r (
        command_id uuid, tenant_id uuid, command text, correlation_id text, reservation_id uuid, reason text)
), failed AS (
    INSERT INTO sandbox_command_failures (command_id, kind, reason)
    SELECT command_id, 'failed', reason FROM outcome WHERE reason IS NOT NULL
), proven AS (
    INSERT INTO command_idempotency (tenant_id, idempotency_key, command_name, command_id)
    SELECT tenant_id, command_id::text, command, command_id FROM outcome
    WHERE reason IS NULL OR reason = 'DUPLICATE_CONFIRMATION_NUMBER'
)
INSERT INTO reservation_command_lifecycle (
    event_id, tenant_id, reservation_id, command_name, correlation_id, current_state, state_reason)
SELECT command_id, tenant_id, reservation_id, command, correlation_id,
    CASE WHEN reason IS NULL THEN 'APPLIED' ELSE 'DLQ' END::command_lifecycle_state, reason
FROM outcome WHERE command LIKE 'reservation.%%'
