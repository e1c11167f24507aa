"""Starts and stops the gateway and the consumer."""

from __future__ import annotations

import dataclasses
import json
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tartware_loadtest.errors import EngineError, InputError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sandbox.consumer.settings import ConsumerSettings
from tartware_loadtest.sandbox.database import free_port
from tartware_loadtest.sandbox.gateway.settings import GatewaySettings
from tartware_loadtest.sandbox.options import Options
from tartware_loadtest.sandbox.processes import Process, alive, start, stop, tail
from tartware_loadtest.sandbox.state import State, write_state

__all__ = ["start_services", "stop_services"]

_READY_S = 30.0


def start_services(directory: Path, state: State, options: Options) -> State:
    """Start both and wait until the gateway answers; each start is written down at once.

    Raises:
        InputError: The port is taken.
        EngineError: One of them ended; the message carries the end of its log.
    """
    port = _port(options.port)
    gateway = GatewaySettings(
        options.age,
        port,
        state.admin_dsn,
        state.jwt_secret,
        state.admin_token,
        options.token_ttl_s,
        options.limiter,
        options.faults,
    )
    consumer = ConsumerSettings(
        state.admin_dsn,
        options.drain_rate,
        options.defects,
        options.retry_schedule_ms,
        options.session_timeout_ms,
    )
    state = dataclasses.replace(state, url=f"http://127.0.0.1:{port}", options=options.shown())
    state = dataclasses.replace(state, gateway=_start(directory, "gateway", dataclasses.asdict(gateway)))
    write_state(directory, state)
    state = dataclasses.replace(state, consumer=_start(directory, "consumer", dataclasses.asdict(consumer)))
    write_state(directory, state)
    _await(directory, state)
    state = dataclasses.replace(state, phase="up")
    write_state(directory, state)
    return state


def stop_services(state: State) -> None:
    """Stop what of the two still runs."""
    for process in (state.gateway, state.consumer):
        if process is not None:
            stop(process, interrupt=signal.SIGTERM, patience_s=5)


def _port(wanted: int) -> int:
    if not wanted:
        return free_port()
    with socket.socket() as listener:
        # As the gateway will: a port in TIME_WAIT is no port that is taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            raise InputError(f"Port {wanted} cannot be used: {error}.", hint="Leave out --port.") from error
    return wanted


def _start(directory: Path, name: str, settings: dict[str, Any]) -> Process:
    path = directory / f"{name}.json"
    write_atomically(path, json.dumps(settings))
    argv = [sys.executable, "-m", f"tartware_loadtest.sandbox.{name}"]
    environment = {f"TARTWARE_SANDBOX_{name.upper()}": str(path.resolve())}
    return start(argv, log=directory / f"{name}.log", cwd=Path.cwd(), environment=environment)


def _await(directory: Path, state: State) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        for name, process in (("gateway", state.gateway), ("consumer", state.consumer)):
            if process is None or not alive(process):
                log = directory / f"{name}.log"
                raise EngineError(f"The {name} ended while starting:\n{tail(log)}", hint=f"See {log}.")
        with suppress(URLError, OSError), urlopen(f"{state.url}/__sandbox/up", timeout=2) as answer:  # noqa: S310 -- our own loopback
            if answer.status == 200:
                return
        time.sleep(0.03)
    raise EngineError(
        f"The gateway does not answer at {state.url}.", hint=f"See {directory / 'gateway.log'}."
    )
