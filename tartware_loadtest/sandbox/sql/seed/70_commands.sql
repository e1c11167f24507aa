-- The registry. Modules differ between the two ages of the gateway; every feature starts enabled.
INSERT INTO command_templates (command_name, default_target_service, required_modules, description)
SELECT name, service,
    jsonb_build_array(CASE current_setting('sandbox.age') WHEN 'S' THEN module_s ELSE module_h END), 'sandbox'
FROM (VALUES
    ('guest.register', 'guests-service', 'core', 'guests'),
    ('reservation.create', 'reservations-command-service', 'core', 'reservations'),
    ('reservation.modify', 'reservations-command-service', 'core', 'reservations'),
    ('reservation.cancel', 'reservations-command-service', 'core', 'reservations'),
    ('billing.payment.capture', 'billing-service', 'finance-automation', 'billing'),
    ('housekeeping.task.assign', 'housekeeping-service', 'facility-maintenance', 'operations'),
    ('housekeeping.task.complete', 'housekeeping-service', 'facility-maintenance', 'operations')
) AS command (name, service, module_h, module_s);
INSERT INTO command_routes (command_name, environment, service_id, topic)
SELECT command_name, 'sandbox', default_target_service, default_topic FROM command_templates;
INSERT INTO command_features (command_name, environment, status)
SELECT command_name, 'sandbox', 'enabled' FROM command_templates;
