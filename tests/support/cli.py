"""The installed ``tartware-lt``, started as a user starts it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tartware_loadtest.sampling.writers.data_file import write_data_file
from tests.support.samples import sample_of

__all__ = ["TINY", "command", "token_for", "tool", "write_inputs"]

TINY = """
profiles:
  tiny:
    {command_rate: 30, read_rate: 6, health_rate: 2, steady: 5s, ramp_up: 500ms, ramp_down: 500ms,
     slos: ["advisory: achieved_rate >= 99%", "command_duration_ms p95 < 5s"]}
"""
"""Enough samples and probes for a verdict, over soon, and PASS on a busy machine too."""


def command() -> str:
    return str(Path(sys.executable).with_name("tartware-lt"))


def tool(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the tool to its end, without a terminal."""
    return subprocess.run(
        [command(), *arguments],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def token_for(seconds: float) -> str:
    """Return a token that ends in so many seconds; nobody checks its signature."""
    parts = (
        {"alg": "HS256"},
        {"sub": "x", "iss": "tartware-core-service", "exp": int(time.time() + seconds)},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def write_inputs(directory: Path) -> None:
    """Write a configuration with the tiny profile, and a sample that outlasts several runs."""
    (directory / "tartware-lt.yaml").write_text(TINY, encoding="utf-8")
    write_data_file(sample_of(tenants=2, rows=3, cancellable=60), directory / "loadtest-data.json")
