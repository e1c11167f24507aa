"""What every runner on this machine does around its engine: log, port, outcome."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.environment import secrets_of
from tartware_loadtest.runners.interface import EngineOutcome, EngineRequest, StopRequest
from tartware_loadtest.runners.journal import Journal
from tartware_loadtest.runners.options import check_arguments
from tartware_loadtest.runners.supervise import Finished, Output

__all__ = ["LOOPBACK", "free_port", "run_session"]

LOOPBACK = "127.0.0.1"

_PORT_TAKEN = 106
_PORT_ATTEMPTS = 5


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


def run_session(
    request: EngineRequest, stop: StopRequest, attempt: Callable[[Output, Journal], tuple[Finished, str]]
) -> EngineOutcome:
    """Run ``attempt`` until its port was really free, and say what is left.

    Args:
        request: What to run.
        stop: Who may ask to stop.
        attempt: Runs the engine once; returns how it ended, and the engine's version.

    Raises:
        InputError: An argument would falsify the run.
        RefusedError: The files of the run cannot be written, or the engine could not be started.
    """
    check_arguments(request.arguments)
    _make_room(request)
    started_at = time.time()
    with Journal(request.log, secrets_of(request)) as journal:
        for _ in range(_PORT_ATTEMPTS):
            output = Output(journal, f"{LOOPBACK}:{free_port()}")
            finished, version = attempt(output, journal)
            # k6 binds its port before it starts a virtual user: nothing was sent yet.
            if finished.exit.code != _PORT_TAKEN or output.load_began or stop.asked():
                break
        tail = (*journal.tail, *((f"k6 counts as hung: {finished.complaint}",) if finished.complaint else ()))
    return EngineOutcome(
        ending=finished.ending,
        exit_code=finished.exit.code,
        signal_number=finished.exit.signal_number,
        started_at=started_at,
        ended_at=time.time(),
        last=output.last,
        version=version,
        log_tail=tail,
        cpu_seconds=finished.exit.cpu_seconds,
        wait_seconds=finished.wait_seconds,
        peak_bytes=finished.exit.peak_bytes,
    )


def _make_room(request: EngineRequest) -> None:
    """Make the directory of the summary, and see to it that a summary found afterwards is this run's own."""
    try:
        request.summary.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            request.summary.unlink()
    except OSError as error:
        raise RefusedError(
            f"The summary cannot be written to {request.summary}: {error.strerror}.",
            hint="Choose a run directory that you may write to.",
        ) from error
