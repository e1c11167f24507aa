-- Six properties a tenant: 1 and 6 bookable; 2 with rates that ended or are off; 3 whose rates end tomorrow;
-- 4 inactive; 5 deleted.
INSERT INTO properties (
    id, tenant_id, property_name, property_code, total_rooms, is_active, is_deleted, deleted_at)
SELECT sandbox_uuid('property', tenant.number * 10 + place), tenant.id, format('House %s of %s', place, tenant.number),
    format('T%sP%s', tenant.number, place), 60, place <> 4, place = 5,
    CASE WHEN place = 5 THEN now() - interval '10 days' END
FROM seed_tenants AS tenant, generate_series(1, 6) AS place
WHERE tenant.kind <> 'empty';

-- Five room types a property: 1 with BAR, 2 with RACK, 3 with a corporate rate only, 4 inactive, 5 deleted.
INSERT INTO room_types (
    id, tenant_id, property_id, type_name, type_code, base_price, max_occupancy, is_active, is_deleted, deleted_at)
SELECT sandbox_uuid('room_type', tenant.number * 100 + place * 10 + sort), tenant.id,
    sandbox_uuid('property', tenant.number * 10 + place),
    (ARRAY['Standard', 'Deluxe', 'Corporate', 'Closed wing', 'Former suite'])[sort],
    (ARRAY['STD', 'DLX', 'CRP', 'CLS', 'OLD'])[sort], 80 + 40 * sort, 2, sort <> 4, sort = 5,
    CASE WHEN sort = 5 THEN now() - interval '10 days' END
FROM seed_tenants AS tenant, generate_series(1, 6) AS place, generate_series(1, 5) AS sort
WHERE tenant.kind <> 'empty';

INSERT INTO rates (
    id, tenant_id, property_id, room_type_id, rate_code, rate_name, base_rate, status, valid_from, valid_until)
SELECT sandbox_uuid('rate', tenant.number * 100 + place * 10 + sort), tenant.id,
    sandbox_uuid('property', tenant.number * 10 + place),
    sandbox_uuid('room_type', tenant.number * 100 + place * 10 + sort),
    (ARRAY['BAR', 'RACK', 'CORP', 'SUMMER', 'WINTER'])[sort],
    (ARRAY['Best available', 'Rack', 'Corporate', 'Summer', 'Winter'])[sort], 75 + 35 * sort,
    CASE WHEN place = 2 AND sort = 1 THEN 'EXPIRED' WHEN place = 2 AND sort = 2 THEN 'INACTIVE' ELSE 'ACTIVE'
    END::rate_status,
    current_date - 365,
    CASE WHEN place = 2 AND sort = 1 THEN current_date - 1 WHEN place = 3 THEN current_date + 1
        WHEN place = 6 THEN current_date + 3650 END
FROM seed_tenants AS tenant, generate_series(1, 6) AS place, generate_series(1, 5) AS sort
WHERE tenant.kind <> 'empty';

INSERT INTO rooms (
    id, tenant_id, property_id, room_type_id, room_number, status, housekeeping_status, is_blocked,
    is_out_of_order, is_deleted, deleted_at)
SELECT sandbox_uuid('room', tenant.number * 1000 + place * 100 + door), tenant.id,
    sandbox_uuid('property', tenant.number * 10 + place),
    sandbox_uuid('room_type', tenant.number * 100 + place * 10 + 1 + door % 3),
    (100 * (1 + door / 20) + door % 20)::text,
    (ARRAY['AVAILABLE', 'OCCUPIED', 'AVAILABLE', 'DIRTY', 'OUT_OF_ORDER'])[1 + door % 5]::room_status,
    (ARRAY['CLEAN', 'DIRTY', 'INSPECTED'])[1 + door % 3]::housekeeping_status,
    door % 17 = 0, door % 5 = 4, door % 29 = 0, CASE WHEN door % 29 = 0 THEN now() END
FROM seed_tenants AS tenant, generate_series(1, 6) AS place, generate_series(1, 60) AS door
WHERE tenant.kind <> 'empty';
