"""Keeps what an engine prints: in the log file, without secrets, and the lines that tell of an error."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tartware_loadtest.errors import RefusedError

__all__ = ["LINE_LIMIT", "Journal"]

LINE_LIMIT = 256 * 1024
"""Longer lines are cut: they are dumps of bodies, and memory must stay bounded."""

_LOG_LIMIT = 64 * 1024 * 1024
_TAIL_LINES = 20
_ERROR_MARKS = (
    b"level=error",
    b"level=fatal",
    b"panic: ",
    b"fatal error: ",
    b"docker: ",
    b"Error response from",
)


def _spellings(secret: str) -> set[bytes]:
    return {text.encode() for text in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""))}


class Journal:
    """A log file that two reader threads write to.

    A failing disk must not stop the readers, because an engine whose pipe is full stands still: the error is
    kept in ``tail`` instead.
    """

    def __init__(self, path: Path, secrets: Iterable[str] = (), *, limit: int = _LOG_LIMIT) -> None:
        hidden = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
        self._secrets = sorted(hidden, key=len, reverse=True)
        self._room = limit
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._lock = Lock()
        self._dropped = 0
        self._inside_long_line: set[str] = set()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._file = os.fdopen(descriptor, "ab", buffering=0)
        except OSError as error:
            raise RefusedError(
                f"Cannot write the engine's log {path}: {error.strerror}.",
                hint="Choose a run directory that you may write to.",
            ) from error

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines that tell of an error, oldest first."""
        with self._lock:
            return tuple(self._tail)

    def write(self, raw: bytes, *, stream: str) -> bytes:
        """Keep one line, or a piece of a longer one, and return it without secrets."""
        whole = raw.endswith(b"\n")
        with self._lock:
            if stream in self._inside_long_line:
                if whole:
                    self._inside_long_line.discard(stream)
                return b""
            if not whole and len(raw) >= LINE_LIMIT:
                self._inside_long_line.add(stream)
                # A secret may lie across the cut.
                raw = raw[: -len(self._secrets[0])] if self._secrets else raw
                raw += b" [cut]\n"
            line = self._redact(raw)
            if any(mark in line for mark in _ERROR_MARKS):
                self._tail.append(line.decode(errors="replace").rstrip())
            self._store(line)
        return line

    def _redact(self, line: bytes) -> bytes:
        for secret in self._secrets:
            if secret in line:
                line = line.replace(secret, b"***")
        return line

    def _store(self, line: bytes) -> None:
        if len(line) > self._room:
            self._room = 0
            self._dropped += 1
            return
        try:
            self._file.write(line)
        except OSError as error:
            self._room = 0
            self._tail.append(f"The log could not be written any further: {error.strerror}.")
        else:
            self._room -= len(line)

    def close(self) -> None:
        """Close the file; say at its end how many lines had no room."""
        with self._lock:
            if self._dropped:
                self._room = 1024
                self._store(f"[{self._dropped} further lines are not kept: the log is full]\n".encode())
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
