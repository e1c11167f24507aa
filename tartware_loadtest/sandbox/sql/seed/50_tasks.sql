-- A third has no staff; in the last tenant that has data none has (the sampler's other way to find staff).
INSERT INTO housekeeping_tasks (
    id, tenant_id, property_id, room_number, task_type, priority, status, assigned_to, scheduled_date,
    completed_at, is_deleted, deleted_at, created_at)
SELECT sandbox_uuid('task', tenant.before + n), tenant.id,
    sandbox_uuid('property', tenant.number * 10 + (ARRAY[1, 6, 1, 2, 3])[1 + n % 5]),
    (101 + n % 60)::text,
    (ARRAY['CLEANING', 'TURNDOWN', 'INSPECTION', 'DEEP_CLEAN'])[1 + n % 4],
    (ARRAY['normal', 'high', 'low'])[1 + n % 3],
    (ARRAY['DIRTY', 'DIRTY', 'IN_PROGRESS', 'CLEAN', 'INSPECTED'])[1 + n % 5]::housekeeping_status,
    CASE WHEN n % 3 <> 0 AND (tenant.number <> current_setting('sandbox.tenants')::bigint OR tenant.number <= 3)
        THEN sandbox_uuid('staff', tenant.number * 100 + 1 + n % 6) END,
    current_date + (n % 14)::integer,
    CASE WHEN n % 5 >= 3 THEN now() - interval '1 hour' END,
    n % 26 = 5, CASE WHEN n % 26 = 5 THEN now() END,
    now() - (n % 30) * interval '1 day'
FROM seed_tenants AS tenant, generate_series(1, tenant.rows) AS n;
