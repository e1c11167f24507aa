"""Brings a sandbox up, and down again; a failed start leaves nothing running."""

from __future__ import annotations

import dataclasses
import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sandbox.database import stop_server
from tartware_loadtest.sandbox.faults import parse_faults
from tartware_loadtest.sandbox.options import Options
from tartware_loadtest.sandbox.provision import provide_database
from tartware_loadtest.sandbox.schema import drop
from tartware_loadtest.sandbox.services import start_services, stop_services
from tartware_loadtest.sandbox.state import State, read_state, write_state

__all__ = ["bring_down", "bring_up"]

_FILES = (
    "state.json",
    "sandbox.env",
    "gateway.json",
    "consumer.json",
    "gateway.log",
    "consumer.log",
    "postgres.log",
    "copied",
    "lock",
)
Report = Callable[[str], None]


def bring_up(directory: Path, options: Options, report: Report = lambda _: None) -> tuple[State, bool]:
    """Start database, gateway and consumer; return the state and whether anything was started.

    Raises:
        TartwareError: A part does not start; nothing is left running then.
    """
    options.seed.check()
    parse_faults(options.faults)
    with _locked(directory):
        earlier = read_state(directory)
        if earlier is not None and earlier.running:
            return earlier, False
        if earlier is not None:
            _stop(earlier)
        state = provide_database(directory, options, earlier, report)
        try:
            report("starting gateway and consumer")
            return start_services(directory, state, options), True
        except BaseException:
            # Both are written down as they start: the file knows more than we do.
            _stop(read_state(directory) or state)
            raise


def bring_down(directory: Path, *, purge: bool) -> State | None:
    """Stop what the state names; with ``purge`` remove the data too. Return what was there.

    Raises:
        EngineError: A process does not end.
    """
    if not directory.is_dir():
        return None
    with _locked(directory):
        state = read_state(directory)
        if state is None:
            return None
        stop_services(state)
        if purge and state.server is None:
            drop(state.admin_dsn, state.app_role)
        if state.server is not None:
            stop_server(state.server.process)
        write_state(directory, dataclasses.replace(state, phase="down", gateway=None, consumer=None))
    if purge:
        _remove(directory, state)
    return state


def _stop(state: State) -> None:
    stop_services(state)
    if state.server is not None:
        stop_server(state.server.process)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (directory / "lock").open("w")
    except OSError as error:
        raise InputError(
            f"Cannot use {directory}: {error.strerror}.", hint="Choose another directory with --dir."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RefusedError(
                f"Another command is starting or stopping the sandbox in {directory}.", hint="Wait for it."
            ) from error
        yield


def _remove(directory: Path, state: State) -> None:
    copied = directory / "copied"
    if copied.is_file():
        shutil.rmtree(copied.read_text(), ignore_errors=True)
    if state.server is not None:
        shutil.rmtree(state.server.data, ignore_errors=True)
    for name in _FILES:
        (directory / name).unlink(missing_ok=True)
    # Whatever else lies there is not ours to remove.
    with suppress(OSError):
        directory.rmdir()
