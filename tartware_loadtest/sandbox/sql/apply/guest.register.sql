WITH input AS (
    SELECT command_id, tenant_id, payload, '+' || regexp_replace(payload ->> 'phone', '\D', '', 'g') AS phone
    FROM pg_temp.batch
    WHERE command = 'guest.register' AND turn = %(turn)s AND (%(only)s::uuid IS NULL OR command_id = %(only)s)
), written AS (
    INSERT INTO guests (tenant_id, first_name, last_name, email, phone, nationality)
    SELECT tenant_id, payload ->> 'first_name', payload ->> 'last_name', payload ->> 'email', phone,
        payload ->> 'nationality'
    FROM input
    ON CONFLICT (tenant_id, lower(email)) WHERE deleted_at IS NULL DO UPDATE
    SET first_name = excluded.first_name, last_name = excluded.last_name, phone = excluded.phone,
        updated_at = now(), version = guests.version + 1
)
UPDATE pg_temp.batch SET applied = true FROM input WHERE batch.command_id = input.command_id
