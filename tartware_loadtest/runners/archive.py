"""Installs k6 from the official release archive, if its checksum is the pinned one."""

from __future__ import annotations

import hashlib
import platform
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tartware_loadtest.resources import k6_directory
from tartware_loadtest.runners.engine import PINNED_VERSION
from tartware_loadtest.runners.installing import InstallProgress, Step, StepFailed, Work

__all__ = ["RELEASES", "Archive", "fetch_binary", "pinned_archive", "pinned_checksums"]

RELEASES = "https://github.com/grafana/k6/releases/download"

_CONNECT_SECONDS = 3.0
_READ_SECONDS = 30.0
_SYSTEMS = {"linux": ("linux", "tar.gz"), "darwin": ("macos", "zip")}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Archive:
    """One file of the release.

    Attributes:
        name: Such as ``k6-v2.2.0-linux-amd64.tar.gz``.
        sha256: What it must hash to.
    """

    name: str
    sha256: str

    @property
    def member(self) -> str:
        """The only file that is taken out of it."""
        return f"{self.name.removesuffix('.tar.gz').removesuffix('.zip')}/k6"


def pinned_checksums(path: Path | None = None) -> dict[str, str]:
    """Read ``checksums.txt``, which has the format of ``sha256sum``."""
    table = path or k6_directory() / "engine" / "checksums.txt"
    rows = (line.split() for line in table.read_text(encoding="ascii").splitlines())
    return {name: digest for digest, name in rows}


def pinned_archive(system: str = sys.platform, machine: str | None = None) -> Archive | None:
    """Return the archive for this platform, or None where none is pinned."""
    kind = _SYSTEMS.get(system)
    processor = _MACHINES.get((machine or platform.machine()).lower())
    if kind is None or processor is None:
        return None
    name = f"k6-v{PINNED_VERSION}-{kind[0]}-{processor}.{kind[1]}"
    digest = pinned_checksums().get(name)
    return Archive(name, digest) if digest else None


def fetch_binary(archive: Archive, directory: Path, work: Work, *, releases: str = RELEASES) -> Path:
    """Download ``archive``, check it and take k6 out of it.

    Raises:
        StepFailed: It cannot be had, or is not the one that was pinned.
    """
    packed = directory / archive.name
    url = f"{releases}/v{PINNED_VERSION}/{archive.name}"
    digest = _download(url, packed, work)
    if digest != archive.sha256:
        raise StepFailed(f"{url} has another checksum than the pinned one and was thrown away")
    binary = directory / "k6"
    try:
        with _member(packed, archive.member) as source, binary.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise StepFailed(f"{archive.name} holds no {archive.member}") from error
    binary.chmod(0o700)
    return binary


def _download(url: str, target: Path, work: Work) -> str:
    import httpx  # noqa: PLC0415  # slow to import, and mostly not needed

    digest = hashlib.sha256()
    timeout = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    try:
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=timeout) as answer,
            target.open("wb") as file,
        ):
            answer.raise_for_status()
            size = int(answer.headers.get("content-length", 0)) or None
            done = 0
            for chunk in answer.iter_raw():
                work.go_on()
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                work.tell(InstallProgress(Step.DOWNLOAD, done, size, url))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise StepFailed(f"{url} could not be downloaded: {str(error) or type(error).__name__}") from error
    return digest.hexdigest()


@contextmanager
def _member(packed: Path, name: str) -> Iterator[IO[bytes]]:
    if packed.name.endswith(".zip"):
        with zipfile.ZipFile(packed) as zipped, zipped.open(name) as file:
            yield file
        return
    with tarfile.open(packed) as tarred:
        opened = tarred.extractfile(name)
        if opened is None:
            raise KeyError(name)
        with opened:
            yield opened
