"""Brings a sandbox up, and down again; a failed start leaves nothing running."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tartware_loadtest import __version__
from tartware_loadtest.errors import EngineError, InputError, RefusedError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sandbox.binaries import Choice
from tartware_loadtest.sandbox.consumer.settings import ConsumerSettings, Defect
from tartware_loadtest.sandbox.database import dsn, free_port, restart_server, start_server, stop_server
from tartware_loadtest.sandbox.faults import parse_faults
from tartware_loadtest.sandbox.gateway.problems import Age
from tartware_loadtest.sandbox.gateway.settings import GatewaySettings
from tartware_loadtest.sandbox.processes import Process, alive, start, stop, tail
from tartware_loadtest.sandbox.schema import APP_ROLE, Plan, Seed, create, drop
from tartware_loadtest.sandbox.state import State, read_state, write_state

__all__ = ["Options", "bring_down", "bring_up", "token_for", "write_environment"]

_READY_S = 30.0
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What ``up`` may be told; the defaults are a healthy sandbox of age H."""

    seed: Seed = field(default_factory=Seed)
    port: int = 0
    postgres: Choice = "auto"
    dsn: str = ""
    age: Age = "H"
    drain_rate: float = 500.0
    defects: tuple[Defect, ...] = ()
    retry_schedule_ms: tuple[int, ...] = (1_000, 5_000, 30_000)
    session_timeout_ms: int = 30_000
    rate_limit: str = ""
    token_ttl_s: float = 3_600.0
    faults: dict[str, Any] = field(default_factory=dict)

    @property
    def limiter(self) -> str:
        """The gateway's limiter: on at S and off at H, as started from a checkout, unless told otherwise."""
        return self.rate_limit or ("default" if self.age == "S" else "off")

    def shown(self) -> dict[str, Any]:
        """Return the options without secrets."""
        shown = dataclasses.asdict(self)
        shown["dsn"] = bool(self.dsn)
        return shown


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
            _stop_parts(earlier)
        state = _database(directory, options, earlier, report)
        try:
            state = _services(directory, state, options, report)
        except BaseException:
            _stop_parts(read_state(directory) or state)
            raise
        return state, True


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
        _stop_services(state)
        if purge and state.server is None:
            drop(state.admin_dsn, state.app_role)
        _stop_database(state)
        down = dataclasses.replace(state, phase="down", gateway=None, consumer=None)
        write_state(directory, down)
    if purge:
        _remove(directory, state)
    return state


def token_for(state: State, user: str, ttl_s: float, issuer: str | None = None) -> str:
    """Return a fresh access token of a named user.

    Raises:
        InputError: There is no such user.
    """
    from tartware_loadtest.sandbox.gateway.tokens import issue  # noqa: PLC0415 -- needs the extra, other calls do not

    found = state.users.get(user) or state.users.get(f"sandbox.{user}")
    if found is None:
        names = ", ".join(name.removeprefix("sandbox.") for name in state.users)
        raise InputError(f"The sandbox has no user {user!r}; it has {names}.")
    return issue(state.jwt_secret, found, age=state.age, ttl_s=ttl_s, issuer=issuer)


def write_environment(directory: Path, state: State, ttl_s: float) -> Path:
    """Write what a run needs to reach the sandbox (0600), and return where."""
    path = directory / "sandbox.env"
    values = {
        "GATEWAY_BASE_URL": state.url,
        "API_TOKEN": token_for(state, "admin", ttl_s),
        "DATABASE_URL": state.app_dsn,
    }
    write_atomically(path, "".join(f"{name}={value}\n" for name, value in values.items()))
    return path


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


def _database(directory: Path, options: Options, earlier: State | None, report: Report) -> State:
    if earlier is not None and not options.dsn and earlier.server and Path(earlier.server.data).is_dir():
        return _again(directory, earlier, options, report)
    return _foreign(directory, options, report) if options.dsn else _own(directory, options, report)


def _again(directory: Path, earlier: State, options: Options, report: Report) -> State:
    wanted = dataclasses.asdict(options.seed)
    if (earlier.seed, earlier.age) != (wanted, options.age):
        raise RefusedError(
            f"{directory} holds a sandbox of another size, seed or age.",
            hint="Run `tartware-lt sandbox down --purge` first, or choose another --dir.",
        )
    assert earlier.server is not None  # noqa: S101 -- the caller looked
    report("starting PostgreSQL over the data that are there")
    server = restart_server(earlier.server, directory)
    password = str(conninfo_to_dict(earlier.app_dsn)["password"])
    state = dataclasses.replace(
        earlier,
        phase="starting",
        server=server,
        admin_dsn=server.admin_dsn,
        app_dsn=dsn(earlier.app_role, password, server.port),
        gateway=None,
        consumer=None,
    )
    write_state(directory, state)
    return state


def _own(directory: Path, options: Options, report: Report) -> State:
    report("starting PostgreSQL")
    server = start_server(directory, options.postgres)
    try:
        password = secrets.token_urlsafe(18)
        state = dataclasses.replace(
            _blank(options),
            database=server.kind,
            admin_dsn=server.admin_dsn,
            app_dsn=dsn(APP_ROLE, password, server.port),
            server=server,
        )
        return _fill(directory, state, options, password, report)
    except BaseException:
        stop_server(server.process)
        shutil.rmtree(server.data, ignore_errors=True)
        raise


def _foreign(directory: Path, options: Options, report: Report) -> State:
    # Roles belong to the whole server, where somebody may have a tartware_app already.
    role = f"{APP_ROLE}_sandbox_{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(18)
    try:
        app = make_conninfo(options.dsn, user=role, password=password)
    except psycopg.ProgrammingError as error:
        raise InputError(f"--dsn is no connection string: {error}") from error
    state = dataclasses.replace(
        _blank(options), database="dsn", admin_dsn=options.dsn, app_dsn=app, app_role=role
    )
    return _fill(directory, state, options, password, report)


def _fill(directory: Path, state: State, options: Options, password: str, report: Report) -> State:
    plan = Plan(password, state.password, options.seed, options.age, state.app_role)
    try:
        create(state.admin_dsn, plan, lambda step: report(f"seeding: {step}"))
        with psycopg.connect(state.admin_dsn) as connection:
            rows = connection.execute(
                "SELECT username, id::text FROM users WHERE username LIKE 'sandbox.%' ORDER BY 1"
            ).fetchall()
    except psycopg.OperationalError as error:
        raise RefusedError(f"The database does not work: {error}", hint="See its log, or --dsn.") from error
    state = dataclasses.replace(state, users=dict(rows))
    write_state(directory, state)
    return state


def _blank(options: Options) -> State:
    return State(
        schema=1,
        phase="starting",
        version=__version__,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        age=options.age,
        url="",
        database="",
        admin_dsn="",
        app_dsn="",
        app_role=APP_ROLE,
        server=None,
        gateway=None,
        consumer=None,
        jwt_secret=secrets.token_urlsafe(32),
        admin_token=secrets.token_urlsafe(24),
        password=secrets.token_urlsafe(12),
        users={},
        seed=dataclasses.asdict(options.seed),
        options=options.shown(),
    )


def _services(directory: Path, state: State, options: Options, report: Report) -> State:
    report("starting gateway and consumer")
    port = options.port or free_port()
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
    for name, settings in (("gateway", gateway), ("consumer", consumer)):
        process = _service(directory, name, dataclasses.asdict(settings))
        state = dataclasses.replace(state, **{name: process})
        write_state(directory, state)
    _await_gateway(directory, state)
    state = dataclasses.replace(state, phase="up")
    write_state(directory, state)
    return state


def _service(directory: Path, name: str, settings: dict[str, Any]) -> Process:
    path = directory / f"{name}.json"
    write_atomically(path, json.dumps(settings))
    argv = [sys.executable, "-m", f"tartware_loadtest.sandbox.{name}"]
    environment = {f"TARTWARE_SANDBOX_{name.upper()}": str(path.resolve())}
    return start(argv, log=directory / f"{name}.log", cwd=Path.cwd(), environment=environment)


def _await_gateway(directory: Path, state: State) -> None:
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


def _stop_services(state: State) -> None:
    for process in (state.gateway, state.consumer):
        if process is not None:
            stop(process, interrupt=signal.SIGTERM, patience_s=5)


def _stop_database(state: State) -> None:
    if state.server is not None:
        stop_server(state.server.process)


def _stop_parts(state: State) -> None:
    _stop_services(state)
    _stop_database(state)


def _remove(directory: Path, state: State) -> None:
    copied = directory / "copied"
    if copied.is_file():
        shutil.rmtree(copied.read_text(), ignore_errors=True)
    if state.server is not None:
        shutil.rmtree(state.server.data, ignore_errors=True)
    names = ("state.json", "sandbox.env", "gateway.json", "consumer.json", "copied", "lock")
    logs = (f"{part}.log" for part in ("gateway", "consumer", "postgres"))
    for name in (*names, *logs):
        (directory / name).unlink(missing_ok=True)
    # Whatever else lies there is not ours to remove.
    with suppress(OSError):
        os.rmdir(directory)
