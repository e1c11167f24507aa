-- Takes the oldest waiting commands into the batch. A row without a dispatch is an orphan: nobody ever takes it.
WITH oldest AS (
    SELECT o.id, o.delivered_at IS NOT NULL AS again
    FROM transactional_outbox AS o
    WHERE o.status = 'PENDING' AND o.id >= %(from)s AND o.aggregate_type = 'command'
        AND EXISTS (SELECT FROM command_dispatches AS d WHERE d.id = o.event_id)
    ORDER BY o.id LIMIT %(most)s
    FOR UPDATE OF o SKIP LOCKED
), taken AS (
    UPDATE transactional_outbox AS o
    SET status = 'DELIVERED', delivered_at = now(), updated_at = now()
    FROM oldest WHERE o.id = oldest.id
    RETURNING o.id, o.event_id, o.tenant_id, substr(o.event_type, 9) AS command, o.payload, o.correlation_id,
        oldest.again
), written AS (
    INSERT INTO pg_temp.batch (number, command_id, tenant_id, command, payload, correlation_id, turn)
    SELECT id, event_id, tenant_id, command, payload, correlation_id,
        -- Two commands on one row are applied one after the other.
        row_number() OVER (
            PARTITION BY tenant_id, command,
                coalesce(payload ->> 'reservation_id', payload ->> 'task_id', lower(payload ->> 'email'),
                    id::text),
                payload ->> 'payment_reference'
            ORDER BY id)
    FROM taken WHERE NOT again
    RETURNING command, turn
)
SELECT command, max(turn), (SELECT count(*) FROM taken), (SELECT max(id) FROM taken) FROM written
GROUP BY command
UNION ALL
SELECT '', 0, (SELECT count(*) FROM taken), (SELECT max(id) FROM taken)
