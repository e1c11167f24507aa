"""Finds a usable k6, or installs the pinned one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.engine import PINNED_VERSION, Engine, Origin, inspect
from tartware_loadtest.runners.installing import InstallListener, unheard
from tartware_loadtest.runners.interface import StopRequest

__all__ = ["VARIABLE", "cache_directory", "cached", "cached_path", "find", "find_or_install"]

VARIABLE = "TARTWARE_LT_K6"


def cache_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Return where this tool keeps its own k6, one directory a version."""
    variables = os.environ if environment is None else environment
    base = variables.get("XDG_CACHE_HOME", "")
    # The specification has relative paths ignored.
    root = Path(base) if Path(base).is_absolute() else Path(variables.get("HOME") or Path.home()) / ".cache"
    return root / "tartware-lt" / "k6"


def cached_path(environment: Mapping[str, str] | None = None) -> Path:
    """Return the path of the pinned k6 in the cache, there or not."""
    return cache_directory(environment) / PINNED_VERSION / "k6"


def cached(environment: Mapping[str, str] | None = None) -> Engine | None:
    """Return the pinned k6 of the cache; a broken one is our own, so it counts as absent and is replaced."""
    try:
        return inspect(cached_path(environment), Origin.CACHE)
    except RefusedError:
        return None


def find(explicit: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Engine | None:
    """Look for k6: the given path, ``TARTWARE_LT_K6``, ``PATH``, the tool's own cache.

    The first that is there decides, so that the same command uses the same k6 every time; an unusable one is
    an error and never passed over.

    Raises:
        RefusedError: The one that was found cannot be used.
    """
    variables = os.environ if environment is None else environment
    if explicit is not None:
        return inspect(explicit, Origin.FLAG)
    if named := variables.get(VARIABLE):
        return inspect(Path(named).expanduser(), Origin.VARIABLE)
    if on_path := shutil.which("k6", path=variables.get("PATH", os.defpath)):
        return inspect(Path(on_path), Origin.PATH)
    return cached(variables)


def find_or_install(
    explicit: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    listener: InstallListener = unheard,
    stop: StopRequest | None = None,
) -> Engine:
    """Look for k6 as ``find`` does; where there is none, install the pinned one into the cache.

    Raises:
        RefusedError: The one that was found cannot be used, or none could be installed.
        KeyboardInterrupt: ``stop`` was asked while it was being installed.
    """
    found = find(explicit, environment=environment)
    if found is not None:
        return found
    from tartware_loadtest.runners.install import install  # noqa: PLC0415  # mostly not needed

    return install(cache_directory(environment), listener=listener, stop=stop)
