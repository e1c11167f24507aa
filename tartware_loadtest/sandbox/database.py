"""A PostgreSQL of the sandbox's own: initialised, started on loopback with a password, stopped."""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tartware_loadtest.errors import EngineError
from tartware_loadtest.sandbox.binaries import Choice, OsUser, Programs, find_programs, find_user, reachable
from tartware_loadtest.sandbox.processes import Process, alive, start, stop, tail

__all__ = ["Server", "dsn", "free_port", "restart_server", "start_server", "stop_server"]

DATABASE = "tartware"
_ADMIN = "postgres"
_START_TIMEOUT_S = 60.0
_PORTS = 3
# Durability is switched off: the data are a stand-in, and a power cut may cost them.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "timezone": "UTC",
    "max_connections": "60",
    "max_parallel_workers_per_gather": "1",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and how its superuser reaches it."""

    kind: str
    version: str
    programs: str
    data: str
    port: int
    admin_dsn: str
    process: Process


def dsn(user: str, password: str, port: int, database: str = DATABASE) -> str:
    """Return a connection string for the server on loopback."""
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start_server(directory: Path, choice: Choice) -> Server:
    """Initialise a data directory under ``directory`` (or where its user can reach one) and start PostgreSQL.

    Args:
        directory: The sandbox's state directory; the log goes there.
        choice: Which PostgreSQL may be taken.

    Raises:
        RefusedError: There is no PostgreSQL to start.
        EngineError: It does not start; the message carries the end of its log.
    """
    user = find_user()
    programs = _runnable(find_programs(choice), directory, user)
    password = secrets.token_urlsafe(18)
    data = _data_directory(directory, user)
    try:
        _initialise(programs, data, password, user)
        admin = dsn(_ADMIN, password, 0)
        server = Server(
            programs.kind,
            programs.version,
            str(programs.directory),
            str(data),
            0,
            admin,
            Process(0, ""),
        )
        server = restart_server(server, directory)
        with psycopg.connect(_maintenance(server), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    return server


def restart_server(server: Server, directory: Path) -> Server:
    """Start PostgreSQL over the data of an earlier ``start_server``, on another free port.

    Raises:
        EngineError: It does not start.
    """
    password = str(conninfo_to_dict(server.admin_dsn)["password"])
    user, log = find_user(), directory / "postgres.log"
    for _ in range(_PORTS):
        port = free_port()
        process = _run(Path(server.programs), Path(server.data), port, log, user)
        again = replace(server, port=port, process=process, admin_dsn=dsn(_ADMIN, password, port))
        try:
            problem = _wait(again)
        except BaseException:
            stop(process, interrupt=signal.SIGQUIT, patience_s=10)
            raise
        if not problem:
            return again
        stop(process, interrupt=signal.SIGQUIT, patience_s=10)
        # Somebody may have taken the port since we looked; anything else will not pass by itself.
        if "could not bind" not in tail(log):
            break
    raise EngineError(f"PostgreSQL does not start: {problem}\n{tail(log)}", hint=f"See {log}.")


def stop_server(process: Process) -> None:
    """Stop PostgreSQL: connections are cut, what is committed stays."""
    stop(process, interrupt=signal.SIGINT, patience_s=20)


def _runnable(programs: Programs, directory: Path, user: OsUser | None) -> Programs:
    if reachable(programs.directory, user):
        return programs
    # A virtual environment below a private home: the user runs a copy, the originals stay as they are.
    # Both temporary directories lie in /tmp: $TMPDIR may be private to root.
    package = programs.directory.parents[1]
    copy = Path(tempfile.mkdtemp(prefix="tartware-postgres-", dir="/tmp"))
    copy.chmod(0o755)
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, copy / source.name, symlinks=True, dirs_exist_ok=True)
    (directory / "copied").write_text(str(copy))
    return Programs(programs.kind, copy / package.name / "pginstall" / "bin", programs.version)


def _data_directory(directory: Path, user: OsUser | None) -> Path:
    if user is None:
        data = directory / "postgres"
        data.mkdir(mode=0o700)
        return data
    directory.chmod(0o711)
    data = directory / "postgres"
    data.mkdir(mode=0o700)
    shutil.chown(data, user.uid, user.gid)
    if reachable(data, user):
        return data
    data.rmdir()
    data = Path(tempfile.mkdtemp(prefix="tartware-sandbox-", dir="/tmp"))
    shutil.chown(data, user.uid, user.gid)
    return data


def _initialise(programs: Programs, data: Path, password: str, user: OsUser | None) -> None:
    # Beside the data, where the user may read; $TMPDIR may be private to root.
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as file:
        file.write(password)
        file.flush()
        if user:
            shutil.chown(file.name, user.uid, user.gid)
        command = [str(programs.directory / "initdb"), "-D", str(data), "-U", _ADMIN, f"--pwfile={file.name}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        result = subprocess.run(  # noqa: S603 -- a program that we located
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=data,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    if result.returncode:
        raise EngineError(
            f"initdb failed: {result.stderr.strip() or result.stdout.strip()}",
            hint="Is the disk full? Try another --dir, or --postgres embedded.",
        )


def _run(programs: Path, data: Path, port: int, log: Path, user: OsUser | None) -> Process:
    argv = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
    for name, value in _SETTINGS.items():
        argv += ["-c", f"{name}={value}"]
    return start(argv, log=log, cwd=data, user=user)


def _maintenance(server: Server) -> str:
    return server.admin_dsn.removesuffix(DATABASE) + "postgres"


def _wait(server: Server) -> str:
    """Wait until the server answers; return what is wrong if it does not."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    problem = "it ended at once"
    while alive(server.process) and time.monotonic() < deadline:
        try:
            psycopg.connect(_maintenance(server), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            problem = str(error).strip()
            time.sleep(0.05)
        else:
            return ""
    return problem
