from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tartware_loadtest.sandbox.consumer.apply import Taken, apply_batch, lose_waiting
from tartware_loadtest.sandbox.consumer.settings import Defect
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database

pytestmark = pytest.mark.postgres


class Queue:
    """Queues commands as the gateway does, and applies them without a process between."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        rows = connection.execute(
            "SELECT id::text FROM tenants WHERE name LIKE '%(usable)' ORDER BY created_at"
        ).fetchall()
        self.tenants = [row[0] for row in rows]

    def value(self, statement: str, *parameters: object) -> Any:
        row = self.connection.execute(statement, parameters).fetchone()
        return row[0] if row else None

    def put(self, command: str, payload: dict[str, Any], tenant: str | None = None) -> str:
        command_id = str(uuid.uuid4())
        tenant = tenant or self.tenants[0]
        self.connection.execute(
            "INSERT INTO command_dispatches (id, command_name, tenant_id, target_service, target_topic,"
            " request_id, payload_hash, outbox_event_id) VALUES (%s, %s, %s, 's', 't', %s, '', %s)",
            (command_id, command, tenant, command_id, command_id),
        )
        self.connection.execute(
            "INSERT INTO transactional_outbox (event_id, tenant_id, aggregate_id, aggregate_type, event_type,"
            " payload, correlation_id) VALUES (%s, %s, %s, 'command', %s, %s, %s)",
            (command_id, tenant, command_id, f"command.{command}", json.dumps(payload), command_id),
        )
        self.connection.commit()
        return command_id

    def drain(self, *defects: Defect, most: int = 250) -> Taken:
        return apply_batch(self.connection, most, 0, defects)

    def reason(self, command_id: str) -> str | None:
        reason: str | None = self.value(
            "SELECT reason FROM sandbox_command_failures WHERE command_id = %s", command_id
        )
        return reason

    def stay(self, tenant: int = 0, **more: Any) -> dict[str, Any]:
        row = self.connection.execute(
            "SELECT p.id::text, t.id::text FROM properties p JOIN room_types t ON t.property_id = p.id"
            " WHERE p.tenant_id = %s AND p.property_code LIKE '%%P1' AND t.type_code = 'STD'",
            (self.tenants[tenant],),
        ).fetchone()
        assert row
        return {
            "property_id": row[0],
            "room_type_id": row[1],
            "guest_id": self.guest(tenant),
            "check_in_date": "2031-05-01",
            "check_out_date": "2031-05-03",
            "total_amount": 200,
            "reservation_id": str(uuid.uuid4()),
            **more,
        }

    def guest(self, tenant: int = 0, where: str = "NOT is_deleted AND NOT is_blacklisted") -> str:
        return str(
            self.value(f"SELECT id::text FROM guests WHERE tenant_id = %s AND {where}", self.tenants[tenant])  # noqa: S608
        )

    def reservation(self, where: str, tenant: int = 0) -> str:
        return str(
            self.value(
                f"SELECT id::text FROM reservations WHERE tenant_id = %s AND {where}",  # noqa: S608
                self.tenants[tenant],
            )
        )


@pytest.fixture(scope="module")
def written() -> Iterator[TemporaryDatabase]:
    """A database of its own: the other tests count the seed's rows."""
    with temporary_database() as made:
        yield made


@pytest.fixture
def queue(written: TemporaryDatabase) -> Iterator[Queue]:
    with psycopg.connect(written.admin_dsn) as connection:
        yield Queue(connection)


LIVE = "status = 'CONFIRMED' AND NOT is_deleted"


def test_a_created_reservation_carries_its_derived_confirmation_number(queue: Queue) -> None:
    stay = queue.stay()
    command = queue.put("reservation.create", stay)

    assert queue.drain().failed == 0

    row = queue.connection.execute(
        "SELECT confirmation_number, status::text, room_rate::int, check_out_date - check_in_date"
        " FROM reservations WHERE id = %s",
        (stay["reservation_id"],),
    ).fetchone()
    assert row == (f"TW-{stay['reservation_id'][:8]}", "PENDING", 100, 2)
    assert queue.reason(command) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"check_out_date": "2031-05-01"}, "INVALID_DATES"),
        ({"property_id": str(uuid.uuid4())}, "PROPERTY_NOT_FOUND_FOR_TENANT"),
        ({"room_type_id": str(uuid.uuid4())}, "ROOM_TYPE_NOT_FOUND"),
        ({"guest_id": str(uuid.uuid4())}, "GUEST_NOT_FOUND"),
        ({"rate_code": "NONE"}, "RATE_NOT_FOUND"),
        ({"check_in_date": "1999-01-01", "check_out_date": "1999-01-02"}, "RATE_NOT_FOUND"),
        ({"total_amount": 1e12}, "22003"),
    ],
)
def test_a_create_that_cannot_be_applied_fails_with_its_reason(
    queue: Queue, change: dict[str, Any], reason: str
) -> None:
    bad, good = (
        queue.put("reservation.create", queue.stay(**change)),
        queue.put("reservation.create", queue.stay()),
    )

    taken = queue.drain()

    assert (taken.commands, taken.failed) == (2, 1)
    assert (queue.reason(bad) or "").startswith(reason)
    assert queue.reason(good) is None
    assert (
        queue.value("SELECT current_state::text FROM reservation_command_lifecycle WHERE event_id = %s", bad)
        == "DLQ"
    )


def test_a_blacklisted_a_deleted_and_a_foreign_guest_fail(queue: Queue) -> None:
    guests = [
        queue.guest(where="is_blacklisted AND NOT is_deleted"),
        queue.guest(where="is_deleted"),
        queue.guest(tenant=1),
    ]
    commands = [queue.put("reservation.create", queue.stay(guest_id=guest)) for guest in guests]

    queue.drain()

    reasons = [queue.reason(command) for command in commands]
    assert reasons == ["GUEST_BLACKLISTED", "GUEST_NOT_FOUND", "GUEST_NOT_FOUND"]


@pytest.mark.parametrize("together", [True, False])
def test_a_confirmation_number_is_taken_once(queue: Queue, *, together: bool) -> None:
    digits = uuid.uuid4().hex[:8]
    commands = []
    for number in range(2):
        identity = f"{digits}-0000-4000-8000-{number:012d}"
        commands.append(queue.put("reservation.create", queue.stay(reservation_id=identity)))
        if not together:
            queue.drain()
    queue.drain()

    reasons = sorted(str(queue.reason(command)) for command in commands)
    assert reasons == ["DUPLICATE_CONFIRMATION_NUMBER", "None"]
    # Its event was queued, and that is all that this row says of a reservation command.
    keys = "SELECT count(*) FROM command_idempotency WHERE command_id = ANY (%s::uuid[])"
    assert queue.value(keys, commands) == 2


def test_a_reservation_is_cancelled_once(queue: Queue) -> None:
    reservation = queue.reservation(LIVE)
    commands = [queue.put("reservation.cancel", {"reservation_id": reservation}) for _ in range(2)]

    taken = queue.drain()

    assert taken.failed == 1
    assert [queue.reason(command) for command in commands] == [None, "INVALID_STATUS_FOR_CANCEL"]
    assert queue.value("SELECT status::text FROM reservations WHERE id = %s", reservation) == "CANCELLED"
    states = "SELECT current_state::text FROM reservation_command_lifecycle WHERE correlation_id = %s"
    assert [queue.value(states, command) for command in commands] == ["APPLIED", "DLQ"]
    assert queue.value("SELECT count(*) FROM command_idempotency WHERE command_id = %s", commands[1]) == 0


def test_a_cancelled_reservation_can_still_be_modified(queue: Queue) -> None:
    reservation = queue.reservation("status = 'CANCELLED' AND NOT is_deleted")
    queue.put("reservation.modify", {"reservation_id": reservation, "notes": "still here"})

    assert queue.drain().failed == 0
    assert queue.value("SELECT notes FROM reservations WHERE id = %s", reservation) == "still here"


def test_modifies_of_one_reservation_in_one_batch_are_all_applied(queue: Queue) -> None:
    reservation = queue.reservation(LIVE)
    before = queue.value("SELECT version FROM reservations WHERE id = %s", reservation)
    for number in range(3):
        queue.put("reservation.modify", {"reservation_id": reservation, "total_amount": 100 + number})

    queue.drain()

    row = queue.connection.execute(
        "SELECT version, total_amount::int FROM reservations WHERE id = %s", (reservation,)
    ).fetchone()
    assert row == (before + 3, 102)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"check_in_date": "2040-01-01"}, "INVALID_DATES"),
        ({"property_id": str(uuid.uuid4())}, "PROPERTY_NOT_FOUND_FOR_TENANT"),
        ({"guest_id": str(uuid.uuid4())}, "GUEST_NOT_FOUND"),
        ({"room_type_id": str(uuid.uuid4())}, "ROOM_TYPE_NOT_FOUND"),
    ],
)
def test_a_modify_that_cannot_be_applied_fails(queue: Queue, change: dict[str, Any], reason: str) -> None:
    command = queue.put("reservation.modify", {"reservation_id": queue.reservation(LIVE), **change})

    queue.drain()

    assert queue.reason(command) == reason


@pytest.mark.parametrize("where", ["is_deleted", LIVE])
def test_what_is_deleted_or_another_tenant_s_is_not_found(queue: Queue, where: str) -> None:
    tenant = 1 if where == LIVE else 0
    reservation = queue.reservation(where, tenant)
    command = queue.put("reservation.cancel", {"reservation_id": reservation})

    queue.drain()

    assert queue.reason(command) == "RESERVATION_NOT_FOUND"


def capture(queue: Queue, **more: Any) -> dict[str, Any]:
    stay = queue.stay()
    return {
        "payment_reference": f"r-{uuid.uuid4()}",
        "property_id": stay["property_id"],
        "reservation_id": queue.reservation(LIVE),
        "guest_id": stay["guest_id"],
        "amount": 20,
        "payment_method": "CASH",
        **more,
    }


def test_a_capture_writes_a_payment_and_its_proof(queue: Queue) -> None:
    payload = capture(queue)
    command = queue.put("billing.payment.capture", payload)

    queue.drain()

    amount = "SELECT amount::int FROM payments WHERE payment_reference = %s"
    assert queue.value(amount, payload["payment_reference"]) == 20
    proof = "SELECT idempotency_key FROM command_idempotency WHERE command_id = %s"
    assert queue.value(proof, command) == command


def test_the_same_reference_overwrites(queue: Queue) -> None:
    first = capture(queue)
    for amount in (20, 30):
        queue.put("billing.payment.capture", {**first, "amount": amount})

    assert queue.drain().failed == 0
    rows = "SELECT count(*) || ':' || sum(amount::int) FROM payments WHERE payment_reference = %s"
    assert queue.value(rows, first["payment_reference"]) == "1:30"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"guest_id": None}, "GUEST_REQUIRED"),
        ({"reservation_id": None}, "RESERVATION_REQUIRED"),
        ({"reservation_id": str(uuid.uuid4())}, "RESERVATION_NOT_FOUND"),
        ({"payment_method": "CARD"}, "22P02"),
    ],
)
def test_a_capture_that_cannot_be_applied_fails(queue: Queue, change: dict[str, Any], reason: str) -> None:
    command = queue.put("billing.payment.capture", capture(queue, **change))

    queue.drain()

    assert (queue.reason(command) or "").startswith(reason)


def test_a_guest_of_the_same_address_is_updated(queue: Queue) -> None:
    email = f"{uuid.uuid4().hex}@load.example"
    for name in ("Ada", "Bea"):
        queue.put("guest.register", {"first_name": name, "last_name": "B", "email": email.upper()})
        queue.put("guest.register", {"first_name": name, "last_name": "B", "email": email})

    assert queue.drain().failed == 0
    rows = "SELECT count(*) || min(first_name) FROM guests WHERE lower(email) = %s"
    assert queue.value(rows, email) == "1Bea"


def test_tasks_are_assigned_and_completed(queue: Queue) -> None:
    task = queue.value(
        "SELECT id::text FROM housekeeping_tasks WHERE tenant_id = %s AND NOT is_deleted"
        " AND assigned_to IS NULL AND completed_at IS NULL",
        queue.tenants[0],
    )
    staff = str(uuid.uuid4())
    queue.put("housekeeping.task.assign", {"task_id": task, "assigned_to": staff})
    queue.put("housekeeping.task.complete", {"task_id": task, "notes": "done"})
    missing = queue.put("housekeeping.task.complete", {"task_id": str(uuid.uuid4())})

    assert queue.drain().failed == 1

    row = queue.connection.execute(
        "SELECT assigned_to::text, status::text, completed_at IS NOT NULL, notes FROM housekeeping_tasks"
        " WHERE id = %s",
        (task,),
    ).fetchone()
    assert row == (staff, "CLEAN", True, "done")
    assert queue.reason(missing) == "TASK_NOT_FOUND"


def test_with_its_defect_housekeeping_never_works(queue: Queue) -> None:
    task = queue.value("SELECT id::text FROM housekeeping_tasks WHERE NOT is_deleted LIMIT 1")
    assign = queue.put("housekeeping.task.assign", {"task_id": task, "assigned_to": str(uuid.uuid4())})
    complete = queue.put("housekeeping.task.complete", {"task_id": task})

    assert queue.drain("housekeeping").failed == 2
    assert [(queue.reason(command) or "")[:5] for command in (assign, complete)] == ["42P08", "42703"]


def test_a_batch_is_no_larger_than_it_may_be(queue: Queue) -> None:
    for _ in range(5):
        queue.put("reservation.create", queue.stay())

    assert queue.drain(most=3).commands == 3
    assert queue.drain(most=3).commands == 2


def test_what_is_waiting_can_be_lost(queue: Queue) -> None:
    command = queue.put("reservation.create", queue.stay())

    assert lose_waiting(queue.connection) == 1
    assert queue.drain().commands == 0
    kind = "SELECT kind FROM sandbox_command_failures WHERE command_id = %s"
    assert queue.value(kind, command) == "lost"
