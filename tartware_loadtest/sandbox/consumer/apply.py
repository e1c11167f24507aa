"""Applies a batch of commands: one statement a command's name, and one by one where that fails."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

from tartware_loadtest.sandbox.consumer.settings import Defect

__all__ = ["Taken", "apply_batch", "lose_waiting", "prepare"]

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


@cache
def _statement(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def prepare(connection: psycopg.Connection) -> None:
    """Give the session its batch table."""
    connection.execute(_statement("batch"))
    connection.commit()


def apply_batch(connection: psycopg.Connection, most: int, start: int, defects: tuple[Defect, ...]) -> Taken:
    """Take up to ``most`` commands with outbox ids from ``start`` on, apply them and record how it went."""
    with connection.transaction():
        rows = connection.execute(_statement("take"), {"most": most, "from": start}).fetchall()
        count, last = rows[-1][2], rows[-1][3] or 0
        turns = {row[0]: row[1] for row in rows if row[0]}
        if not turns:
            return Taken(count, 0, last)
        for command in _ORDER:
            for turn in range(1, turns.get(command, 0) + 1):
                _apply(connection, command, turn, defects)
        failed = connection.execute(_statement("finish"), {}).fetchone()
    return Taken(count, failed[0] if failed else 0, last)


def _apply(connection: psycopg.Connection, command: str, turn: int, defects: tuple[Defect, ...]) -> None:
    if "housekeeping" in defects and command in _HOUSEKEEPING:
        connection.execute(
            "UPDATE pg_temp.batch SET reason = %s WHERE command = %s", (_HOUSEKEEPING[command], command)
        )
        return
    statement = _statement(command)
    try:
        with connection.transaction():
            connection.execute(statement, {"turn": turn, "only": None})
    except psycopg.DatabaseError:
        _one_by_one(connection, command, turn)


def _one_by_one(connection: psycopg.Connection, command: str, turn: int) -> None:
    rows = connection.execute(
        "SELECT command_id FROM pg_temp.batch WHERE command = %s AND turn = %s ORDER BY number",
        (command, turn),
    ).fetchall()
    for (command_id,) in rows:
        try:
            with connection.transaction():
                connection.execute(_statement(command), {"turn": turn, "only": command_id})
        except psycopg.OperationalError:
            raise
        except psycopg.DatabaseError as error:
            connection.execute(
                "UPDATE pg_temp.batch SET reason = %s WHERE command_id = %s",
                (f"{error.sqlstate}: {error.diag.message_primary}", command_id),
            )


def lose_waiting(connection: psycopg.Connection) -> int:
    """Lose what is waiting, as a consumer does that rejoins its group at the latest offset."""
    with connection.transaction():
        return connection.execute(_statement("lose")).rowcount
