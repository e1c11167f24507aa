"""What became of a run's commands, counted in the database by their identity."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tartware_loadtest.errors import InputError

__all__ = ["Account", "Count", "count_run", "resolve_run", "wait_for_drain"]

# An index range over (tenant_id, command_name, request_id): each identity begins with the run's eight digits.
_COUNT = """
SELECT d.command_name, count(*),
    count(*) FILTER (WHERE o.status = 'DELIVERED' AND f.command_id IS NULL),
    count(*) FILTER (WHERE f.kind = 'failed'),
    count(*) FILTER (WHERE f.kind = 'lost'),
    count(*) FILTER (WHERE f.command_id IS NULL AND o.status IS DISTINCT FROM 'DELIVERED')
FROM command_dispatches AS d
LEFT JOIN transactional_outbox AS o ON o.event_id = d.id
LEFT JOIN sandbox_command_failures AS f ON f.command_id = d.id
WHERE d.tenant_id = ANY (ARRAY(SELECT id FROM tenants))
    AND d.command_name = ANY (ARRAY(SELECT command_name FROM command_templates))
    AND d.request_id BETWEEN %(first)s AND %(last)s
GROUP BY d.command_name ORDER BY d.command_name
"""
_REASONS = """
SELECT f.reason, count(*)
FROM command_dispatches AS d JOIN sandbox_command_failures AS f ON f.command_id = d.id
WHERE d.tenant_id = ANY (ARRAY(SELECT id FROM tenants))
    AND d.command_name = ANY (ARRAY(SELECT command_name FROM command_templates))
    AND d.request_id BETWEEN %(first)s AND %(last)s
GROUP BY f.reason ORDER BY 2 DESC
"""
_RUN = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Count:
    """Commands by what became of them: dispatched = applied + failed + lost + open."""

    dispatched: int = 0
    applied: int = 0
    failed: int = 0
    lost: int = 0
    open: int = 0

    def __add__(self, other: Count) -> Count:
        """Return the sum."""
        return Count(
            self.dispatched + other.dispatched,
            self.applied + other.applied,
            self.failed + other.failed,
            self.lost + other.lost,
            self.open + other.open,
        )


@dataclass(frozen=True, slots=True)
class Account:
    """A run's commands.

    Attributes:
        run: Its eight hexadecimal digits.
        commands: By the command's name.
        reasons: Why commands failed or were lost, and how many each.
    """

    run: str
    commands: dict[str, Count]
    reasons: dict[str, int]

    @property
    def total(self) -> Count:
        """All commands together."""
        return sum(self.commands.values(), start=Count())


def resolve_run(run: str) -> str:
    """Return the run's digits, from themselves or from a run directory.

    Raises:
        InputError: It is neither.
    """
    if _RUN.fullmatch(run):
        return run
    path = Path(run) / "run.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("run_id")
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"{run!r} is neither a run's eight hexadecimal digits nor a run directory.",
            hint="Pass what `tartware-lt runs list` shows.",
        ) from error
    if not isinstance(found, str) or not _RUN.fullmatch(found):
        raise InputError(f"{path} names no run_id of eight hexadecimal digits.")
    return found


def count_run(connection: psycopg.Connection, run: str) -> Account:
    """Count the commands of a run."""
    bounds = {"first": f"{run}-0000-0000-0000-000000000000", "last": f"{run}-ffff-ffff-ffff-ffffffffffff"}
    rows = connection.execute(_COUNT, bounds).fetchall()
    reasons = connection.execute(_REASONS, bounds).fetchall()
    connection.rollback()
    return Account(run, {row[0]: Count(*row[1:]) for row in rows}, {row[0]: row[1] for row in reasons})


def wait_for_drain(
    connection: psycopg.Connection, run: str, wait_s: float, report: Callable[[Account], None]
) -> Account:
    """Count until no command of the run is open, at most ``wait_s`` seconds long."""
    deadline = time.monotonic() + wait_s
    while True:
        account = count_run(connection, run)
        if not account.total.open or time.monotonic() >= deadline:
            return account
        report(account)
        time.sleep(0.25)
