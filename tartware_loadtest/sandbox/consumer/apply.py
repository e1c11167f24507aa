"""Applies a batch of commands: one statement a command's name, and one by one where that fails."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

from tartware_loadtest.sandbox.consumer.settings import Defect

__all__ = ["Taken", "apply_batch", "lose_waiting"]

_SQL = Path(__file__).parents[1] / "sql" / "apply"
# Registered and created first: what comes in the same batch may be about them.
_ORDER = (
    "guest.register",
    "reservation.create",
    "reservation.modify",
    "reservation.cancel",
    "billing.payment.capture",
    "housekeeping.task.assign",
    "housekeeping.task.complete",
)
_HOUSEKEEPING = {
    "housekeeping.task.assign": "42P08: could not determine data type of parameter",
    "housekeeping.task.complete": '42703: column "completed_by" does not exist',
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch did.

    Attributes:
        commands: How many were taken from the outbox, replays among them.
        failed: How many of them cannot be applied.
        last: The outbox id of the newest, 0 where nothing was taken.
    """

    commands: int
    failed: int
    last: int


@dataclass(frozen=True, slots=True)
class _Command:
    number: int
    name: str
    id: str
    tenant_id: str
    payload: str
    correlation_id: str | None
    target: str | None

    def row(self) -> str:
        # The payload is JSON text already: it goes back as it came, unread.
        return f'{{"command_id":"{self.id}","tenant_id":"{self.tenant_id}","payload":{self.payload}}}'


@dataclass(frozen=True, slots=True)
class _Outcome:
    reservation_id: str | None = None
    reason: str | None = None


_Outcomes = dict[str, _Outcome]


@cache
def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def apply_batch(connection: psycopg.Connection, most: int, start: int, defects: tuple[Defect, ...]) -> Taken:
    """Take up to ``most`` commands with outbox ids from ``start`` on, apply them and record how it went."""
    with connection.transaction():
        rows = connection.execute(_statement("take"), {"most": most, "from": start}).fetchall()
        commands = [_Command(row[0], *row[2:]) for row in sorted(rows) if not row[1]]
        outcomes: _Outcomes = {}
        for name, turn in _turns(commands):
            outcomes |= _apply(connection, name, turn, defects)
        if commands:
            connection.execute(_statement("finish"), {"rows": _outcome_rows(commands, outcomes)})
    failed = sum(outcome.reason is not None for outcome in outcomes.values())
    return Taken(len(rows), failed, max((row[0] for row in rows), default=0))


def _turns(commands: Iterable[_Command]) -> Iterable[tuple[str, list[_Command]]]:
    """Group by name, so that two commands on one row are applied one after the other."""
    turns: dict[tuple[str, int], list[_Command]] = defaultdict(list)
    used: dict[tuple[str, str, str], int] = {}
    for command in commands:
        key = (command.name, command.tenant_id, command.target or command.id)
        turn = used.get(key, 0)
        used[key] = turn + 1
        turns[command.name, turn].append(command)
    places = {name: place for place, name in enumerate(_ORDER)}
    for name, turn in sorted(turns, key=lambda one: (places.get(one[0], len(places)), one[1])):
        yield name, turns[name, turn]


def _apply(
    connection: psycopg.Connection, name: str, commands: Sequence[_Command], defects: tuple[Defect, ...]
) -> _Outcomes:
    if name not in _ORDER:
        return {command.id: _Outcome(reason="NO_CONSUMER") for command in commands}
    if "housekeeping" in defects and name in _HOUSEKEEPING:
        return {command.id: _Outcome(reason=_HOUSEKEEPING[name]) for command in commands}
    try:
        with connection.transaction():
            return _run(connection, name, commands)
    except psycopg.OperationalError:
        raise
    except psycopg.DatabaseError as error:
        if len(commands) == 1:
            reason = f"{error.sqlstate}: {error.diag.message_primary}"
            return {commands[0].id: _Outcome(reason=reason)}
    # One row that PostgreSQL refuses must not take the others with it.
    outcomes: _Outcomes = {}
    for command in commands:
        outcomes |= _apply(connection, name, [command], defects)
    return outcomes


def _run(connection: psycopg.Connection, name: str, commands: Sequence[_Command]) -> _Outcomes:
    text = "[" + ",".join(command.row() for command in commands) + "]"
    rows = connection.execute(_statement(name), {"rows": text}).fetchall()
    return {row[0]: _Outcome(row[1], row[2]) for row in rows}


def _outcome_rows(commands: Iterable[_Command], outcomes: _Outcomes) -> str:
    return json.dumps(
        [
            {
                "command_id": command.id,
                "tenant_id": command.tenant_id,
                "command": command.name,
                "correlation_id": command.correlation_id,
                "reservation_id": outcomes[command.id].reservation_id,
                "reason": outcomes[command.id].reason,
            }
            for command in commands
        ]
    )


def lose_waiting(connection: psycopg.Connection) -> int:
    """Lose what is waiting, as a consumer does that rejoins its group at the latest offset."""
    with connection.transaction():
        return connection.execute(_statement("lose")).rowcount
