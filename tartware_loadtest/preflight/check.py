"""The result of one check. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SKIPPABLE", "Check", "CheckState"]

SKIPPABLE = ("gateway", "token", "rate-limit", "canary", "capacity", "other-run", "generator-health")
"""Names for ``--skip-check``; each skipped one makes the run no gate evidence."""


class CheckState(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at before the load.

    Attributes:
        name: What ``--skip-check`` calls it.
        state: What it came to.
        detail: What was found.
        fix: What to do about it, empty if nothing.
    """

    name: str
    state: CheckState
    detail: str
    fix: str = ""
