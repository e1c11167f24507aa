from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sandbox.schema import Plan, Seed, create, hash_password, verify_password
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database

pytestmark = pytest.mark.postgres


def one(connection: psycopg.Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("table", ["guests", "reservations", "housekeeping_tasks"])
def test_each_big_table_has_exactly_the_rows_asked_for(admin: psycopg.Connection, table: str) -> None:
    row = admin.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()

    assert row == (2000,)


def test_the_seed_keeps_every_foreign_key(admin: psycopg.Connection) -> None:
    unchecked = admin.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated"
    ).fetchall()
    assert unchecked

    for table, name in unchecked:
        admin.execute(
            sql.SQL("ALTER TABLE {} VALIDATE CONSTRAINT {}").format(
                sql.Identifier(table), sql.Identifier(name)
            )
        )


def test_three_usable_tenants_offer_enough_of_everything(admin: psycopg.Connection) -> None:
    rows = admin.execute("""
        SELECT t.name,
            (SELECT count(*) FROM reservations r WHERE r.tenant_id = t.id AND NOT r.is_deleted
                AND r.status IN ('PENDING', 'CONFIRMED')),
            (SELECT count(*) FROM guests g WHERE g.tenant_id = t.id AND NOT g.is_deleted
                AND NOT g.is_blacklisted),
            (SELECT count(*) FROM housekeeping_tasks h WHERE h.tenant_id = t.id AND NOT h.is_deleted
                AND h.assigned_to IS NOT NULL)
        FROM tenants t WHERE t.status = 'ACTIVE' AND NOT t.is_deleted ORDER BY t.created_at
    """).fetchall()

    assert len([row for row in rows if min(row[1:]) >= 100]) >= 3


def test_the_traps_are_there(admin: psycopg.Connection) -> None:
    assert one(admin, "SELECT count(*) FROM tenants WHERE is_deleted") == 1
    assert one(admin, "SELECT count(*) FROM tenants WHERE status = 'SUSPENDED'") == 1
    assert one(admin, "SELECT count(*) FROM properties WHERE NOT is_active") == 6
    assert one(admin, "SELECT count(*) FROM properties WHERE is_deleted") == 6
    assert one(admin, "SELECT count(*) FROM guests WHERE is_blacklisted") == 65
    empty = one(admin, "SELECT id FROM tenants WHERE name LIKE '%(empty)'")
    assert admin.execute("SELECT count(*) FROM properties WHERE tenant_id = %s", (empty,)).fetchone() == (0,)
    assert (
        one(admin, "SELECT max(share) FROM (SELECT count(*) AS share FROM guests GROUP BY tenant_id) s")
        == 1400
    )
    assert (
        one(
            admin,
            "SELECT count(*) FROM (SELECT tenant_id FROM housekeeping_tasks GROUP BY 1"
            " HAVING count(assigned_to) = 0) AS s",
        )
        == 1
    )


def test_a_property_has_at_most_one_bookable_room_type_a_rate_code(admin: psycopg.Connection) -> None:
    assert (
        one(
            admin,
            "SELECT max(types) FROM (SELECT count(DISTINCT room_type_id) AS types FROM rates"
            " WHERE rate_code IN ('BAR', 'RACK') GROUP BY property_id, rate_code) AS s",
        )
        == 1
    )


def test_seeded_confirmation_numbers_leave_the_derived_ones_free(admin: psycopg.Connection) -> None:
    assert one(admin, "SELECT count(*) FROM reservations WHERE confirmation_number ~ '^TW-[0-9a-f]{8}$'") == 0
    assert one(admin, "SELECT count(DISTINCT left(id::text, 8)) FROM reservations") == 2000


def test_every_uuid_has_the_shape_of_version_4(admin: psycopg.Connection) -> None:
    for table in ("tenants", "users", "properties", "room_types", "guests", "reservations", "payments"):
        row = admin.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE id::text !~ '^.{{14}}4.{{4}}[89ab]'").format(
                sql.Identifier(table)
            )
        ).fetchone()
        assert row == (0,), table


def test_the_application_role_sees_a_tenant_only_by_its_setting(database: TemporaryDatabase) -> None:
    with psycopg.connect(database.app_dsn) as connection:
        assert one(connection, "SELECT count(*) FROM guests") == 0
        tenant = one(connection, "SELECT id::text FROM tenants WHERE name LIKE 'Sandbox Hotels 1 %'")
        connection.execute("SELECT set_config('app.current_tenant_id', %s, true)", (tenant,))
        assert one(connection, "SELECT count(*) FROM guests") == 1400


def test_the_same_seed_makes_the_same_rows(admin: psycopg.Connection) -> None:
    digest = (
        "SELECT md5(string_agg(md5(to_jsonb(r)::text), '' ORDER BY id)) FROM"
        " (SELECT id, tenant_id, guest_id, room_type_id, status FROM reservations) AS r"
    )
    with temporary_database(Seed()) as again, psycopg.connect(again.admin_dsn) as connection:
        assert one(connection, digest) == one(admin, digest)
    with temporary_database(Seed(number=2)) as other, psycopg.connect(other.admin_dsn) as connection:
        assert one(connection, digest) != one(admin, digest)


def test_a_database_that_is_not_empty_is_refused(database: TemporaryDatabase) -> None:
    with pytest.raises(RefusedError, match="already holds"):
        create(database.admin_dsn, Plan("app", "user"))


@pytest.mark.parametrize("seed", [Seed(tenants=0), Seed(tenants=4, rows=10), Seed(rows=10_000_001)])
def test_a_size_that_cannot_be_made_is_refused(seed: Seed) -> None:
    with pytest.raises(InputError):
        seed.check()


def test_passwords_are_stored_as_salted_hashes() -> None:
    stored = hash_password("correct")

    assert stored != hash_password("correct")
    assert verify_password("correct", stored)
    assert not verify_password("wrong", stored)
