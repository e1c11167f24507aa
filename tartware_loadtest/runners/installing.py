"""What an installation tells while it works, and how it is called off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tartware_loadtest.runners.interface import StopRequest

__all__ = ["InstallListener", "InstallProgress", "Step", "StepFailed", "Work", "unheard"]


class Step(Enum):
    """What an installation is doing."""

    DOWNLOAD = "Downloading the release"
    FETCH = "Fetching the source"
    BUILD = "Building from source"
    CHECK = "Checking"


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """How far a step has come.

    Attributes:
        step: What is being done.
        done: Bytes, modules or packages.
        total: How many there will be, None where that is not known.
        detail: The module or package in hand, or why this way was given up.
        failed: Whether this way was given up.
    """

    step: Step
    done: int = 0
    total: int | None = None
    detail: str = ""
    failed: bool = False


InstallListener = Callable[[InstallProgress], None]


def unheard(_: InstallProgress) -> None:
    """Listen to nothing."""


class StepFailed(Exception):  # noqa: N818  # not an error yet: the next way may succeed
    """One way to get k6 did not work; the message says why."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every step of an installation needs.

    Attributes:
        tell: Gets the progress.
        stop: Who calls it off.
    """

    tell: InstallListener
    stop: StopRequest

    def go_on(self) -> None:
        """Raise KeyboardInterrupt if somebody asked to stop."""
        if self.stop.asked():
            raise KeyboardInterrupt
