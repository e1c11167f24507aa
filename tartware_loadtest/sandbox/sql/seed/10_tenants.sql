-- Shaped like version-4 UUIDs, so that strict validators take them; the same for the same seed, on every machine.
CREATE FUNCTION sandbox_uuid(kind text, number bigint) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN overlay(overlay(
        md5(current_setting('sandbox.seed') || ':' || kind || ':' || number)
        PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid;

-- One huge tenant, small ones, and the traps: a tenant with nothing, a suspended and a deleted one that have rows.
CREATE TEMPORARY TABLE seed_tenants AS
WITH option AS (
    SELECT current_setting('sandbox.tenants')::bigint AS tenants, current_setting('sandbox.rows')::bigint AS rows
), kinds AS (
    SELECT number, 'usable' AS kind FROM option, generate_series(1, tenants) AS number
    UNION ALL
    SELECT tenants + extra.number, extra.kind
    FROM option, (VALUES (1, 'empty'), (2, 'suspended'), (3, 'deleted')) AS extra (number, kind)
), sized AS (
    SELECT number, kind, CASE
        WHEN kind = 'empty' THEN 0
        WHEN kind <> 'usable' THEN greatest(rows / 50, 1)
        WHEN number = 1 AND tenants > 1 THEN rows * 7 / 10
        WHEN number = 1 THEN rows - 2 * greatest(rows / 50, 1)
        -- The second takes what the division leaves over, so that the sum is exact.
        ELSE (rows - rows * 7 / 10 - 2 * greatest(rows / 50, 1)) / (tenants - 1)
            + CASE number WHEN 2 THEN (rows - rows * 7 / 10 - 2 * greatest(rows / 50, 1)) % (tenants - 1) ELSE 0 END
    END AS rows
    FROM kinds, option
)
SELECT number, kind, rows, sandbox_uuid('tenant', number) AS id,
    coalesce(sum(rows) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
FROM sized;

INSERT INTO tenants (id, name, slug, type, status, email, is_deleted, deleted_at, created_at)
SELECT id, 'Sandbox Hotels ' || number || ' (' || kind || ')', 'sandbox-' || number,
    (ARRAY['INDEPENDENT', 'CHAIN', 'FRANCHISE'])[1 + number % 3]::tenant_type,
    CASE kind WHEN 'suspended' THEN 'SUSPENDED' ELSE 'ACTIVE' END::tenant_status,
    'office@tenant' || number || '.example',
    kind = 'deleted', CASE WHEN kind = 'deleted' THEN now() - interval '30 days' END,
    -- The traps are the newest: whoever takes the newest tenants first meets them first.
    now() - interval '400 days' + number * interval '1 day'
FROM seed_tenants;

INSERT INTO users (id, username, email, is_active)
SELECT sandbox_uuid('user', number), name, name || '@sandbox.example', true
FROM unnest(ARRAY[
    'sandbox.admin', 'sandbox.manager', 'sandbox.staff', 'sandbox.viewer',
    'sandbox.nomodules', 'sandbox.inactive', 'sandbox.outsider']) WITH ORDINALITY AS people (name, number);
INSERT INTO users (id, username, email)
SELECT sandbox_uuid('staff', tenant.number * 100 + person), format('staff.%s.%s', tenant.number, person),
    format('staff.%s.%s@sandbox.example', tenant.number, person)
FROM seed_tenants AS tenant, generate_series(1, 8) AS person
WHERE tenant.kind <> 'empty';

INSERT INTO user_tenant_associations (id, user_id, tenant_id, role, is_active, modules)
SELECT sandbox_uuid('association', row_number() OVER (ORDER BY person.username, tenant.number)),
    person.id, tenant.id, access.role::tenant_role, access.username <> 'sandbox.inactive',
    CASE WHEN access.username = 'sandbox.nomodules' THEN '["core"]' ELSE '["core", "reservations", "guests",
        "housekeeping", "billing", "operations", "inventory", "finance-automation", "facility-maintenance"]'
    END::jsonb
FROM (VALUES ('sandbox.admin', 'OWNER'), ('sandbox.manager', 'MANAGER'), ('sandbox.staff', 'STAFF'),
    ('sandbox.viewer', 'VIEWER'), ('sandbox.nomodules', 'ADMIN'), ('sandbox.inactive', 'ADMIN')
) AS access (username, role)
JOIN users AS person USING (username)
CROSS JOIN seed_tenants AS tenant
WHERE tenant.kind IN ('usable', 'empty');
INSERT INTO user_tenant_associations (id, user_id, tenant_id, role, is_active, is_deleted, deleted_at)
SELECT sandbox_uuid('staff-association', tenant.number * 100 + person),
    sandbox_uuid('staff', tenant.number * 100 + person), tenant.id,
    (ARRAY['STAFF', 'STAFF', 'STAFF', 'STAFF', 'STAFF', 'MANAGER', 'STAFF', 'STAFF'])[person]::tenant_role,
    person <> 7, person = 8, CASE WHEN person = 8 THEN now() END
FROM seed_tenants AS tenant, generate_series(1, 8) AS person
WHERE tenant.kind <> 'empty';
