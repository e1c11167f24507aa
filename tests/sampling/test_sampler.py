from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sampling.connection import connection_settings
from tartware_loadtest.sampling.database import open_database
from tartware_loadtest.sampling.limits import Limits
from tartware_loadtest.sampling.needs import ALL_POOLS, Pool
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.sampler import Outcome, Request, take_sample
from tartware_loadtest.sandbox.temporary import TemporaryDatabase

pytestmark = pytest.mark.postgres

Opener = Callable[[str], Any]


def taken(dsn: str, request: Request | None = None, *, timeout: float = 15.0) -> Outcome:
    settings = connection_settings(connection_string=dsn, environ={})
    with open_database(settings, statement_timeout=timeout) as database:
        return take_sample(database, request or Request(), now=datetime.now(UTC))


def tenants(admin: psycopg.Connection[Any]) -> dict[str, str]:
    """Kind (huge, usable, empty, suspended, deleted) of each tenant of the sandbox, by id."""
    rows = admin.execute("SELECT id::text, name FROM tenants").fetchall()
    return {
        row[0]: "huge" if row[1].startswith("Sandbox Hotels 1 ") else row[1].split("(")[1][:-1]
        for row in rows
    }


# Written apart from the sampler's own queries: what must hold of each tuple, one by one.
STAY = """
    SELECT count(*) FROM rates r
    JOIN room_types t ON t.id = r.room_type_id JOIN properties p ON p.id = r.property_id
    WHERE r.tenant_id = %(tenant)s AND t.tenant_id = r.tenant_id AND p.tenant_id = r.tenant_id
      AND p.id = %(property)s AND t.id = %(room)s AND t.property_id = p.id
      AND r.rate_code IN ('BAR', 'RACK') AND r.status = 'ACTIVE' AND r.deleted_at IS NULL AND NOT r.is_deleted
      AND r.valid_from <= current_date + 2 AND coalesce(r.valid_until, 'infinity') >= current_date + 34
      AND p.is_active AND NOT p.is_deleted AND t.is_active AND NOT t.is_deleted
"""
GUEST = (
    "SELECT count(*) FROM guests WHERE tenant_id = %s AND id = %s AND NOT is_deleted AND NOT is_blacklisted"
)
RESERVATION = """
    SELECT status::text FROM reservations v
    WHERE tenant_id = %(tenant)s AND id = %(id)s AND NOT is_deleted AND guest_id = %(guest)s
      AND property_id = %(property)s
      AND EXISTS (SELECT FROM guests g WHERE g.id = v.guest_id AND g.tenant_id = v.tenant_id
                  AND NOT g.is_deleted AND NOT g.is_blacklisted)
      AND EXISTS (SELECT FROM properties p WHERE p.id = v.property_id AND p.tenant_id = v.tenant_id
                  AND NOT p.is_deleted)
"""
TASK = "SELECT assigned_to::text FROM housekeeping_tasks WHERE tenant_id = %s AND id = %s AND NOT is_deleted"
STAFF = """
    SELECT role::text FROM user_tenant_associations
    WHERE tenant_id = %s AND user_id = %s AND is_active AND NOT is_deleted
"""


def assert_true(sample: Sample, admin: psycopg.Connection[Any]) -> None:
    def one(query: Any, parameters: Any) -> Any:
        row = admin.execute(query, parameters).fetchone()
        assert row is not None, parameters
        return row[0]

    for tenant in sample.tenants:
        for stay in tenant.stays:
            found = one(
                STAY, {"tenant": tenant.tenant_id, "property": stay.property_id, "room": stay.room_type_id}
            )
            assert found >= 1, stay
        for guest in tenant.guests:
            assert one(GUEST, (tenant.tenant_id, guest)) == 1
        for each in tenant.reservations:
            status = one(
                RESERVATION,
                {
                    "tenant": tenant.tenant_id,
                    "id": each.reservation_id,
                    "guest": each.guest_id,
                    "property": each.property_id,
                },
            )
            assert not each.cancellable or status in ("PENDING", "CONFIRMED")
        for task in tenant.tasks:
            assigned = one(TASK, (tenant.tenant_id, task.task_id))
            role = one(STAFF, (tenant.tenant_id, task.staff_id))
            assert assigned == task.staff_id or role in ("STAFF", "MANAGER", "ADMIN")


@pytest.mark.parametrize("role", ["admin_dsn", "app_dsn"])
def test_every_tuple_of_the_trap_filled_database_can_be_used(seeded: TemporaryDatabase, role: str) -> None:
    with psycopg.connect(seeded.admin_dsn) as admin:
        kinds = tenants(admin)
        for seed in range(1, 6):
            outcome = taken(getattr(seeded, role), Request(tenants=4, per_tenant=60, seed=seed))
            assert sorted(kinds[tenant.tenant_id] for tenant in outcome.sample.tenants) == [
                *("huge", "usable", "usable", "usable"),
            ]
            assert_true(outcome.sample, admin)


def test_every_tenant_gets_its_share(seeded: TemporaryDatabase) -> None:
    outcome = taken(seeded.app_dsn, Request(tenants=4, per_tenant=12, cancellable=7))
    for tenant in outcome.sample.tenants:
        assert (len(tenant.guests), len(tenant.tasks), tenant.cancellable) == (12, 12, 7)
        assert len(tenant.reservations) == 12 + 7
        assert len(tenant.stays) == 4  # two bookable room types in two of the six properties
        assert len({each.reservation_id for each in tenant.reservations}) == len(tenant.reservations)
    assert outcome.shortages == ()


def test_the_seed_repeats_the_sample_and_another_changes_it(seeded: TemporaryDatabase) -> None:
    first, again, other = (taken(seeded.app_dsn, Request(seed=seed)).sample for seed in (7, 7, 8))
    assert first.tenants == again.tenants
    assert first.tenants != other.tenants
    assert {g for t in first.tenants for g in t.guests} != {g for t in other.tenants for g in t.guests}


def test_a_tenant_with_nothing_is_passed_over_and_named(seeded: TemporaryDatabase) -> None:
    with psycopg.connect(seeded.admin_dsn) as admin:
        empty = next(identifier for identifier, kind in tenants(admin).items() if kind == "empty")
    outcome = taken(seeded.app_dsn, Request(tenants=9))
    assert len(outcome.sample.tenants) == 4
    assert [told for told in outcome.passed_over if empty in told]
    assert "4 of 9 tenants have what the commands need" in outcome.shortages
    with pytest.raises(InputError, match=f"{empty}.*it has no guests"):
        taken(seeded.app_dsn, Request(tenant_ids=(empty,)))


def test_named_tenants_must_be_usable(seeded: TemporaryDatabase) -> None:
    with psycopg.connect(seeded.admin_dsn) as admin:
        by_kind = {kind: identifier for identifier, kind in tenants(admin).items()}
    unknown = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(InputError) as caught:
        taken(seeded.app_dsn, Request(tenant_ids=(by_kind["suspended"], by_kind["deleted"], unknown)))
    assert f"{by_kind['suspended']} is SUSPENDED" in caught.value.message
    assert f"{by_kind['deleted']} is deleted" in caught.value.message
    assert f"{unknown} is unknown" in caught.value.message
    assert [
        t.tenant_id for t in taken(seeded.app_dsn, Request(tenant_ids=(by_kind["huge"],))).sample.tenants
    ] == [by_kind["huge"]]


def test_an_empty_pool_names_tenant_table_and_filters(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        huge = next(identifier for identifier, kind in tenants(admin).items() if kind == "huge")
        admin.execute(
            "UPDATE guests SET is_blacklisted = true WHERE tenant_id = %s AND NOT is_deleted", (huge,)
        )
    with pytest.raises(InputError) as caught:
        taken(scratch.app_dsn, Request(tenant_ids=(huge,)))
    message = caught.value.message
    assert huge in message
    assert (
        "no guests for reservation.create (0 of all 1,400 guests: 1,344 blacklisted, 56 deleted)" in message
    )
    assert "guest blacklisted" in message  # the reservations fall with their guests


def test_emptiness_of_a_part_is_reported_as_probed(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        huge = next(identifier for identifier, kind in tenants(admin).items() if kind == "huge")
        admin.execute("UPDATE guests SET deleted_at = now() WHERE tenant_id = %s", (huge,))
    with pytest.raises(InputError, match=r"0 of 800 probed guests: 800 deleted"):
        taken(scratch.app_dsn, Request(tenant_ids=(huge,), limits=Limits(window_rows=100)))


def test_without_cancellable_reservations_cancels_have_nothing(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE reservations SET status = 'CANCELLED' WHERE status IN ('PENDING', 'CONFIRMED')")
    with pytest.raises(InputError) as caught:
        taken(scratch.app_dsn)
    assert "no cancellable for reservation.cancel" in caught.value.message
    assert "CANCELLED" in caught.value.message
    sample = taken(scratch.app_dsn, Request(cancellable=0)).sample
    assert sample.tenants[0].cancellable == 0
    assert len(sample.tenants[0].reservations) == 25
    without = taken(scratch.app_dsn, Request(pools=ALL_POOLS - {Pool.CANCELLABLE})).sample
    assert without.tenants == sample.tenants


def test_few_cancellable_reservations_are_a_shortage(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute(
            "UPDATE reservations SET status = 'NO_SHOW' WHERE status IN ('PENDING', 'CONFIRMED') "
            "AND id NOT IN (SELECT id FROM reservations WHERE status = 'PENDING' AND NOT is_deleted LIMIT 3)"
        )
    outcome = taken(scratch.app_dsn, Request(tenants=4))
    assert sum(tenant.cancellable for tenant in outcome.sample.tenants) <= 3
    assert any("of 25 cancellable" in told and "NO_SHOW" in told for told in outcome.shortages)


def test_tasks_without_any_staff(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE user_tenant_associations SET is_active = false")
    with pytest.raises(InputError) as caught:
        taken(scratch.app_dsn)
    assert "without a member of staff" in caught.value.message
    assert "(0 of all 14 user_tenant_associations: 13 inactive, 1 deleted)" in caught.value.message
    sample = taken(scratch.app_dsn, Request(pools=ALL_POOLS - {Pool.TASKS})).sample
    assert len(sample.tenants) == 3
    assert not sample.tenants[0].tasks


def test_staff_who_are_no_members_are_replaced(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE housekeeping_tasks SET assigned_to = gen_random_uuid()")
        sample = taken(scratch.app_dsn, Request(tenants=4)).sample
        assert_true(sample, admin)
    assert all(len(tenant.tasks) == 25 for tenant in sample.tenants)


def test_rates_decide_what_can_be_booked(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE rates SET valid_until = current_date + 33")
    with pytest.raises(InputError, match="rate no longer valid on the last stay day"):
        taken(scratch.app_dsn)
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE rates SET valid_until = current_date + 34, valid_from = current_date + 3")
    with pytest.raises(InputError, match="rate not yet valid on the first stay day"):
        taken(scratch.app_dsn)
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE rates SET valid_from = current_date + 2")
        assert_true(taken(scratch.app_dsn).sample, admin)
        admin.execute("UPDATE rates SET rate_code = 'X' || rate_code")
    with pytest.raises(InputError, match="without a BAR or RACK rate"):
        taken(scratch.app_dsn)


def test_no_usable_tenant_at_all(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("UPDATE tenants SET status = 'SUSPENDED' WHERE status = 'ACTIVE'")
    with pytest.raises(InputError, match="table tenants has none that is ACTIVE or TRIAL"):
        taken(scratch.app_dsn)


def test_missing_tables_and_columns_are_listed_with_their_commands(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute("DROP TABLE user_tenant_associations CASCADE")
        admin.execute("ALTER TABLE guests DROP COLUMN is_blacklisted")
        admin.execute("ALTER TABLE reservations ALTER COLUMN status TYPE text")
        admin.execute("REVOKE SELECT ON rates FROM tartware_app")
        admin.execute(
            "ALTER TABLE housekeeping_tasks ALTER COLUMN assigned_to TYPE text USING assigned_to::text"
        )
    with pytest.raises(InputError) as caught:
        taken(scratch.app_dsn)
    message = caught.value.message
    assert (
        "table user_tenant_associations: missing (housekeeping.task.assign, housekeeping.task.complete)"
        in message
    )
    assert "column guests.is_blacklisted: missing (reservation.create, " in message
    assert "column rates.rate_code: no permission to SELECT (reservation.create)" in message
    assert "column housekeeping_tasks.assigned_to: text, not uuid" in message
    assert "reservations.status" not in message


def test_another_database_is_told_apart(empty: TemporaryDatabase) -> None:
    with pytest.raises(InputError) as caught:
        taken(empty.admin_dsn)
    assert caught.value.message.count("missing") == 8
    assert "scratch" in caught.value.message
    assert "tartware" in caught.value.hint


def test_a_query_that_takes_too_long_is_named(scratch: TemporaryDatabase) -> None:
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin:
        admin.execute(
            "CREATE POLICY slow ON reservations AS RESTRICTIVE TO tartware_app "
            "USING (pg_sleep(0.05) IS NOT NULL)"
        )
    with pytest.raises(RefusedError) as caught:
        taken(scratch.app_dsn, timeout=0.3)
    assert "probing reservations of tenant" in caught.value.message
    assert "statement timeout of 0.3 s" in caught.value.message
    assert "--statement-timeout" in caught.value.hint


def test_the_session_fits_a_transaction_pooler(seeded: TemporaryDatabase) -> None:
    settings = connection_settings(connection_string=seeded.app_dsn, environ={})
    with open_database(settings) as database:
        for _ in range(3):
            take_sample(database, Request(tenants=4), now=datetime.now(UTC))
        connection = database._connection
        row = connection.execute(
            "SELECT (SELECT count(*) FROM pg_prepared_statements) AS prepared, "
            "current_setting('app.current_tenant_id', true) AS tenant, current_setting('jit') AS jit, "
            "current_setting('transaction_read_only') AS read_only, "
            "(SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS name"
        ).fetchone()
        assert row is not None
        assert row["prepared"] == 0
        assert not row["tenant"]
        assert row["read_only"] == "on"
        assert row["name"] == "tartware-lt"
        connection.rollback()
        with pytest.raises(RefusedError, match="read-only"):
            database.rows(
                "writing", psycopg.sql.SQL("DELETE FROM {}").format(psycopg.sql.Identifier("users")), {}
            )


def test_a_lost_connection_is_no_traceback(scratch: TemporaryDatabase) -> None:
    settings = connection_settings(connection_string=scratch.app_dsn, environ={})
    with psycopg.connect(scratch.admin_dsn, autocommit=True) as admin, open_database(settings) as database:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tartware_app'")
        with pytest.raises(RefusedError, match=r"terminat|closed"):
            take_sample(database, Request(), now=datetime.now(UTC))
