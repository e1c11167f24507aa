"""One database for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database


@pytest.fixture(scope="session")
def database() -> Iterator[TemporaryDatabase]:
    with temporary_database() as made:
        yield made


@pytest.fixture
def admin(database: TemporaryDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.admin_dsn) as connection:
        yield connection
        connection.rollback()
