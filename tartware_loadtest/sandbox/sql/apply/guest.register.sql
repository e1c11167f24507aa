WITH input AS (
    SELECT command_id, tenant_id, payload, '+' || regexp_replace(payload ->> 'phone', '\D', '', 'g') AS phone
    FROM json_to_recordset(%(rows)s::json) AS r (command_id uuid, tenant_id uuid, payload jsonb)
), written AS (
    INSERT INTO guests (tenant_id, first_name, last_name, email, phone, nationality)
    SELECT tenant_id, payload ->> 'first_name', payload ->> 'last_name', payload ->> 'email', phone,
        payload ->> 'nationality'
    FROM input
    ON CONFLICT (tenant_id, lower(email)) WHERE deleted_at IS NULL DO UPDATE
    SET first_name = excluded.first_name, last_name = excluded.last_name, phone = excluded.phone,
        updated_at = now(), version = guests.version + 1
)
SELECT command_id::text, NULL, NULL FROM input
