"""What a walk found: the usable rows, and how many rows each filter took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tartware_loadtest.sampling.database import Database
from tartware_loadtest.sampling.walk import Walk

__all__ = ["Probe", "describe", "probe"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Probe(Generic[T]):
    """The answer to one walk.

    Attributes:
        table: The table that was walked.
        found: Usable rows, in the order of the walk.
        probed: How many different rows were looked at.
        complete: Whether they were all that the tenant has.
        taken: How many rows each filter took.
    """

    table: str
    found: tuple[T, ...]
    probed: int
    complete: bool
    taken: Mapping[str, int]

    def account(self, usable: int, kept: Mapping[str, int] | None = None) -> str:
        """Say what became of the probed rows: "0 of 2,000 probed reservations: 1,400 CANCELLED, 600 deleted".

        Args:
            usable: How many of them serve.
            kept: Further filters that took rows after the walk.
        """
        if not self.probed:
            return f"it has no {self.table}" if self.complete else f"no {self.table} on the pages probed"
        every = "all " if self.complete else ""
        head = f"{usable:,} of {every}{self.probed:,} {'' if self.complete else 'probed '}{self.table}"
        return describe(head, {**self.taken, **(kept or {})})


def describe(head: str, counts: Mapping[str, int]) -> str:
    """Append the counts, largest first."""
    listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return f"{head}: {', '.join(f'{count:,} {name}' for name, count in listed)}" if listed else head


def probe(
    database: Database,
    walk: Walk,
    take: Callable[[dict[str, Any]], T],
    enough: Callable[[int], bool],
) -> Probe[T]:
    """Walk until ``enough`` says so, or until the walk ends.

    Args:
        database: Inside a transaction of the tenant.
        walk: What to walk.
        take: Makes a tuple of a usable row; called once for each row.
        enough: Is told how many were found, after each window.

    Raises:
        RefusedError: A query ran into the statement timeout.
    """
    found: dict[T, None] = {}
    reasons: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    complete = False
    with closing(walk.windows(database)) as windows:
        for window in windows:
            complete = window.complete
            for row in window.rows:
                key = (row["id"], str(row.get("room_type_id")))
                if key in seen:
                    continue
                seen.add(key)
                if row["reason"] is None:
                    found[take(row)] = None
                else:
                    reasons[row["reason"]] += 1
            if enough(len(found)):
                break
    return Probe(
        table=walk.question.table,
        found=tuple(found),
        probed=len({identifier for identifier, _ in seen}),
        complete=complete,
        taken=dict(reasons),
    )
