"""Gets the sandbox its database: a server of its own, one that it had before, or somebody else's."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tartware_loadtest import __version__
from tartware_loadtest.errors import InputError, RefusedError
from tartware_loadtest.sandbox.database import dsn, restart_server, start_server, stop_server
from tartware_loadtest.sandbox.options import Options
from tartware_loadtest.sandbox.schema import APP_ROLE, Plan, create
from tartware_loadtest.sandbox.state import State, write_state

__all__ = ["provide_database"]

Report = Callable[[str], None]


def provide_database(directory: Path, options: Options, earlier: State | None, report: Report) -> State:
    """Return the state of a sandbox that has a seeded database and nothing else yet.

    Raises:
        RefusedError: There is no PostgreSQL, or it does not let us; or other data are there.
        InputError: The connection string is none.
    """
    if earlier is not None and (options.dsn or earlier.server is not None):
        kept = earlier.admin_dsn == options.dsn
        if earlier.server is not None and not options.dsn:
            kept = Path(earlier.server.data).is_dir()
        if kept:
            return _again(directory, earlier, options, report)
    return _foreign(directory, options, report) if options.dsn else _own(directory, options, report)


def _again(directory: Path, earlier: State, options: Options, report: Report) -> State:
    if (earlier.seed, earlier.age) != (dataclasses.asdict(options.seed), options.age):
        raise RefusedError(
            f"{directory} holds a sandbox of another size, seed or age.",
            hint="Run `tartware-lt sandbox down --purge` first, or choose another --dir.",
        )
    state = dataclasses.replace(earlier, phase="starting", gateway=None, consumer=None)
    if earlier.server is not None:
        report("starting PostgreSQL over the data that are there")
        server = restart_server(earlier.server, directory)
        password = str(conninfo_to_dict(earlier.app_dsn)["password"])
        app = dsn(earlier.app_role, password, server.port)
        state = dataclasses.replace(state, server=server, admin_dsn=server.admin_dsn, app_dsn=app)
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
        raise RefusedError(
            f"The database does not work: {str(error).strip()}", hint="Is the disk full? Is --dsn right?"
        ) from error
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
