"""A run directory: written as the run goes, so that a crash keeps what was known; read again offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tartware_loadtest.errors import InputError
from tartware_loadtest.files import write_atomically

__all__ = ["SCHEMA_VERSION", "RunDirectory", "digest", "list_records"]

SCHEMA_VERSION = 1
_RECORD = "run.json"


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """``runs/<UTC time>-<profile>-<id>/``; only its owner may read it."""

    path: Path

    @classmethod
    def create(cls, base: Path, utc_time: str, profile: str, run_id: str) -> RunDirectory:
        """Make the directory of a new run.

        Args:
            base: Where all runs are kept; made if absent.
            utc_time: Sorts by name, such as ``20261122T160000Z``.
            profile: The profile's name.
            run_id: The 8 hex digits of the run.

        Raises:
            InputError: It cannot be made.
        """
        path = base / f"{utc_time}-{profile}-{run_id}"
        try:
            path.mkdir(parents=True, mode=0o700)
            (path / "bundle").mkdir(mode=0o700)
            (path / "summary").mkdir(mode=0o700)
        except OSError as error:
            raise InputError(
                f"Cannot make the run directory {path}: {error.strerror}.",
                hint="Name a directory that you may write to with --runs.",
            ) from error
        return cls(path)

    @property
    def bundle(self) -> Path:
        """Exactly what ran."""
        return self.path / "bundle"

    @property
    def log(self) -> Path:
        """What k6 said."""
        return self.path / "k6.log"

    def summary(self, shard: str = "local") -> Path:
        """k6's own summary of one process."""
        return self.path / "summary" / f"{shard}.json"

    def summaries(self) -> list[Path]:
        """Return the summaries that exist, sorted."""
        return sorted((self.path / "summary").glob("*.json"))

    def write_bundle(self, files: Mapping[str, str]) -> None:
        """Write the rendered files."""
        for name, text in files.items():
            write_atomically(self.bundle / name, text)

    def write(self, name: str, text: str) -> Path:
        """Write one file of the run."""
        write_atomically(self.path / name, text)
        return self.path / name

    def write_record(self, record: Mapping[str, Any]) -> None:
        """Write ``run.json`` whole; a reader meets the old or the new one."""
        self.write(_RECORD, json.dumps({"schema_version": SCHEMA_VERSION, **record}, indent=2) + "\n")

    def read_record(self) -> dict[str, Any]:
        """Read ``run.json``.

        Raises:
            InputError: It is absent, broken, or of a version that this tool does not know.
        """
        file = self.path / _RECORD
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"{file} cannot be read: {error}.", hint="Name a run directory.") from error
        if not isinstance(record, dict) or record.get("schema_version") != SCHEMA_VERSION:
            raise InputError(
                f"{file} is of another version than {SCHEMA_VERSION}.",
                hint="Use the version of tartware-lt that made the run.",
            )
        return record


def list_records(base: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the run directories below ``base`` with their records, newest first, without broken ones."""
    found = []
    for path in sorted(base.glob("*/run.json"), reverse=True):
        try:
            found.append((path.parent, RunDirectory(path.parent).read_record()))
        except InputError:
            continue
    return found
