from __future__ import annotations

import dataclasses
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tartware_loadtest.errors import EngineError, InputError, RefusedError
from tartware_loadtest.sandbox import services
from tartware_loadtest.sandbox.credentials import token_for, write_environment
from tartware_loadtest.sandbox.lifecycle import bring_down, bring_up
from tartware_loadtest.sandbox.options import Options
from tartware_loadtest.sandbox.processes import Process, alive, start, stop
from tartware_loadtest.sandbox.schema import Seed
from tartware_loadtest.sandbox.state import State, public, read_state
from tartware_loadtest.sandbox.status import look
from tartware_loadtest.sandbox.temporary import TemporaryDatabase

pytestmark = pytest.mark.sandbox


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "sandbox"
    yield directory
    bring_down(directory, purge=True)


def processes(state: State) -> list[Process]:
    found = [state.gateway, state.consumer, state.server.process if state.server else None]
    return [process for process in found if process is not None]


def test_up_twice_down_twice_and_up_over_the_same_data(home: Path) -> None:
    state, started = bring_up(home, Options())
    assert started
    assert bring_up(home, Options()) == (state, False)
    assert look(state).up
    with psycopg.connect(state.admin_dsn) as connection:
        connection.execute("UPDATE tenants SET name = 'kept' WHERE slug = 'sandbox-1'")

    running = processes(state)
    assert bring_down(home, purge=False) is not None
    assert len(running) == 3
    assert not any(alive(process) for process in running)
    assert bring_down(home, purge=False) is not None

    again, started = bring_up(home, Options())
    assert started
    assert httpx.get(f"{again.url}/health").status_code == 200
    with psycopg.connect(again.app_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM tenants WHERE name = 'kept'").fetchone() == (1,)

    assert bring_down(home, purge=True) is not None
    assert not home.exists()
    assert bring_down(home, purge=True) is None


def test_files_with_secrets_are_their_owner_s_alone(home: Path) -> None:
    state, _ = bring_up(home, Options())
    write_environment(home, state, 60)

    for name in ("state.json", "sandbox.env", "gateway.json", "consumer.json", "gateway.log"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name
    secrets = [
        state.jwt_secret,
        state.admin_token,
        state.password,
        state.admin_dsn.split(":")[2].split("@")[0],
    ]
    for process in processes(state):
        argv = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        assert not [secret for secret in secrets if secret in argv]
    shown = repr(public(state))
    logs = "".join((home / f"{part}.log").read_text() for part in ("gateway", "consumer", "postgres"))
    assert not [secret for secret in secrets if secret in shown or secret in logs]


def test_a_data_directory_of_another_size_is_refused(home: Path) -> None:
    bring_up(home, Options())
    bring_down(home, purge=False)

    with pytest.raises(RefusedError, match="another size"):
        bring_up(home, Options(seed=Seed(rows=3000)))


def test_a_start_that_fails_leaves_nothing_running(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[State] = []

    def fail(_directory: Path, state: State) -> None:
        states.append(state)
        raise EngineError("no answer")

    monkeypatch.setattr(services, "_await", fail)
    with pytest.raises(EngineError, match="no answer"):
        bring_up(home, Options())

    assert len(processes(states[0])) == 3
    assert not any(alive(process) for process in processes(states[0]))


def test_a_gateway_that_ends_is_told_with_its_log(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(EngineError, match="gateway ended while starting"):
        bring_up(home, Options())


def test_a_port_that_is_taken_is_refused(home: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(InputError, match="cannot be used"):
            bring_up(home, Options(port=listener.getsockname()[1]))


def test_two_starts_at_once_are_one_too_many(home: Path) -> None:
    import fcntl  # noqa: PLC0415 -- of this test alone

    home.mkdir()
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RefusedError, match="starting or stopping"):
            bring_up(home, Options())


def test_a_broken_state_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "state.json").write_text("{")
    with pytest.raises(InputError, match="not the state"):
        read_state(home)
    (home / "state.json").unlink()


def test_somebody_else_s_database_is_used_and_given_back(home: Path, database: TemporaryDatabase) -> None:
    with psycopg.connect(database.admin_dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE owner LOGIN CREATEROLE PASSWORD 'owner'")
        connection.execute("CREATE DATABASE other OWNER owner")
    place = database.admin_dsn.rpartition("@")[2].rpartition("/")[0]
    options = Options(dsn=f"postgresql://owner:owner@{place}/other")

    state, _ = bring_up(home, options)

    headers = {"authorization": f"Bearer {token_for(state, 'admin', 60)}"}
    with psycopg.connect(state.app_dsn) as connection:
        row = connection.execute("SELECT id::text FROM tenants WHERE slug = 'sandbox-1'").fetchone()
        assert connection.execute("SELECT count(*) FROM guests").fetchone() == (0,)
    assert row
    rooms = httpx.get(f"{state.url}/v1/rooms", params={"tenant_id": row[0]}, headers=headers)
    assert len(rooms.json()) == 50
    bring_down(home, purge=False)
    assert bring_up(home, options)[1]
    bring_down(home, purge=True)

    with psycopg.connect(options.dsn) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)
        roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'tartware_app_sandbox%'"
        assert connection.execute(roles).fetchone() == (0,)


@pytest.mark.parametrize("dsn", ["not a string", "postgresql://nobody:x@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_reached_is_told(home: Path, dsn: str) -> None:
    with pytest.raises((InputError, RefusedError)):
        bring_up(home, Options(dsn=dsn))


def test_the_embedded_postgresql_carries_it_too(home: Path) -> None:
    state, _ = bring_up(home, Options(postgres="embedded"))

    assert state.server is not None
    assert (state.database, state.server.kind) == ("embedded", "embedded")
    assert int(state.server.version.split(".")[0]) >= 18
    assert look(state).up


def test_data_go_where_their_user_can_reach_them(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    home = private / "sandbox"

    state, _ = bring_up(home, Options())
    try:
        assert state.server is not None
        data = Path(state.server.data)
        # Only root must hand PostgreSQL to another user, and then the data lie where that one may go.
        assert data.is_relative_to(private) == (os.geteuid() != 0)
        assert data.owner() != "root"
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    finally:
        bring_down(home, purge=True)
    assert not data.exists()


def test_a_stranger_with_our_number_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "30"]) as child:
        stop(Process(child.pid, "another start"), interrupt=signal.SIGTERM, patience_s=1)
        assert child.poll() is None
        child.kill()


def test_a_deaf_process_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print('deaf', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    process = start([sys.executable, "-c", script], log=log, cwd=tmp_path)
    while "deaf" not in log.read_text():
        pass

    stop(process, interrupt=signal.SIGTERM, patience_s=0.3)

    assert not alive(process)


def test_an_unknown_user_gets_no_token() -> None:
    state = State(**{**dict.fromkeys((field.name for field in dataclasses.fields(State)), ""), "users": {}})  # type: ignore[arg-type] # only the users are read
    with pytest.raises(InputError, match="no user"):
        token_for(state, "ghost", 60)
