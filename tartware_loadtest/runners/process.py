"""The one place that starts a child process of an engine, follows it and ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Self

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.journal import LINE_LIMIT

__all__ = ["CANNOT_START", "Child", "Exit"]

CANNOT_START = 127
"""The exit code of a child whose program could not be executed, as in a shell."""


_GUARD = Path(__file__).with_name("_guard.py")
_READERS_GRACE_SECONDS = 5.0
_PRIVATE_UMASK = 0o077


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended, and what it had used.

    Attributes:
        code: Its exit code; None if a signal killed it.
        signal_number: The signal that killed it, else None.
        cpu_seconds: User and system time.
        peak_bytes: Peak resident memory.
    """

    code: int | None
    signal_number: int | None
    cpu_seconds: float
    peak_bytes: int


class Child:
    """A running child in a session of its own, so that a terminal's Ctrl-C reaches it through us alone.

    The kernel sends it ``death_signal`` when the *thread* that made this object ends: make it, use it and
    close it in one thread.

    Args:
        argv: Program (absolute path) and arguments; no secrets, everybody on the machine can read them.
        cwd: Working directory.
        environment: All of its environment.
        on_line: Gets each line of its output and its stream, ``out`` or ``err``, from two threads.
        death_signal: What the kernel sends it when we die without a chance to clean up (Linux).
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        on_line: Callable[[bytes, str], None],
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(int(death_signal)), *argv]
        try:
            self._process = subprocess.Popen(  # noqa: S603  # an argv list, no shell
                guarded,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                umask=_PRIVATE_UMASK,
            )
        except OSError as error:
            raise RefusedError(f"Cannot start {argv[0]}: {error.strerror}.") from error
        self.pid = self._process.pid
        self._exit: Exit | None = None
        self._interrupted = False
        self._readers = [
            self._reader(self._process.stdout, "out", on_line),
            self._reader(self._process.stderr, "err", on_line),
        ]

    def _reader(self, stream: IO[bytes] | None, name: str, on_line: Callable[[bytes, str], None]) -> Thread:
        def read() -> None:
            if stream is not None:
                with stream:
                    while line := stream.readline(LINE_LIMIT):
                        on_line(line, name)

        thread = Thread(target=read, name=f"engine-{name}", daemon=True)
        thread.start()
        return thread

    def poll(self) -> Exit | None:
        """Return how it ended, or None while it runs."""
        if self._exit is None:
            self._reap(os.WNOHANG)
        return self._exit

    def wait(self) -> Exit:
        """Wait for its end."""
        while self._exit is None:
            self._reap(0)
        return self._exit

    def _reap(self, options: int) -> None:
        pid, status, usage = os.wait4(self.pid, options)
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        self._process.returncode = code  # reaped here for its resource use: Popen must not wait again
        self._exit = Exit(
            code=code if code >= 0 else None,
            signal_number=-code if code < 0 else None,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        )

    def interrupt(self) -> None:
        """Send SIGINT, once whatever happens: a second one makes k6 drop its summary."""
        if not self._interrupted and self.poll() is None:
            self._interrupted = True
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill it and what it started."""
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it if it still runs, and read its output to the end."""
        self.kill()
        self.wait()
        for reader in self._readers:
            reader.join(_READERS_GRACE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
