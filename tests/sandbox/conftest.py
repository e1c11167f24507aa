"""One database, one sandbox of each age, for all tests here."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tartware_loadtest.sandbox.credentials import token_for
from tartware_loadtest.sandbox.lifecycle import bring_down, bring_up
from tartware_loadtest.sandbox.options import Options
from tartware_loadtest.sandbox.state import State
from tartware_loadtest.sandbox.status import admin_call
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database


@dataclass
class Tenant:
    """Ids of the seed that belong together."""

    id: str
    property_id: str
    room_type_id: str
    guests: list[str]
    cancellable: list[tuple[str, str]]
    tasks: list[str]


@dataclass
class Sandbox:
    """A running sandbox, and how a test talks to it."""

    state: State
    client: httpx.Client
    tenants: list[Tenant]
    waiting_s: float = 10.0
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    _number: int = 0

    @property
    def tenant(self) -> Tenant:
        return self.tenants[0]

    def key(self) -> str:
        self._number += 1
        return f"{self.run}-0000-4000-8000-{self._number:012d}"

    def token(self, user: str = "admin", ttl_s: float = 600.0, issuer: str | None = None) -> str:
        return token_for(self.state, user, ttl_s, issuer)

    def headers(self, key: str | None = None, token: str | None = None) -> dict[str, str]:
        key = key or self.key()
        return {
            "authorization": f"Bearer {token or self.token()}",
            "idempotency-key": key,
            "x-correlation-id": key if len(key) == 36 else str(uuid.uuid4()),
        }

    def execute(
        self,
        command: str,
        payload: dict[str, Any],
        *,
        key: str | None = None,
        token: str | None = None,
        tenant: str | None = None,
    ) -> httpx.Response:
        return self.client.post(
            f"/v1/commands/{command}/execute",
            json={"tenant_id": tenant or self.tenant.id, "payload": payload},
            headers=self.headers(key, token),
        )

    def register(self, **more: Any) -> httpx.Response:
        return self.execute("guest.register", self.guest(), **more)

    def guest(self) -> dict[str, Any]:
        email = f"{uuid.uuid4().hex}@load.example"
        return {"first_name": "Ada", "last_name": "Byron", "email": email, "phone": "+15550001111"}

    def stay(self) -> dict[str, Any]:
        return {
            "property_id": self.tenant.property_id,
            "room_type_id": self.tenant.room_type_id,
            "guest_id": self.tenant.guests[0],
            "check_in_date": "2031-05-01",
            "check_out_date": "2031-05-04",
            "total_amount": 300,
            "reservation_id": str(uuid.uuid4()),
        }

    def cancellable(self) -> tuple[str, str]:
        return self.tenant.cancellable.pop()

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.state.admin_dsn) as connection:
            return connection.execute(statement, parameters).fetchall()

    def settle(self, response: httpx.Response) -> str:
        """Wait until the accepted command was taken; return why it failed, empty where it was applied."""
        command_id = response.json()["command_id"]
        deadline = time.monotonic() + self.waiting_s
        while time.monotonic() < deadline:
            found = self.rows(
                "SELECT o.status::text, f.reason FROM transactional_outbox o"
                " LEFT JOIN sandbox_command_failures f ON f.command_id = o.event_id WHERE o.event_id = %s",
                command_id,
            )
            if found[0][0] == "DELIVERED":
                return found[0][1] or ""
            time.sleep(0.03)
        raise AssertionError(f"{command_id} was not taken in {self.waiting_s} s")

    def faults(self, plan: dict[str, Any]) -> dict[str, Any]:
        return admin_call(self.state, "PUT", plan)

    def injected(self) -> dict[str, Any]:
        return admin_call(self.state, "GET")


def _tenants(state: State) -> list[Tenant]:
    found = []
    with psycopg.connect(state.admin_dsn) as connection:

        def column(statement: str, tenant: str) -> list[Any]:
            return [row[0] for row in connection.execute(statement, (tenant,)).fetchall()]

        for (tenant,) in connection.execute(
            "SELECT id::text FROM tenants WHERE name LIKE '%(usable)' ORDER BY created_at"
        ).fetchall():
            stay = connection.execute(
                "SELECT p.id::text, t.id::text FROM properties p JOIN room_types t ON t.property_id = p.id"
                " WHERE p.tenant_id = %s AND p.property_code LIKE '%%P1' AND t.type_code = 'STD'",
                (tenant,),
            ).fetchone()
            assert stay
            guests = column(
                "SELECT id::text FROM guests WHERE tenant_id = %s AND NOT is_deleted AND NOT is_blacklisted"
                " ORDER BY id LIMIT 20",
                tenant,
            )
            cancellable = connection.execute(
                "SELECT id::text, guest_id::text FROM reservations WHERE tenant_id = %s AND NOT is_deleted"
                " AND status IN ('PENDING', 'CONFIRMED') ORDER BY id LIMIT 60",
                (tenant,),
            ).fetchall()
            tasks = column(
                "SELECT id::text FROM housekeeping_tasks WHERE tenant_id = %s AND NOT is_deleted LIMIT 20",
                tenant,
            )
            found.append(
                Tenant(tenant, stay[0], stay[1], guests, [(row[0], row[1]) for row in cancellable], tasks)
            )
    return found


@pytest.fixture(scope="session")
def start_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Options], Sandbox]]:
    """Start sandboxes that end with the session."""
    directories: list[Path] = []
    clients: list[httpx.Client] = []

    def start(options: Options) -> Sandbox:
        directory = tmp_path_factory.mktemp("sandbox")
        directories.append(directory)
        state, _ = bring_up(directory, options)
        client = httpx.Client(base_url=state.url, timeout=20)
        clients.append(client)
        return Sandbox(state, client, _tenants(state))

    yield start
    for client in clients:
        client.close()
    for directory in directories:
        bring_down(directory, purge=True)


@pytest.fixture(scope="session")
def sandbox_h(start_sandbox: Callable[[Options], Sandbox]) -> Sandbox:
    return start_sandbox(Options())


@pytest.fixture
def sandbox(sandbox_h: Sandbox) -> Iterator[Sandbox]:
    """A healthy sandbox of age H; what a test breaks is mended after it."""
    yield sandbox_h
    sandbox_h.faults({})


@pytest.fixture(scope="session")
def sandbox_s(start_sandbox: Callable[[Options], Sandbox]) -> Sandbox:
    """A sandbox of age S, its limiter off."""
    return start_sandbox(Options(age="S", rate_limit="off"))


@pytest.fixture(scope="session")
def database() -> Iterator[TemporaryDatabase]:
    with temporary_database() as made:
        yield made


@pytest.fixture
def admin(database: TemporaryDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.admin_dsn) as connection:
        yield connection
        connection.rollback()
