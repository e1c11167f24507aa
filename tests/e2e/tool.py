"""Runs the whole tool as a user does, beside a sandbox."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLI = str(Path(sys.executable).with_name("tartware-lt"))

CONFIG = """
profiles:
  short: {command_rate: 200, read_rate: 60, health_rate: 5, steady: 10s, ramp_up: 2s, ramp_down: 1s}
  brief: {extends: short, steady: 5s}
generator:
  request_timeout: 2s
"""


@dataclass(frozen=True)
class Finished:
    """A CLI that has ended."""

    code: int
    stderr: str
    document: dict[str, Any] | None

    @property
    def state(self) -> str:
        assert self.document is not None, self.stderr
        return str(self.document["verdict"]["state"])

    def criterion(self, text: str) -> dict[str, Any]:
        assert self.document is not None, self.stderr
        return next(c for c in self.document["verdict"]["criteria"] if c["criterion"].startswith(text))

    @property
    def directory(self) -> Path:
        assert self.document is not None, self.stderr
        return Path(self.document["run_directory"])


class Tool:
    """Runs ``tartware-lt`` in a directory of its own, with a sandbox beside it."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = environment

    def run(self, *arguments: str, timeout: float = 240) -> Finished:
        done = subprocess.run(
            [CLI, *arguments],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        document = json.loads(done.stdout) if done.stdout.startswith("{") else None
        return Finished(done.returncode, done.stderr, document)

    def sandbox(self, *arguments: str) -> Finished:
        return self.run("sandbox", *arguments, "--dir", str(self.home / "sandbox"))

    def faults(self, plan: dict[str, Any]) -> None:
        done = self.run("sandbox", "faults", "set", json.dumps(plan), "--dir", str(self.home / "sandbox"))
        assert done.code == 0, done.stderr

    def bootstrap(self) -> None:
        done = self.run("bootstrap")
        assert done.code == 0, done.stderr

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [CLI, "run", "-o", "json", "--progress", "plain", *arguments],
            cwd=self.home,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def output(self, *arguments: str) -> str:
        """Return what a command prints on stdout."""
        done = subprocess.run(
            [CLI, *arguments],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def with_token(self, *arguments: str) -> Tool:
        """Return the same tool with another token."""
        token = self.output("sandbox", "token", *arguments, "--dir", str(self.home / "sandbox"))
        return Tool(self.home, {**self.environment, "API_TOKEN": token})

    def accepted(self) -> int:
        """Return how many commands the sandbox has accepted so far."""
        status = self.sandbox("status", "-o", "json")
        assert status.document is not None, status.stderr
        return int(status.document["backlog"]["accepted"])

    def load(self, *arguments: str, faults: dict[str, Any] | None = None) -> Finished:
        """Run the short profile; the faults begin with the load, after the canaries."""
        process = self.start("--profile", "short", *arguments)
        said = wait_for_load(process)
        if faults:
            self.faults(faults)
        return finish(process, said)


def wait_for_load(process: subprocess.Popen[str]) -> str:
    """Read what the tool says until the load begins or it has ended."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("run directory"):
            break
    return said


def finish(process: subprocess.Popen[str], said: str = "", *, send: signal.Signals | None = None) -> Finished:
    if send is not None:
        process.send_signal(send)
    out, err = process.communicate(timeout=240)
    document = json.loads(out) if out.startswith("{") else None
    return Finished(process.returncode, said + err, document)


def processes_of(home: Path) -> list[str]:
    """Return the command lines of k6 processes that run with files below ``home``."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((path / "cwd").readlink())
        except OSError:
            continue
        if "k6" in line and place.startswith(str(home)):
            found.append(line)
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def children_named(parent: int, word: str) -> list[int]:
    """Return the children of a process whose command line holds a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            owner = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            line = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if owner == parent and word.encode() in line:
            found.append(int(path.name))
    return found
