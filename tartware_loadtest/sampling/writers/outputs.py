"""The files that bootstrap writes: checked before the work, prepared in memory, written all or none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tartware_loadtest.errors import InputError, TartwareError
from tartware_loadtest.files import write_atomically

__all__ = ["Output", "Target", "check_targets", "open_target", "write_all"]


@dataclass(frozen=True, slots=True)
class Target:
    """A file to be written, as it was found.

    Attributes:
        path: Where, as the user wrote it.
        before: Its text with its own line ends; None where it does not exist.
    """

    path: Path
    before: str | None


@dataclass(frozen=True, slots=True)
class Output:
    """A target with its new text."""

    target: Target
    text: str

    @property
    def changed(self) -> bool:
        """Whether the file will differ from what it is."""
        return self.text != self.target.before


def open_target(path: Path) -> Target:
    """Read what is there.

    Raises:
        InputError: It is no regular file, or no UTF-8 text.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Target(path, None)
    except UnicodeDecodeError:
        raise InputError(f"{path} is no UTF-8 text: it is left alone.", hint="Name another file.") from None
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}.", hint="Name another file.") from error
    return Target(path, text)


def check_targets(paths: Sequence[Path], *, touch: bool = True) -> None:
    """Make sure that each path can be written, before any work is done for it.

    Args:
        paths: The outputs.
        touch: Whether to try with a temporary file; else only the permissions are looked at.

    Raises:
        InputError: Two are the same file, or one cannot be written.
    """
    seen: dict[Path, Path] = {}
    for path in paths:
        real = path.resolve()
        if real in seen:
            raise InputError(f"{seen[real]} and {path} are the same file.", hint="Name different files.")
        seen[real] = path
        directory = next(parent for parent in real.parents if parent.exists())
        problem = _unwritable(real, directory, touch=touch)
        if problem:
            raise InputError(
                f"Cannot write {path}: {problem}.", hint="Name a directory that you may write to."
            )


def _unwritable(path: Path, directory: Path, *, touch: bool) -> str:
    if path.exists() and not path.is_file():
        return "it is no regular file"
    if not directory.is_dir():
        return f"{directory} is no directory"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"no permission to write to {directory}"
    if touch:
        # Permissions do not tell of a file system that is mounted read-only.
        try:
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError as error:
            return f"{directory}: {error.strerror}"
    return ""


def write_all(outputs: Sequence[Output], write: Callable[[Path, str], None] = write_atomically) -> None:
    """Write every output that changed; if one fails, those before it get their old contents back.

    Raises:
        InputError: A directory may not be written to.
        EngineError: The disk is full or failed.
    """
    done: list[Target] = []
    for output in outputs:
        if not output.changed:
            continue
        # The link stays a link; what it points to is replaced.
        path = output.target.path.resolve()
        try:
            write(path, output.text)
        except TartwareError:
            for target in reversed(done):
                _restore(target)
            raise
        done.append(output.target)


def _restore(target: Target) -> None:
    with suppress(TartwareError, OSError):
        if target.before is None:
            target.path.resolve().unlink()
        else:
            write_atomically(target.path.resolve(), target.before)
