"""What a sandbox is doing: its parts, its backlog, and what it can carry here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sandbox.processes import Process, alive
from tartware_loadtest.sandbox.state import State

__all__ = ["NOT_TARTWARE", "Backlog", "Status", "admin_call", "look"]

# Measured on two cores beside k6: see docs/reference/sandbox.md. Reads cost about as much as commands.
CARRIES_PER_CORE = 300
NOT_TARTWARE = (
    "This is a stand-in, not Tartware. A real gateway needs many times the CPU a command, and a real outbox"
    " drains about 8 rows a second and pod: what passes here shows that the tools work, no more."
)
_BACKLOG = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(available_at)), 0)::float
FROM transactional_outbox WHERE status IN ('PENDING', 'FAILED')
"""
_FLOW = """
SELECT (SELECT count(*) FROM command_dispatches), (SELECT count(*) FROM sandbox_command_failures)
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the consumer has not applied yet.

    Attributes:
        pending: Rows of the outbox.
        oldest_s: Age of the oldest.
        accepted: All commands that were ever accepted.
        failed: Those of them that cannot be applied, or were lost.
    """

    pending: int
    oldest_s: float
    accepted: int
    failed: int


@dataclass(frozen=True, slots=True)
class Status:
    """A look at a sandbox.

    Attributes:
        parts: Whether each part runs.
        drain_rate: Commands a second that the consumer may apply.
        carries: Commands a second that this machine's sandbox is good for, as an order of magnitude.
    """

    parts: Mapping[str, bool]
    backlog: Backlog | None
    drain_rate: float
    carries: int

    @property
    def up(self) -> bool:
        """Whether every part runs."""
        return all(self.parts.values())


def look(state: State) -> Status:
    """Look at the parts and the backlog."""
    server = state.server.process if state.server else None
    parts = {"gateway": _runs(state.gateway), "consumer": _runs(state.consumer)}
    if server is not None:
        parts["postgres"] = state.phase == "up" and _runs(server)
    backlog = None
    try:
        with psycopg.connect(state.admin_dsn, connect_timeout=3) as connection:
            pending = connection.execute(_BACKLOG).fetchone()
            flow = connection.execute(_FLOW).fetchone()
            orders = connection.execute("SELECT value FROM sandbox_meta WHERE key = 'consumer'").fetchone()
        if pending and flow:
            backlog = Backlog(pending[0], round(pending[1], 3), *flow)
    except psycopg.Error:
        parts["postgres"], orders = False, None
    rate = float(state.options.get("drain_rate", 0.0))
    if orders:
        rate = rate if orders[0].get("rate") is None else float(orders[0]["rate"])
        rate = 0.0 if orders[0].get("stopped") else rate
    return Status(parts, backlog, rate, CARRIES_PER_CORE * (os.cpu_count() or 1))


def _runs(process: Process | None) -> bool:
    return process is not None and alive(process)


def admin_call(state: State, method: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Call the sandbox's own route of faults.

    Raises:
        InputError: The gateway refuses the plan.
        RefusedError: The gateway does not answer.
    """
    request = Request(  # noqa: S310 -- our own loopback
        f"{state.url}/__sandbox/faults",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"x-sandbox-token": state.admin_token, "content-type": "application/json"},
    )
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 -- as above
            report: dict[str, Any] = json.load(answer)
            return report
    except HTTPError as error:
        with error:
            detail = json.load(error).get("detail", "")
        raise InputError(f"The sandbox refuses: {detail}") from error
    except (URLError, OSError, ValueError) as error:
        raise RefusedError(
            f"The sandbox at {state.url} does not answer.", hint="Run `tartware-lt sandbox status`."
        ) from error
