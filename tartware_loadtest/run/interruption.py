"""What a run that is asked to stop ends with."""

from __future__ import annotations

from tartware_loadtest.errors import ExitCode, RefusedError
from tartware_loadtest.runners.interface import StopRequest

__all__ = ["InterruptedRunError", "interrupted_code", "refuse_if_stopped"]

_SIGINT = 2


class InterruptedRunError(RefusedError):
    """Stopped before there was anything to judge."""

    def __init__(self, stop: StopRequest, message: str) -> None:
        super().__init__(message)
        self.exit_code = interrupted_code(stop)


def interrupted_code(stop: StopRequest) -> ExitCode:
    """Return the exit code of a run that was asked to stop."""
    return ExitCode.INTERRUPTED if stop.signal_number in {None, _SIGINT} else ExitCode.TERMINATED


def refuse_if_stopped(stop: StopRequest, message: str = "Stopped before any load was sent.") -> None:
    """Raise if somebody asked to stop.

    Raises:
        InterruptedRunError: With the exit code of the signal.
    """
    if stop.asked():
        raise InterruptedRunError(stop, message)
