"""One run of this tool at a time on a target: two would falsify each other."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tartware_loadtest.errors import RefusedError

__all__ = ["exclusive"]


def _lock_file(base_url: str) -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tartware-lt" / "locks"
    base.mkdir(parents=True, exist_ok=True)
    return base / hashlib.sha256(urlsplit(base_url).netloc.encode()).hexdigest()[:16]


@contextmanager
def exclusive(base_url: str) -> Iterator[None]:
    """Hold the target for this process; the lock goes with the process, however it ends.

    Raises:
        RefusedError: Another run from this machine holds it.
    """
    try:
        file = _lock_file(base_url).open("a+", encoding="utf-8")
    except OSError:
        # Without a place for locks nothing can be excluded; the run itself needs none.
        yield
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RefusedError(
                f"Another run of tartware-lt is loading {urlsplit(base_url).netloc}.",
                hint="Wait for it to end; two runs on one target falsify each other.",
            ) from error
        yield
