"""A seeded database that lives as long as a ``with`` block: for tests and benchmarks."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tartware_loadtest.sandbox.binaries import Choice
from tartware_loadtest.sandbox.database import dsn, start_server, stop_server
from tartware_loadtest.sandbox.schema import APP_ROLE, Plan, Seed, create

__all__ = ["TemporaryDatabase", "temporary_database"]


@dataclass(frozen=True, slots=True)
class TemporaryDatabase:
    """How to reach the database.

    Attributes:
        admin_dsn: The superuser: row-level security does not apply.
        app_dsn: The application role: it sees a tenant's rows only after ``app.current_tenant_id`` is set.
    """

    admin_dsn: str
    app_dsn: str


@contextmanager
def temporary_database(seed: Seed | None = None, *, postgres: Choice = "auto") -> Iterator[TemporaryDatabase]:
    """Start a PostgreSQL, create and seed the schema, and remove everything at the end."""
    directory = Path(tempfile.mkdtemp(prefix="tartware-database-"))
    try:
        server = start_server(directory, postgres)
        try:
            password = secrets.token_urlsafe(18)
            create(server.admin_dsn, Plan(password, secrets.token_urlsafe(18), seed or Seed()))
            yield TemporaryDatabase(server.admin_dsn, dsn(APP_ROLE, password, server.port))
        finally:
            stop_server(server.process)
            shutil.rmtree(server.data, ignore_errors=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
