"""Runs k6 as the CLI does: signals ask it to stop. Prints a line for each progress, and one at the end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

from tartware_loadtest.runners.docker import DockerRunner, Pull
from tartware_loadtest.runners.engine import Engine, Origin
from tartware_loadtest.runners.interface import EngineRequest, Progress, Runner, StopRequest
from tartware_loadtest.runners.native import NativeRunner


def main(engine: str, bundle: str, target: str) -> None:
    """Run ``entry.js`` of a bundle until somebody stops it."""
    stop = StopRequest()

    def ask(number: int, _: FrameType | None) -> None:
        stop.ask("signal", signal_number=number)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)

    def tell(_: Progress) -> None:
        sys.stdout.write("running\n")
        sys.stdout.flush()

    directory = Path(bundle)
    request = EngineRequest(
        bundle=directory,
        entry="entry.js",
        environment={"TARGET": target},
        secret_names=frozenset(),
        summary=directory.parent / "summary" / "k6.json",
        log=directory.parent / "k6.log",
        planned_seconds=60.0,
    )
    runner: Runner = (
        NativeRunner(Engine(Path(engine), "2.2.0", Origin.FLAG))
        if Path(engine).is_absolute()
        else DockerRunner(image=engine, pull=Pull.NEVER)
    )
    outcome = runner.run(request, tell, stop)
    sys.stdout.write(f"ended {outcome.ending.value} {outcome.exit_code} {stop.signal_number}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
