"""The real k6 on a rendered bundle, as a user runs it: without the tool around it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tartware_loadtest.scenario.bundle import ENTRY, Bundle

__all__ = ["BOTH_FORMS", "Process", "Result", "free_port", "inspect", "start", "write_bundle"]

BOTH_FORMS = "both-forms.js"
"""An entry that also writes what ``handleSummary`` is given."""

_BOTH_FORMS = f"""
export * from './{ENTRY}';
export function handleSummary(data) {{ return {{ [__ENV.HANDLED]: JSON.stringify(data) }}; }}
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What one k6 left behind; ``handled`` is empty unless the entry is ``BOTH_FORMS``."""

    exit_code: int
    log: str
    exported: str
    handled: str

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        metrics: dict[str, dict[str, Any]] = json.loads(self.exported)["metrics"]
        return metrics

    def count(self, name: str) -> int:
        """Return the count of a counter or rate, 0 where there is none."""
        metric = self.metrics.get(name, {})
        return int(metric.get("count", metric.get("passes", 0) + metric.get("fails", 0)))

    def hits(self, name: str) -> int:
        """Return how often a rate was true."""
        return int(self.metrics[name]["passes"])


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


def write_bundle(bundle: Bundle, directory: Path) -> Path:
    """Write the files, and the entry that shows both forms of the summary beside them."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in {**bundle.files, BOTH_FORMS: _BOTH_FORMS}.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.defpath, "K6_NO_USAGE_REPORT": "true", **variables}


def inspect(k6: Path, directory: Path, **variables: str) -> dict[str, Any]:
    """Return what k6 itself makes of the bundle."""
    done = subprocess.run(
        [str(k6), "inspect", "--execution-requirements", "--include-system-env-vars", ENTRY],
        cwd=directory,
        env=_environment(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


class Process:
    """A k6 that runs."""

    def __init__(self, process: subprocess.Popen[str], exported: Path, handled: Path) -> None:
        self._process = process
        self._exported, self._handled = exported, handled

    def wait(self) -> Result:
        log, _ = self._process.communicate(timeout=120)
        texts = [
            path.read_text(encoding="utf-8") if path.exists() else ""
            for path in (self._exported, self._handled)
        ]
        return Result(self._process.returncode, log, *texts)


def start(
    k6: Path,
    directory: Path,
    url: str,
    *arguments: str,
    entry: str = ENTRY,
    probe: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start k6 on a bundle."""
    port = free_port()
    exported, handled = directory / f"exported-{port}.json", directory / f"handled-{port}.json"
    variables = {
        "GATEWAY_BASE_URL": url,
        "API_TOKEN": "a.b.c",
        "HANDLED": str(handled),
        **(environment or {}),
    }
    if probe:
        arguments = ("--address", f"127.0.0.1:{port}", *arguments)
        variables["TARTWARE_PROBE_URL"] = f"http://127.0.0.1:{port}/v1/status"
    process = subprocess.Popen(
        [str(k6), "run", "--quiet", "--no-color", "--summary-export", str(exported), *arguments, entry],
        cwd=directory,
        env=_environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Process(process, exported, handled)
