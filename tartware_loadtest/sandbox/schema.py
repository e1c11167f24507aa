"""Creates the schema and fills it: the same rows for the same size and seed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from tartware_loadtest.errors import InputError, RefusedError

__all__ = ["APP_ROLE", "Plan", "Seed", "create", "drop", "hash_password", "verify_password"]

APP_ROLE = "tartware_app"
_SQL = Path(__file__).parent / "sql"
_LARGEST = 10_000_000
_SEEDED = (
    "tenants",
    "users",
    "user_tenant_associations",
    "properties",
    "room_types",
    "rooms",
    "rates",
    "guests",
    "reservations",
    "housekeeping_tasks",
    "payments",
)
# The database was empty: what is there now is what `drop` may remove.
_OBJECTS = """
INSERT INTO sandbox_meta VALUES ('objects', jsonb_build_object(
    'tables', (SELECT jsonb_agg(tablename) FROM pg_tables WHERE schemaname = current_schema()),
    'types', (SELECT jsonb_agg(typname) FROM pg_type
        WHERE typtype = 'e' AND typnamespace = current_schema()::regnamespace)))
"""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seed:
    """How much the database holds, and the number that everything random in it is drawn from.

    Attributes:
        tenants: Usable tenants; an empty, a suspended and a deleted one come on top.
        rows: Rows in each big table (guests, reservations, housekeeping tasks).
        number: The same number makes the same UUIDs.
    """

    tenants: int = 4
    rows: int = 2_000
    number: int = 1

    def check(self) -> None:
        """Refuse a size that cannot be made.

        Raises:
            InputError: It is out of range.
        """
        if not 1 <= self.tenants <= 500:
            raise InputError(f"--tenants {self.tenants} is not between 1 and 500.")
        if not self.tenants * 20 <= self.rows <= _LARGEST:
            raise InputError(
                f"--rows {self.rows} is not between {self.tenants * 20} and {_LARGEST}.",
                hint="Each tenant needs at least 20 rows.",
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``create`` makes: size, the gateway's age, and the secrets of the roles and users.

    Attributes:
        app_password: Of the database role that row-level security applies to.
        user_password: Of the sandbox's named users, for ``POST /v1/auth/login``.
        seed: How many rows.
        age: Modules and deduplication differ between the ages.
        app_role: The role's name; roles belong to the whole server.
    """

    app_password: str
    user_password: str
    seed: Seed = field(default_factory=Seed)
    age: Literal["H", "S"] = "H"
    app_role: str = APP_ROLE


def create(admin_dsn: str, plan: Plan, report: Report = lambda _: None) -> None:
    """Create every table, the application role, and the seed's rows, in one transaction.

    Raises:
        RefusedError: The database is not empty, or the role may not be created.
        InputError: The seed's size is out of range.
    """
    plan.seed.check()
    with psycopg.connect(admin_dsn) as connection:
        _refuse_foreign(connection)
        try:
            _steps(connection, plan.seed, plan.age, report)
            _users(connection, plan.user_password)
            _application_role(connection, plan.app_role, plan.app_password)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RefusedError(
                f"The database does not let us create the sandbox: {error.diag.message_primary}.",
                hint="Connect as its owner with CREATEROLE, or leave out --dsn.",
            ) from error
    report("analyze")
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        # Not the empty ones: a table that is known to be empty gets plans that read all of it, and it does
        # not stay empty. Of one that was never looked at PostgreSQL expects some pages.
        connection.execute(f"VACUUM (ANALYZE) {', '.join(_SEEDED)}")


def _refuse_foreign(connection: psycopg.Connection) -> None:
    row = connection.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    ).fetchone()
    if row and row[0]:
        raise RefusedError(
            f"The database already holds {row[0]} tables; the sandbox wants an empty one.",
            hint="Name an empty database: the sandbox never writes into somebody's data.",
        )


def _steps(connection: psycopg.Connection, seed: Seed, age: str, report: Report) -> None:
    for name, value in (("seed", seed.number), ("tenants", seed.tenants), ("rows", seed.rows), ("age", age)):
        connection.execute("SELECT set_config(%s, %s, false)", (f"sandbox.{name}", str(value)))
    files = [*sorted(_SQL.glob("0[123]_*.sql")), *sorted((_SQL / "seed").glob("*.sql"))]
    for path in [*files, _SQL / "04_constraints.sql", _SQL / "05_security.sql"]:
        report(path.stem[3:])
        connection.execute(path.read_text(encoding="utf-8"))
    # At age S nothing deduplicates: the index is for reading only.
    unique = "UNIQUE" if age == "H" else ""
    connection.execute(
        f"CREATE {unique} INDEX idx_command_dispatches_request_dedupe"
        " ON command_dispatches (tenant_id, command_name, request_id)"
    )
    connection.execute(
        "INSERT INTO sandbox_meta VALUES ('seed', jsonb_build_object("
        "'tenants', %s::int, 'rows', %s::int, 'number', %s::int, 'age', %s::text))",
        (seed.tenants, seed.rows, seed.number, age),
    )
    connection.execute(_OBJECTS)


def _users(connection: psycopg.Connection, password: str) -> None:
    connection.execute(
        "UPDATE users SET password_hash = %s WHERE username LIKE 'sandbox.%%'", (hash_password(password),)
    )


def _application_role(connection: psycopg.Connection, role: str, password: str) -> None:
    # The server keeps a hash; the statement with the password itself would otherwise be in its log.
    secret = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    name = sql.Identifier(role)
    for statement in (
        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(name, sql.Literal(secret)),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("REVOKE ALL ON sandbox_meta, sandbox_refresh_tokens FROM {}").format(name),
    ):
        connection.execute(statement)


def hash_password(password: str) -> str:
    """Return what is stored of a user's password."""
    salt = os.urandom(16)
    return f"{salt.hex()}:{_scrypt(password, salt).hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Whether ``password`` is the one that was stored."""
    salt, _, digest = stored.partition(":")
    return _scrypt(password, bytes.fromhex(salt)).hex() == digest


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)


def drop(admin_dsn: str, app_role: str) -> None:
    """Remove what ``create`` made in somebody else's database, and nothing else."""
    with psycopg.connect(admin_dsn) as connection:
        marked = connection.execute("SELECT to_regclass('sandbox_meta') IS NOT NULL").fetchone()
        if not marked or not marked[0]:
            return
        made = connection.execute("SELECT value FROM sandbox_meta WHERE key = 'objects'").fetchone()
        objects: dict[str, list[str]] = made[0] if made else {}
        # Later statements depend on earlier ones: a type goes when no table has a column of it.
        for kind in ("tables", "types"):
            for name in objects.get(kind, []):
                word = sql.SQL("TABLE" if kind == "tables" else "TYPE")
                connection.execute(sql.SQL("DROP {} {} CASCADE").format(word, sql.Identifier(name)))
        connection.execute("DROP FUNCTION sandbox_uuid(text, bigint)")
        role = sql.Identifier(app_role)
        # Not DROP OWNED: who may create a role may not always drop what it owns, and it owns nothing.
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(role))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))
