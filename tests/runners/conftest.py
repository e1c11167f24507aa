"""A real k6, a server to load, and the pieces of a run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.runners.engine import Engine, Origin
from tartware_loadtest.runners.interface import EngineRequest, Progress
from tartware_loadtest.runners.k6 import find_or_install

CANARY = "canary-7f3a9c/with+odd=signs"

STEADY = """
import http from 'k6/http';
export const options = { scenarios: { steady: {
  executor: 'constant-arrival-rate', rate: 20, duration: '%s', preAllocatedVUs: 4, gracefulStop: '1s' } } };
export default function () { http.post(__ENV.TARGET, 'x'); }
"""

PATIENCE_SECONDS = 30.0


@dataclass
class Target:
    """A server that accepts everything and remembers it."""

    url: str
    agents: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def engine() -> Engine:
    return find_or_install()


@pytest.fixture
def target() -> Iterator[Target]:
    seen = Target("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.agents.append(self.headers.get("user-agent", ""))
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


MakeRequest = Callable[..., EngineRequest]


@pytest.fixture
def make_request(tmp_path: Path) -> MakeRequest:
    """Return a function that writes a bundle of one script and asks for its run."""

    def make(
        script: str,
        *,
        environment: Mapping[str, str] | None = None,
        planned: float = 60.0,
        grace: float = 30.0,
        arguments: tuple[str, ...] = (),
    ) -> EngineRequest:
        bundle = tmp_path / "bundle"
        bundle.mkdir(mode=0o700)
        entry = bundle / "entry.js"
        entry.write_text(script, encoding="utf-8")
        entry.chmod(0o600)
        return EngineRequest(
            bundle=bundle,
            entry=entry.name,
            environment={"API_TOKEN": CANARY, "GOGC": "400", **(environment or {})},
            secret_names=frozenset({"API_TOKEN"}),
            summary=tmp_path / "summary" / "k6.json",
            log=tmp_path / "k6.log",
            planned_seconds=planned,
            grace_seconds=grace,
            arguments=arguments,
        )

    return make


@pytest.fixture
def fake_engine(tmp_path: Path) -> Callable[[str], Engine]:
    """Return a function that makes an engine of a shell script."""

    def make(script: str) -> Engine:
        path = tmp_path / "fake-k6"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return Engine(path=path, version="2.2.0", origin=Origin.FLAG)

    return make


def counts(request: EngineRequest) -> dict[str, Any]:
    """Return the metrics of a summary."""
    metrics: dict[str, Any] = json.loads(request.summary.read_text(encoding="utf-8"))["metrics"]
    return metrics


def processes_in(directory: Path) -> list[int]:
    """Return the processes that work in a directory: a bundle's k6."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == directory.resolve():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def running(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(what: Callable[[], object]) -> None:
    """Wait until something is so; fail if it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, f"never became true: {what}"
        time.sleep(0.05)


def command_line(pid: int) -> str:
    """Return the arguments of a process as everybody on the machine can read them."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def once(action: Callable[[], object]) -> Callable[[Progress], None]:
    """Return a listener that acts on the first progress only."""
    done: list[Progress] = []

    def listener(progress: Progress) -> None:
        done.append(progress)
        if len(done) == 1:
            action()

    return listener


DRIVER = Path(__file__).with_name("driver.py")


@contextmanager
def driven(engine: str, bundle: Path, target: str) -> Iterator[subprocess.Popen[str]]:
    """Start the driver and wait until the load has begun."""
    with subprocess.Popen(
        [sys.executable, str(DRIVER), engine, str(bundle), target],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "running\n"
            yield process
        finally:
            process.kill()
