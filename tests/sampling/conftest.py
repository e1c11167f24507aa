"""One server for all tests here; a test that changes rows works on a copy of the seeded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from tartware_loadtest.sampling.connection import connection_settings
from tartware_loadtest.sampling.database import Database, open_database
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database

Opener = Callable[[str], Any]


@pytest.fixture(scope="session")
def seeded() -> Iterator[TemporaryDatabase]:
    """The sandbox's database with its traps; read it only."""
    with temporary_database() as made:
        yield made


class Watched(Database):
    """Counts, per table, the rows that its transactions read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.read: dict[str, int] = {}

    @contextmanager
    def transaction(self, tenant_id: str = "") -> Any:
        with super().transaction(tenant_id):
            yield
            for row in self._connection.execute(
                "SELECT relname::text, seq_tup_read + coalesce(idx_tup_fetch, 0) AS tuples "
                "FROM pg_stat_xact_user_tables"
            ):
                self.read[row["relname"]] = self.read.get(row["relname"], 0) + row["tuples"]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open a watched database by its connection string."""
    connections: list[psycopg.Connection[Any]] = []

    def opener(dsn: str) -> Watched:
        settings = connection_settings(connection_string=dsn, environ={})
        with open_database(settings) as plain:
            assert plain.source == settings.source
        connection = psycopg.connect(settings.conninfo, row_factory=dict_row, prepare_threshold=None)
        connection.read_only = True
        connections.append(connection)
        return Watched(connection, settings, 15.0)

    yield opener
    for connection in connections:
        connection.close()


_NUMBERS = count()


@contextmanager
def _database(server: TemporaryDatabase, template: str) -> Iterator[TemporaryDatabase]:
    name = f"scratch_{next(_NUMBERS)}"
    maintenance = make_conninfo("", **{**conninfo_to_dict(server.admin_dsn), "dbname": "postgres"})
    identifier = sql.Identifier(name)
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, sql.Identifier(template))
        )
        try:
            yield TemporaryDatabase(
                *(
                    make_conninfo("", **{**conninfo_to_dict(dsn), "dbname": name})
                    for dsn in (server.admin_dsn, server.app_dsn)
                )
            )
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


@pytest.fixture
def scratch(seeded: TemporaryDatabase) -> Iterator[TemporaryDatabase]:
    """A copy of the seeded database, for changing."""
    with _database(seeded, "tartware") as made:
        yield made


@pytest.fixture
def empty(seeded: TemporaryDatabase) -> Iterator[TemporaryDatabase]:
    """A database without tables."""
    with _database(seeded, "template1") as made:
        yield made


@pytest.fixture(scope="module")
def old(seeded: TemporaryDatabase) -> Iterator[TemporaryDatabase]:
    """The older age with a huge table: no row-level security, partial indexes led by tenant_id alone."""
    with _database(seeded, "template1") as made:
        with psycopg.connect(made.admin_dsn) as connection:
            connection.execute(OLD_SCHEMA)
            connection.execute(OLD_ROWS)
        with psycopg.connect(made.admin_dsn, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        yield made


OLD_SCHEMA = """
CREATE TYPE reservation_status AS ENUM (
    'PENDING', 'CONFIRMED', 'CHECKED_IN', 'CHECKED_OUT', 'CANCELLED', 'NO_SHOW');
CREATE TABLE tenants (id uuid PRIMARY KEY, status text NOT NULL, is_deleted boolean DEFAULT false);
CREATE TABLE properties (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, is_active boolean DEFAULT true,
    is_deleted boolean DEFAULT false, deleted_at timestamptz);
CREATE TABLE room_types (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, property_id uuid NOT NULL, is_active boolean DEFAULT true,
    is_deleted boolean DEFAULT false, deleted_at timestamptz);
CREATE TABLE rates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, property_id uuid NOT NULL,
    room_type_id uuid NOT NULL, rate_code varchar(50) NOT NULL, status text NOT NULL,
    valid_from date NOT NULL, valid_until date, is_deleted boolean DEFAULT false,
    UNIQUE (property_id, rate_code));
CREATE TABLE guests (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, is_blacklisted boolean DEFAULT false, vip_status boolean,
    is_deleted boolean DEFAULT false, deleted_at timestamptz);
CREATE TABLE reservations (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, property_id uuid NOT NULL, guest_id uuid NOT NULL,
    status reservation_status NOT NULL, created_at timestamptz DEFAULT now(),
    is_deleted boolean DEFAULT false, deleted_at timestamptz);
CREATE TABLE housekeeping_tasks (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, assigned_to uuid, is_deleted boolean DEFAULT false,
    deleted_at timestamptz);
CREATE TABLE user_tenant_associations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL, tenant_id uuid NOT NULL,
    role text NOT NULL, is_active boolean DEFAULT true, is_deleted boolean DEFAULT false,
    UNIQUE (user_id, tenant_id));
CREATE FUNCTION made(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5(kind || number)::uuid $$;
"""

# Tenant 1 has nearly everything, tenant 2 a handful of late rows, all reservations of tenant 3 are deleted
# and no task of tenant 4 lives; housekeeping_tasks has no index led by tenant_id at all.
OLD_ROWS = """
INSERT INTO tenants SELECT made('tenant', n), 'ACTIVE' FROM generate_series(1, 4) n;
INSERT INTO properties SELECT made('property', n), made('tenant', n) FROM generate_series(1, 4) n;
INSERT INTO room_types SELECT made('room', n), made('tenant', n), made('property', n)
    FROM generate_series(1, 4) n;
INSERT INTO rates (tenant_id, property_id, room_type_id, rate_code, status, valid_from)
    SELECT made('tenant', n), made('property', n), made('room', n), 'BAR', 'ACTIVE', current_date
    FROM generate_series(1, 4) n;
CREATE TEMPORARY TABLE plan AS
    SELECT n, CASE WHEN n > 299960 THEN 2 WHEN n > 250000 THEN 3 WHEN n > 245000 THEN 4 ELSE 1 END AS tenant
    FROM generate_series(1, 300000) n;
INSERT INTO guests (id, tenant_id, is_blacklisted)
    SELECT made('guest', n), made('tenant', tenant), n % 10 = 0 FROM plan;
INSERT INTO reservations (id, tenant_id, property_id, guest_id, status, is_deleted)
    SELECT made('reservation', n), made('tenant', tenant), made('property', tenant), made('guest', n),
        (ARRAY['PENDING', 'CONFIRMED', 'CHECKED_OUT', 'CANCELLED'])[1 + n % 4]::reservation_status, tenant = 3
    FROM plan;
INSERT INTO housekeeping_tasks (id, tenant_id, assigned_to, is_deleted)
    SELECT made('task', n), made('tenant', tenant), CASE n % 2 WHEN 0 THEN made('user', 5) END, tenant = 4
    FROM plan;
INSERT INTO user_tenant_associations (user_id, tenant_id, role)
    SELECT made('user', n), made('tenant', n), 'STAFF' FROM generate_series(1, 4) n;
CREATE INDEX ON guests (tenant_id) WHERE deleted_at IS NULL;
CREATE INDEX ON guests (tenant_id, is_blacklisted) WHERE is_blacklisted;
CREATE INDEX ON reservations (tenant_id) WHERE deleted_at IS NULL;
CREATE INDEX ON reservations (created_at) WHERE deleted_at IS NULL;
CREATE INDEX ON properties (tenant_id);
CREATE INDEX ON room_types (tenant_id);
CREATE INDEX ON user_tenant_associations (tenant_id);
"""
