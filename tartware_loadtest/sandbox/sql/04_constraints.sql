-- Keys, uniqueness and indexes, built over the seeded rows.
-- (tenant_id, id) is unique on every table with a tenant: the composite foreign keys need it on the parents, and
-- the sampler walks bounded windows over it on all of them.
ALTER TABLE tenants ADD PRIMARY KEY (id), ADD UNIQUE (slug);
ALTER TABLE users ADD PRIMARY KEY (id), ADD UNIQUE (username), ADD UNIQUE (email);
ALTER TABLE user_tenant_associations
    ADD PRIMARY KEY (id), ADD UNIQUE (user_id, tenant_id),
    ADD FOREIGN KEY (user_id) REFERENCES users (id), ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
CREATE INDEX idx_associations_tenant ON user_tenant_associations (tenant_id);

ALTER TABLE properties ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id), ADD UNIQUE (property_code),
    ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE room_types ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id), ADD UNIQUE (property_id, type_code),
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id);
ALTER TABLE rooms ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id), ADD UNIQUE (property_id, room_number),
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, room_type_id) REFERENCES room_types (tenant_id, id);
ALTER TABLE rates ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id), ADD UNIQUE (property_id, rate_code),
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, room_type_id) REFERENCES room_types (tenant_id, id);
CREATE INDEX idx_rates_room_type ON rates (room_type_id);

ALTER TABLE guests ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id);
CREATE UNIQUE INDEX idx_guests_tenant_email ON guests (tenant_id, lower(email)) WHERE deleted_at IS NULL;
ALTER TABLE reservations ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id), ADD UNIQUE (confirmation_number);
CREATE INDEX idx_reservations_guest ON reservations (guest_id);
CREATE INDEX idx_reservations_property_dates ON reservations (property_id, check_in_date);
ALTER TABLE housekeeping_tasks ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id);
CREATE INDEX idx_tasks_property ON housekeeping_tasks (property_id, scheduled_date);
ALTER TABLE payments ADD PRIMARY KEY (id), ADD UNIQUE (tenant_id, id),
    ADD UNIQUE (tenant_id, payment_reference);
CREATE INDEX idx_payments_reservation ON payments (reservation_id);

-- NOT VALID: enforced for every new row; checking the seed's own rows would only cost minutes at ten million.
ALTER TABLE guests ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id) NOT VALID;
ALTER TABLE reservations
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) NOT VALID,
    ADD FOREIGN KEY (tenant_id, guest_id) REFERENCES guests (tenant_id, id) NOT VALID,
    ADD FOREIGN KEY (tenant_id, room_type_id) REFERENCES room_types (tenant_id, id) NOT VALID,
    ADD FOREIGN KEY (tenant_id, rate_id) REFERENCES rates (tenant_id, id) NOT VALID;
ALTER TABLE housekeeping_tasks
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) NOT VALID;
ALTER TABLE payments
    ADD FOREIGN KEY (tenant_id, property_id) REFERENCES properties (tenant_id, id) NOT VALID,
    ADD FOREIGN KEY (tenant_id, reservation_id) REFERENCES reservations (tenant_id, id) NOT VALID,
    ADD FOREIGN KEY (tenant_id, guest_id) REFERENCES guests (tenant_id, id) NOT VALID;
ALTER TABLE transactional_outbox ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE command_dispatches ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE command_features ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
ALTER TABLE command_routes ADD FOREIGN KEY (tenant_id) REFERENCES tenants (id);
