-- Every second reservation has a payment.
INSERT INTO payments (
    id, tenant_id, property_id, reservation_id, guest_id, payment_reference, payment_method, amount, status, created_at)
SELECT sandbox_uuid('payment', right(confirmation_number, 10)::bigint), tenant_id, property_id, id, guest_id,
    'seed-' || confirmation_number,
    (ARRAY['CREDIT_CARD', 'CASH', 'BANK_TRANSFER'])[1 + extract(day FROM check_in_date)::integer % 3]::payment_method,
    greatest(total_amount / 2, 1), 'COMPLETED', created_at
FROM reservations
WHERE right(confirmation_number, 1) IN ('0', '2', '4', '6', '8');
