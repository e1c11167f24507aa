"""What a usable k6 is: a file that says its version, and a version that this tool knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.environment import clean

__all__ = [
    "MINIMUM_VERSION",
    "PINNED_VERSION",
    "Engine",
    "Origin",
    "check_version",
    "inspect",
    "parse_version",
]

PINNED_VERSION = "2.2.0"
"""The version that is installed, and that every claim of this tool was measured with."""

MINIMUM_VERSION = (1, 5)
_FIRST_UNKNOWN_MAJOR = 3

_VERSION = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)([-+][0-9A-Za-z.+-]+)?")
_VERSION_TIMEOUT_SECONDS = 30.0
_REMEDY = (
    "Run `tartware-lt k6 install` and pass the path it prints with --k6, or take another k6 off the way."
)


class Origin(Enum):
    """Where a k6 was found."""

    FLAG = "--k6"
    VARIABLE = "TARTWARE_LT_K6"
    PATH = "PATH"
    CACHE = "cache"
    DOWNLOADED = "downloaded"
    BUILT = "built"


@dataclass(frozen=True, slots=True)
class Engine:
    """A k6 that can be used.

    Attributes:
        path: Absolute path of the binary.
        version: Such as ``2.2.0``.
        origin: Where it was found.
    """

    path: Path
    version: str
    origin: Origin


def inspect(path: Path, origin: Origin) -> Engine:
    """Ask a binary for its version.

    Raises:
        RefusedError: It cannot be run, says nothing understandable, or is of an unknown version.
    """
    where = f"{path} (from {origin.value})"
    if not path.is_file():
        raise RefusedError(f"There is no k6 at {where}.", hint=_REMEDY)
    if not os.access(path, os.X_OK):
        raise RefusedError(f"The k6 at {where} is not executable.", hint=f"chmod +x {path}")
    path = path.absolute()
    version = parse_version(_ask(path, where, "--json")) or parse_version(_ask(path, where))
    if version is None:
        raise RefusedError(f"The file {where} does not say a k6 version: it is no k6.", hint=_REMEDY)
    check_version(version, where)
    return Engine(path=path, version=version, origin=origin)


def _ask(path: Path, where: str, *flags: str) -> str:
    environment = {**clean(os.environ), "K6_AUTO_EXTENSION_RESOLUTION": "false"}
    try:
        answer = subprocess.run(  # noqa: S603  # the k6 that the user chose
            [str(path), "version", *flags],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RefusedError(
            f"The k6 at {where} did not say its version within {_VERSION_TIMEOUT_SECONDS:.0f} s.",
            hint=_REMEDY,
        ) from error
    except OSError as error:
        raise RefusedError(
            f"The k6 at {where} cannot be run: {error.strerror}.",
            hint=f"It may be built for another processor. {_REMEDY}",
        ) from error
    return answer.stdout.decode(errors="replace") if answer.returncode == 0 else ""


def parse_version(text: str) -> str | None:
    """Read the output of ``k6 version``, with or without ``--json``."""
    try:
        document = json.loads(text)
    except ValueError:
        said = text.strip().partition("\n")[0]
        said = said if said.startswith("k6 ") else ""
    else:
        said = str(document.get("version", "")) if isinstance(document, dict) else ""
    found = _VERSION.search(said)
    return found[0].removeprefix("v") if found else None


def check_version(version: str, where: str) -> None:
    """Refuse a version that this tool does not know how to run.

    Raises:
        RefusedError: It is too old, or of a major version that did not exist yet.
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < MINIMUM_VERSION:
        oldest = ".".join(str(part) for part in MINIMUM_VERSION)
        raise RefusedError(
            f"k6 {version} at {where} is too old: {oldest} is the oldest that works.", hint=_REMEDY
        )
    if major >= _FIRST_UNKNOWN_MAJOR:
        raise RefusedError(
            f"k6 {version} at {where} is of a major version that this tool does not know yet.", hint=_REMEDY
        )
