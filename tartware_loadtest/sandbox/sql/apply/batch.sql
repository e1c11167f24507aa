CREATE TEMPORARY TABLE batch (
    number bigint NOT NULL,
    command_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    command text NOT NULL,
    payload jsonb NOT NULL,
    correlation_id uuid,
    turn bigint NOT NULL,
    reservation_id uuid,
    applied boolean NOT NULL DEFAULT false,
    reason text
) ON COMMIT DELETE ROWS
