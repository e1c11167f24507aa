"""Background processes: started so that they outlive the command, ended only when they are still ours."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tartware_loadtest.errors import EngineError
from tartware_loadtest.sandbox.binaries import OsUser

__all__ = ["Process", "alive", "start", "stop", "tail"]

# Kept so that a child of a long-lived caller (a test) is neither collected nor warned about while it runs.
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its number and the instant of its start: numbers are used again, the pair is not."""

    pid: int
    started: str


def start(
    argv: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    user: OsUser | None = None,
) -> Process:
    """Start ``argv`` in a session of its own, its output appended to ``log``."""
    try:
        with log.open("ab") as output:
            log.chmod(0o600)
            child = subprocess.Popen(  # noqa: S603 -- argv is built by this package
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=None if environment is None else {**os.environ, **environment},
                start_new_session=True,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
    except OSError as error:
        raise EngineError(f"Cannot start {argv[0]}: {error.strerror}.", hint=f"See {log}.") from error
    _CHILDREN[child.pid] = child
    return Process(child.pid, _started(child.pid) or "")


def alive(process: Process) -> bool:
    """Whether this very process still runs."""
    child = _CHILDREN.get(process.pid)
    if child is not None and child.poll() is not None:
        return False
    return bool(process.started) and _started(process.pid) == process.started


def stop(process: Process, *, interrupt: signal.Signals, patience_s: float) -> None:
    """End the process: ask with ``interrupt``, wait, then kill. A stranger with its number is left alone."""
    for number in (interrupt, signal.SIGKILL):
        deadline = time.monotonic() + patience_s
        if alive(process):
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)
        while alive(process):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            child = _CHILDREN.pop(process.pid, None)
            if child is not None:
                child.wait()
            return
    raise EngineError(f"Process {process.pid} does not end.", hint="Look at what it waits for.")


def _started(pid: int) -> str | None:
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    result = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or None


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for a message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
