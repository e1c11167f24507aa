"""Runs k6 as a child process on this machine."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

from tartware_loadtest.runners.engine import Engine
from tartware_loadtest.runners.environment import clean, engine_variables, secrets_of
from tartware_loadtest.runners.interface import EngineOutcome, EngineRequest, Listener, StopRequest
from tartware_loadtest.runners.journal import Journal
from tartware_loadtest.runners.options import check_arguments, no_config_file, run_arguments
from tartware_loadtest.runners.process import Child
from tartware_loadtest.runners.schedule import ScheduleSampler
from tartware_loadtest.runners.supervise import Finished, Output, Supervisor
from tartware_loadtest.runners.watch import Limits

__all__ = ["LOOPBACK", "NativeRunner", "free_port", "prepare"]

LOOPBACK = "127.0.0.1"

_PORT_TAKEN = 106
_PORT_ATTEMPTS = 5


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


def prepare(request: EngineRequest) -> None:
    """Check the arguments, and make sure that a summary found afterwards is this run's own.

    Raises:
        InputError: An argument would falsify the run.
    """
    check_arguments(request.arguments)
    request.summary.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        request.summary.unlink()


class NativeRunner:
    """Runs the k6 binary it is given; ``run`` blocks until k6 is gone."""

    def __init__(self, engine: Engine, *, limits: Limits | None = None) -> None:
        self._engine = engine
        self._limits = limits or Limits()

    def run(self, request: EngineRequest, listener: Listener, stop: StopRequest) -> EngineOutcome:
        """Run k6 to its end, or until ``stop`` is asked; leave no process behind.

        Raises:
            InputError: An argument would falsify the run.
            RefusedError: k6 could not be started.
        """
        prepare(request)
        started_at = time.time()
        with Journal(request.log, secrets_of(request)) as journal:
            for _ in range(_PORT_ATTEMPTS):
                output = Output(journal, f"{LOOPBACK}:{free_port()}")
                finished = self._attempt(request, output, listener, stop)
                # Nothing was sent yet: k6 binds its port before it starts a virtual user.
                if finished.exit.code != _PORT_TAKEN or output.load_began or stop.asked():
                    break
            tail = (*journal.tail, *((f"hung: {finished.complaint}",) if finished.complaint else ()))
        return EngineOutcome(
            ending=finished.ending,
            exit_code=finished.exit.code,
            signal_number=finished.exit.signal_number,
            started_at=started_at,
            ended_at=time.time(),
            last=output.last,
            version=self._engine.version,
            log_tail=tail,
            cpu_seconds=finished.exit.cpu_seconds,
            wait_seconds=finished.wait_seconds,
            peak_bytes=finished.exit.peak_bytes,
        )

    def _attempt(
        self, request: EngineRequest, output: Output, listener: Listener, stop: StopRequest
    ) -> Finished:
        arguments = run_arguments(
            request.entry,
            api=output.api,
            summary=str(request.summary.resolve()),
            extra=request.arguments,
            config=no_config_file(),
        )
        with Child(
            [str(self._engine.path), *arguments],
            cwd=request.bundle,
            environment={**clean(os.environ), **engine_variables(request, output.api)},
            on_line=output.line,
        ) as child:
            supervisor = Supervisor(
                child,
                output,
                limits=self._limits,
                controls=child,
                sampler=ScheduleSampler(child.pid),
            )
            return supervisor.follow(request, listener, stop)
