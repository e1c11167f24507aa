"""What every runner is asked for, tells while it runs, and returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

__all__ = [
    "Ending",
    "EngineOutcome",
    "EngineRequest",
    "Listener",
    "Progress",
    "Runner",
    "StopRequest",
    "silent",
]

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One k6 run.

    Attributes:
        bundle: Directory that holds the rendered files.
        entry: File name of the entry script inside ``bundle``.
        environment: Variables for the k6 process, secrets among them; nothing here may reach argv.
        secret_names: The names in ``environment`` whose values must never be written anywhere.
        summary: Where k6 writes its summary (``--summary-export``).
        log: Where k6's standard output and standard error are kept.
        planned_seconds: From the start of the load to its planned end, in seconds.
        grace_seconds: How much longer k6 may take for start, graceful stop and summary.
        arguments: Further k6 arguments, as the user gave them after ``--``.
    """

    bundle: Path
    entry: str
    environment: Mapping[str, str]
    secret_names: frozenset[str]
    summary: Path
    log: Path
    planned_seconds: float
    grace_seconds: float = 90.0
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """What k6 itself says once a second.

    Attributes:
        elapsed_seconds: Since the start of the load.
        vus: Virtual users that are busy.
        max_vus: Virtual users that exist.
        completed: Iterations that ended.
        interrupted: Iterations that were cut off.
        api: ``host:port`` of k6's REST API where the caller can reach it, else empty.
    """

    elapsed_seconds: float
    vus: int
    max_vus: int
    completed: int
    interrupted: int
    api: str = ""


Listener = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Listen to nothing."""


class StopRequest:
    """How a signal handler or a criterion asks a running engine to stop; safe to call from any thread.

    There is no lock in it: a signal handler runs in the middle of whatever its thread was doing, and would
    wait for ever for an ``Event`` that this same thread was just waiting for.
    """

    def __init__(self) -> None:
        self._asked = False
        self.signal_number: int | None = None
        self.reason = ""

    def ask(self, reason: str, *, signal_number: int | None = None) -> None:
        """Ask once; later calls change nothing."""
        if not self._asked:
            self.reason, self.signal_number = reason, signal_number
            self._asked = True

    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked

    def wait(self, seconds: float) -> bool:
        """Wait at most ``seconds``; return whether somebody asked."""
        deadline = time.monotonic() + seconds
        while not self._asked and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
        return self._asked


class Ending(Enum):
    """How the engine came to its end."""

    FINISHED = "finished"
    STOPPED = "stopped"
    HUNG = "hung"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class EngineOutcome:
    """What is left when k6 has ended.

    Attributes:
        ending: How it ended.
        exit_code: k6's own exit code (for a container: k6's, not the client's); None if a signal killed it.
        signal_number: The signal that killed it, else None.
        started_at: Unix time in seconds when the process was started.
        ended_at: Unix time in seconds when it was gone.
        last: k6's last own progress line, None if there was none.
        version: k6's version, such as ``2.2.0``.
        log_tail: The last lines of its log that tell of an error, for messages.
        cpu_seconds: User and system time of the k6 process, None where it cannot be read.
        wait_seconds: Time its threads waited for a CPU (run-queue wait), None where it cannot be read.
        peak_bytes: Peak resident memory, None where it cannot be read.
    """

    ending: Ending
    exit_code: int | None
    signal_number: int | None
    started_at: float
    ended_at: float
    last: Progress | None
    version: str
    log_tail: tuple[str, ...] = ()
    cpu_seconds: float | None = None
    wait_seconds: float | None = None
    peak_bytes: int | None = None


class Runner(Protocol):
    """Runs k6 in one place."""

    def run(self, request: EngineRequest, listener: Listener, stop: StopRequest) -> EngineOutcome:
        """Run k6 to its end, or until ``stop`` is asked; leave no process behind.

        Raises:
            RefusedError: k6 could not be started at all (no engine, image or daemon).
        """
        ...
