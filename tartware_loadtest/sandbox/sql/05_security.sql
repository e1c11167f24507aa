-- Row-level security as the deployment forces it: without app.current_tenant_id the application role sees nothing.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'properties', 'room_types', 'rooms', 'rates', 'guests', 'reservations',
        'housekeeping_tasks', 'payments', 'command_idempotency', 'reservation_command_lifecycle']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(%L, true), '''')::uuid)',
            name, 'app.current_tenant_id');
        -- The sandbox's own services connect as the owner and name the tenant in each statement.
        EXECUTE format('CREATE POLICY sandbox_services ON %I TO CURRENT_USER USING (true)', name);
    END LOOP;
END
$$;
