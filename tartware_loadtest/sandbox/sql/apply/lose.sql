-- A consumer that rejoins at the latest offset never sees what was queued meanwhile.
WITH waiting AS (
    SELECT o.id FROM transactional_outbox AS o
    WHERE o.status = 'PENDING' AND o.aggregate_type = 'command' AND o.delivered_at IS NULL
        AND EXISTS (SELECT FROM command_dispatches AS d WHERE d.id = o.event_id)
    FOR UPDATE OF o SKIP LOCKED
), lost AS (
    UPDATE transactional_outbox AS o SET status = 'DELIVERED', delivered_at = now(), updated_at = now()
    FROM waiting WHERE o.id = waiting.id
    RETURNING o.event_id
)
INSERT INTO sandbox_command_failures (command_id, kind, reason)
SELECT event_id, 'lost', 'REJOINED_AT_LATEST' FROM lost
