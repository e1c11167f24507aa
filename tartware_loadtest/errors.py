"""The one exception base, and the table of exit codes that users rely on."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "EngineError",
    "ExitCode",
    "InputError",
    "RefusedError",
    "TartwareError",
]


class ExitCode(IntEnum):
    """What the process ends with; the table in ``docs/reference/exit-codes.md`` is checked against it."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INVALID = 3
    REFUSED = 4
    ENGINE = 5
    INTERRUPTED = 130
    TERMINATED = 143


class TartwareError(Exception):
    """Base of every error that a user may see.

    Args:
        message: What happened, and where.
        hint: What to do about it; shown on a line of its own.
    """

    exit_code: ExitCode = ExitCode.ENGINE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(TartwareError):
    """Wrong use or unreadable input: flags, configuration, profile, broken summary, empty sample (exit 2)."""

    exit_code = ExitCode.USAGE


class RefusedError(TartwareError):
    """Refused or failed before the first load: preflight, target not confirmed, no k6 (exit 4)."""

    exit_code = ExitCode.REFUSED


class EngineError(TartwareError):
    """No measurement at all though load began: the engine, Docker or the disk broke (exit 5)."""

    exit_code = ExitCode.ENGINE
