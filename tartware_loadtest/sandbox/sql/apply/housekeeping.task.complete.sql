WITH input AS (
    SELECT command_id, tenant_id, payload, (payload ->> 'task_id')::uuid AS id
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), written AS (
    UPDATE housekeeping_tasks AS t
    SET status = 'CLEAN', completed_at = now(), notes = coalesce(payload ->> 'notes', t.notes),
        inspected_by = coalesce((payload -> 'inspection' ->> 'inspected_by')::uuid, t.inspected_by),
        updated_at = now(), version = t.version + 1
    FROM input WHERE t.tenant_id = input.tenant_id AND t.id = input.id AND NOT t.is_deleted
    RETURNING t.id
)
SELECT input.command_id::text, NULL, CASE WHEN written.id IS NULL THEN 'TASK_NOT_FOUND' END
FROM input LEFT JOIN written USING (id)
