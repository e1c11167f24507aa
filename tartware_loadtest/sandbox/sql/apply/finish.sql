-- What proves the outcome, where the deployment's own consumers write it. The idempotency row of a reservation
-- command says only that its event was queued: it is there also where applying the event failed.
WITH failed AS (
    INSERT INTO sandbox_command_failures (command_id, kind, reason)
    SELECT command_id, 'failed', coalesce(reason, 'NO_CONSUMER') FROM pg_temp.batch WHERE NOT applied
    RETURNING command_id
), proven AS (
    INSERT INTO command_idempotency (tenant_id, idempotency_key, command_name, command_id)
    SELECT tenant_id, command_id::text, command, command_id FROM pg_temp.batch
    WHERE applied OR reason = 'DUPLICATE_CONFIRMATION_NUMBER'
), traced AS (
    INSERT INTO reservation_command_lifecycle (
        event_id, tenant_id, reservation_id, command_name, correlation_id, current_state, state_reason)
    SELECT command_id, tenant_id, reservation_id, command, correlation_id::text,
        CASE WHEN applied THEN 'APPLIED' ELSE 'DLQ' END::command_lifecycle_state, reason
    FROM pg_temp.batch WHERE command LIKE 'reservation.%%'
)
SELECT count(*) FROM failed
