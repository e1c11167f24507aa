"""Runs k6 as a child process on this machine."""

from __future__ import annotations

import os

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.engine import Engine
from tartware_loadtest.runners.environment import clean, engine_variables
from tartware_loadtest.runners.interface import EngineOutcome, EngineRequest, Listener, StopRequest
from tartware_loadtest.runners.journal import Journal
from tartware_loadtest.runners.options import no_config_file, run_arguments
from tartware_loadtest.runners.process import CANNOT_START, Child
from tartware_loadtest.runners.schedule import ScheduleSampler
from tartware_loadtest.runners.session import run_session
from tartware_loadtest.runners.supervise import Finished, Output, Supervisor
from tartware_loadtest.runners.watch import Limits

__all__ = ["NativeRunner"]


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

        def attempt(output: Output, _: Journal) -> tuple[Finished, str]:
            with self._start(request, output) as child:
                sampler = ScheduleSampler(child.pid)
                supervisor = Supervisor(child, output, limits=self._limits, controls=child, sampler=sampler)
                finished = supervisor.follow(request, listener, stop)
            if finished.exit.code == CANNOT_START:
                raise RefusedError(f"k6 cannot be executed: {self._engine.path}.", hint=f"See {request.log}.")
            return finished, self._engine.version

        return run_session(request, stop, attempt)

    def _start(self, request: EngineRequest, output: Output) -> Child:
        arguments = run_arguments(
            request.entry,
            api=output.api,
            summary=str(request.summary.resolve()),
            extra=request.arguments,
            config=no_config_file(),
        )
        return Child(
            [str(self._engine.path), *arguments],
            cwd=request.bundle,
            environment={**clean(os.environ), **engine_variables(request, output.api)},
            on_line=output.line,
        )
