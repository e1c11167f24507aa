"""What bootstrap says about its work: lines for people, a document for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tartware_loadtest.sampling.sampler import Outcome
from tartware_loadtest.sampling.writers.outputs import Output
from tartware_loadtest.sampling.writers.variables import VARIABLES

__all__ = ["Change", "FileReport", "Report", "file_report"]

_SHOWN = 72
_SECRET = "API_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Change:
    """A variable that changes; None where it did not stand there before."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What happens to one file: ``created``, ``updated`` or ``unchanged``."""

    path: str
    state: str
    size: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it.

    Attributes:
        outcome: The sample and how it came about.
        files: What happens to the files.
        warnings: What a user should know before the run.
        dry_run: Whether nothing was written.
    """

    outcome: Outcome
    files: tuple[FileReport, ...]
    warnings: tuple[str, ...]
    dry_run: bool

    def document(self) -> dict[str, Any]:
        """Return the summary that ``-o json`` prints."""
        sample = self.outcome.sample
        return {
            "dry_run": self.dry_run,
            "source": sample.source,
            "seed": sample.seed,
            "taken_at": sample.taken_at,
            "tenants": [
                {
                    "tenant_id": tenant.tenant_id,
                    "stays": len(tenant.stays),
                    "guests": len(tenant.guests),
                    "reservations": len(tenant.reservations),
                    "cancellable": tenant.cancellable,
                    "tasks": len(tenant.tasks),
                }
                for tenant in sample.tenants
            ],
            "passed_over": list(self.outcome.passed_over),
            "warnings": list(self.warnings),
            "files": [
                {
                    "path": file.path,
                    "state": file.state,
                    "bytes": file.size,
                    "changed": [change.name for change in file.changes],
                }
                for file in self.files
            ],
        }

    def lines(self) -> list[str]:
        """Return the text for people; of a dry run with the variables that would change."""
        told = [f"warning: {warning}" for warning in self.warnings]
        for file in self.files:
            if file.state == "unchanged":
                told.append(f"{file.path} is up to date")
                continue
            verb = f"would be {file.state}" if self.dry_run else file.state
            told.append(f"{file.path} {verb} ({file.size:,} bytes)")
            if self.dry_run:
                told += [line for change in file.changes for line in _diff(change)]
        if self.dry_run:
            told.append("dry run: nothing was written")
        return told


def file_report(output: Output, read: Callable[[str], Mapping[str, str]] | None = None) -> FileReport:
    """Say what happens to one file; ``read`` finds the variables in its text."""
    before = output.target.before
    state = "created" if before is None else "updated" if output.changed else "unchanged"
    changes: tuple[Change, ...] = ()
    if read is not None:
        old, new = read(before or ""), read(output.text)
        changes = tuple(
            Change(name, old.get(name), new[name])
            for name in VARIABLES
            if name != _SECRET and name in new and old.get(name) != new[name]
        )
    return FileReport(str(output.target.path), state, len(output.text.encode()), changes)


def _diff(change: Change) -> list[str]:
    old = [] if change.before is None else [f"  - {change.name}={_short(change.name, change.before)}"]
    return [*old, f"  + {change.name}={_short(change.name, change.after)}"]


def _short(name: str, value: str) -> str:
    if not name.endswith("_IDS"):
        # A URL that somebody wrote by hand may carry credentials.
        return "…" if "@" in value else value
    cut = value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
    return f"{cut} ({value.count(',') + 1 if value else 0} IDs)"
