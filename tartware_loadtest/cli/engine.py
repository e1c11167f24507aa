"""What running commands share: the runner, the signals, and the confirmation of a target."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from tartware_loadtest.errors import InputError, RefusedError

if TYPE_CHECKING:
    from tartware_loadtest.config.models import Settings
    from tartware_loadtest.planning.plan import Plan
    from tartware_loadtest.runners.interface import Runner, StopRequest

__all__ = ["Where", "confirm_target", "make_runner", "skipped_checks", "stop_on_signals"]


class Where(Enum):
    """Where k6 runs."""

    NATIVE = "native"
    DOCKER = "docker"


def make_runner(where: Where, k6: str, stop: StopRequest) -> Runner:
    """Return the runner; finds or installs k6 for a native one.

    Raises:
        RefusedError: There is no k6, and none can be installed.
    """
    if where is Where.DOCKER:
        from tartware_loadtest.runners.docker import DockerRunner

        return DockerRunner()
    from tartware_loadtest.runners.k6 import find, find_or_install
    from tartware_loadtest.runners.native import NativeRunner

    engine = find(Path(k6) if k6 else None)
    if engine is None:
        from tartware_loadtest.cli.k6 import progress_on_stderr

        with progress_on_stderr() as listener:
            engine = find_or_install(listener=listener, stop=stop)
    return NativeRunner(engine)


@contextmanager
def stop_on_signals(stop: StopRequest) -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into a request to stop; later ones change nothing.

    k6 must be asked once only: a second signal makes it end without its summary.
    """

    def ask(number: int, _: FrameType | None) -> None:
        if stop.asked():
            sys.stderr.write("still stopping: k6 is writing its summary\n")
            return
        name = signal.Signals(number).name
        stop.ask(name, signal_number=number)
        sys.stderr.write(f"\n{name}: stopping k6, what was measured is kept\n")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let signals end the process while it waits for an answer: there is no load yet to be stopped."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except typer.Abort:
        raise KeyboardInterrupt from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def skipped_checks(names: list[str] | None) -> frozenset[str]:
    """Return the checks to leave out; ``all`` means each of them.

    Raises:
        InputError: A name is unknown.
    """
    from tartware_loadtest.preflight.check import SKIPPABLE

    chosen = frozenset(names or ())
    if "all" in chosen:
        return frozenset(SKIPPABLE)
    if unknown := chosen - set(SKIPPABLE):
        raise InputError(
            f"There is no check {', '.join(sorted(unknown))}.",
            hint=f"Choose from: {', '.join(SKIPPABLE)}, all.",
        )
    return chosen


def confirm_target(settings: Settings, plan: Plan, *, yes: bool, allowed: list[str] | None) -> None:
    """Make sure that a target beyond this machine is meant.

    Raises:
        RefusedError: Nobody confirmed it.
    """
    from tartware_loadtest.preflight.gateway import is_loopback

    base_url = settings.target.base_url
    if is_loopback(base_url):
        return
    host = urlsplit(base_url).hostname or ""
    written = next(figure for figure in plan.figures if figure.name == "written at the target")
    cost = f"This run writes {written.value} to {host}: {written.reason}."
    if yes and host in (allowed or ()):
        return
    if yes or not sys.stdin.isatty():
        raise RefusedError(
            f"The target {host} is not this machine, and nobody confirmed it. {cost}",
            hint=f"Add --yes --allow-host {host} if that is the deployment to load.",
        )
    typer.echo(cost, err=True)
    with _ending_on_signals():
        typed = typer.prompt("Type the host name to load it", err=True, default="", show_default=False)
    if typed.strip() != host:
        raise RefusedError(f"{typed.strip()!r} is not {host!r}: no load was sent.")
