"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from tartware_loadtest.errors import EngineError, InputError

__all__ = ["write_atomically"]


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write ``text`` to a temporary file beside ``path``, then rename it into place.

    Raises:
        InputError: The directory is missing or may not be written to.
        EngineError: The disk is full or failed; the old file, if any, is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(
            f"Cannot write {path}: {error.strerror}.", hint="Choose a directory that you may write to."
        ) from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise EngineError(
            f"Cannot write {path}: {error.strerror}; what was there before is untouched.",
            hint="Make room on the disk, then run the command again.",
        ) from error
