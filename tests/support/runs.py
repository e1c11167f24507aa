"""One run of the tool from end to end, for all tests that look at what a run leaves behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.cli import token_for, tool, write_inputs
from tests.support.gateway import Seen, serve

__all__ = ["FinishedRun", "run_once"]


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What was left behind, said and sent."""

    directory: Path
    exit_code: int
    stdout: str
    stderr: str
    token: str
    seen: tuple[Seen, ...]

    @property
    def record(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.directory / "run.json").read_text(encoding="utf-8"))
        return document


def run_once(k6: Path, base: Path) -> FinishedRun:
    """Run the tiny profile against a healthy gateway."""
    write_inputs(base)
    token = token_for(3600)
    with serve() as gateway:
        done = tool(
            *("run", "--profile", "tiny", "--target", gateway.url, "--k6", str(k6), "-o", "json"),
            env={"API_TOKEN": token, "XDG_CACHE_HOME": str(base / "cache")},
            cwd=base,
        )
        seen = gateway.seen
    runs = sorted((base / "runs").glob("*"))
    assert len(runs) == 1, done.stderr
    return FinishedRun(runs[0], done.returncode, done.stdout, done.stderr, token, seen)
