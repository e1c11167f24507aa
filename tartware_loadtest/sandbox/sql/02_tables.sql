-- The tables that sampling, the gateway and the consumer touch. Keys and indexes follow after the seed
-- (04_constraints.sql): building them once over loaded rows is several times faster.
CREATE TABLE tenants (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid GENERATED ALWAYS AS (id) STORED,
    name varchar(200) NOT NULL,
    slug varchar(200) NOT NULL,
    type tenant_type NOT NULL DEFAULT 'INDEPENDENT',
    status tenant_status NOT NULL DEFAULT 'ACTIVE',
    email varchar(255) NOT NULL,
    config jsonb NOT NULL DEFAULT '{}',
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE users (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    username varchar(80) NOT NULL,
    email varchar(255) NOT NULL,
    password_hash text,
    is_active boolean NOT NULL DEFAULT true,
    mfa_enabled boolean NOT NULL DEFAULT false,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE user_tenant_associations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    role tenant_role NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    permissions jsonb NOT NULL DEFAULT '{}',
    modules jsonb NOT NULL DEFAULT '["core"]',
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE properties (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_name varchar(200) NOT NULL,
    property_code varchar(50) NOT NULL,
    total_rooms integer NOT NULL DEFAULT 0 CHECK (total_rooms >= 0),
    currency char(3) NOT NULL DEFAULT 'USD',
    timezone varchar(60) NOT NULL DEFAULT 'UTC',
    is_active boolean NOT NULL DEFAULT true,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE room_types (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    type_name varchar(100) NOT NULL,
    type_code varchar(50) NOT NULL,
    base_price numeric(12, 2) NOT NULL CHECK (base_price >= 0),
    max_occupancy integer NOT NULL DEFAULT 2 CHECK (max_occupancy > 0),
    is_active boolean NOT NULL DEFAULT true,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE rooms (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    room_type_id uuid NOT NULL,
    room_number varchar(20) NOT NULL,
    status room_status NOT NULL DEFAULT 'AVAILABLE',
    housekeeping_status housekeeping_status NOT NULL DEFAULT 'CLEAN',
    maintenance_status maintenance_status NOT NULL DEFAULT 'OPERATIONAL',
    is_blocked boolean NOT NULL DEFAULT false,
    is_out_of_order boolean NOT NULL DEFAULT false,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE rates (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    room_type_id uuid NOT NULL,
    rate_code varchar(50) NOT NULL,
    rate_name varchar(100) NOT NULL,
    base_rate numeric(12, 2) NOT NULL CHECK (base_rate >= 0),
    status rate_status NOT NULL DEFAULT 'ACTIVE',
    valid_from date NOT NULL,
    valid_until date,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz
);

CREATE TABLE guests (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    first_name varchar(100) NOT NULL,
    last_name varchar(100) NOT NULL,
    email varchar(255) NOT NULL CHECK (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'),
    phone varchar(20),
    nationality varchar(3),
    vip_status varchar(20) NOT NULL DEFAULT 'NONE',
    is_blacklisted boolean NOT NULL DEFAULT false,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE reservations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    room_type_id uuid NOT NULL,
    rate_id uuid,
    confirmation_number varchar(50) NOT NULL,
    check_in_date date NOT NULL,
    check_out_date date NOT NULL,
    booking_date date NOT NULL DEFAULT current_date,
    room_number varchar(20),
    adults integer NOT NULL DEFAULT 1 CHECK (adults > 0),
    room_rate numeric(12, 2) NOT NULL CHECK (room_rate >= 0),
    total_amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (total_amount >= 0),
    paid_amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (paid_amount >= 0),
    balance_due numeric(12, 2) GENERATED ALWAYS AS (total_amount - paid_amount) STORED,
    currency char(3) NOT NULL DEFAULT 'USD',
    status reservation_status NOT NULL DEFAULT 'PENDING',
    source reservation_source NOT NULL DEFAULT 'DIRECT',
    guest_name varchar(200) NOT NULL,
    guest_email varchar(255) NOT NULL,
    notes text,
    cancellation_reason text,
    cancelled_at timestamptz,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CHECK (check_in_date < check_out_date)
);

CREATE TABLE housekeeping_tasks (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    room_number varchar(20) NOT NULL,
    task_type varchar(50) NOT NULL,
    priority varchar(20) NOT NULL DEFAULT 'normal',
    status housekeeping_status NOT NULL DEFAULT 'DIRTY',
    assigned_to uuid,
    inspected_by uuid,
    scheduled_date date NOT NULL,
    completed_at timestamptz,
    notes text,
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE payments (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL,
    property_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    payment_reference varchar(100) NOT NULL,
    transaction_type transaction_type NOT NULL DEFAULT 'PAYMENT',
    payment_method payment_method NOT NULL,
    amount numeric(12, 2) NOT NULL CHECK (amount > 0),
    currency char(3) NOT NULL DEFAULT 'USD',
    status payment_status NOT NULL DEFAULT 'COMPLETED',
    gateway_reference varchar(100),
    is_deleted boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
