-- Takes the oldest waiting commands. A row without a dispatch is an orphan: nobody ever takes it.
WITH oldest AS (
    SELECT o.id, o.delivered_at IS NOT NULL AS again
    FROM transactional_outbox AS o
    WHERE o.status = 'PENDING' AND o.id >= %(from)s AND o.aggregate_type = 'command'
        AND EXISTS (SELECT FROM command_dispatches AS d WHERE d.id = o.event_id)
    ORDER BY o.id LIMIT %(most)s
    FOR UPDATE OF o SKIP LOCKED
)
UPDATE transactional_outbox AS o
SET status = 'DELIVERED', delivered_at = now(), updated_at = now()
FROM oldest WHERE o.id = oldest.id
RETURNING o.id, oldest.again, substr(o.event_type, 9), o.event_id::text, o.tenant_id::text, o.payload::text,
    o.correlation_id::text,
    -- What two commands of one batch must not touch in one statement.
    coalesce(o.payload ->> 'payment_reference', o.payload ->> 'reservation_id', o.payload ->> 'task_id',
        lower(o.payload ->> 'email'))
