"""The whole main job on real parts: ``python -m tartware_loadtest.sandbox.demo``.

Sandbox up, bootstrap, run, and then the count that only the server can make: what was accepted was
dispatched, and what was dispatched was applied or failed. The sandbox is taken down whatever happens.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tartware_loadtest.sandbox.accounting import Count

__all__ = ["Accepted", "compare", "main"]

_DRAIN_S = 120
# Three tenants: enough that no cancel of the demo profile must turn into a modify.
_ROWS, _CANCELLABLE = 4_000, 200
_RUNS = Path("runs")
_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a run says that it sent, ramps included; its canaries go under another identity.

    Attributes:
        accepted: Commands that were answered with 202.
        unknown: Commands whose outcome the client does not know: no answer came, or it was cut off.
    """

    accepted: int
    unknown: int


def compare(client: Accepted, server: Count) -> str:
    """Return what is wrong between the two counts, empty where they agree."""
    if not client.accepted <= server.dispatched <= client.accepted + client.unknown:
        between = f" to {client.accepted + client.unknown}" if client.unknown else ""
        return (
            f"the run counts {client.accepted}{between} accepted commands, the database {server.dispatched}"
        )
    if server.open or server.lost:
        return f"{server.open} commands are still open, {server.lost} are lost"
    if server.applied + server.failed != server.dispatched:
        return f"{server.dispatched} dispatched, but {server.applied} applied and {server.failed} failed"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return the run's exit code, or 1 where the counts differ."""
    parser = argparse.ArgumentParser(prog="python -m tartware_loadtest.sandbox.demo", description=__doc__)
    parser.add_argument("--postgres", choices=("auto", "system", "embedded"), default="auto")
    parser.add_argument("--profile", default="demo")
    options = parser.parse_args(argv)
    directory = Path(tempfile.mkdtemp(prefix="tartware-demo-"))
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        return _demo(directory, options.postgres, options.profile)
    except _StepError as error:
        _say(f"the demo stopped: {error}")
        return error.code
    except KeyboardInterrupt:
        return 130
    finally:
        # A second Ctrl-C must not leave a database running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _call(["sandbox", "down", "--purge", "--dir", str(directory / "sandbox")], {}, quiet=True)
        shutil.rmtree(directory, ignore_errors=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, before)


def _demo(directory: Path, postgres: str, profile: str) -> int:
    sandbox, data = directory / "sandbox", directory / "data.json"
    at = ["--dir", str(sandbox)]
    _step(["sandbox", "up", *at, "--postgres", postgres, "--rows", str(_ROWS)], {})
    environment = _environment(sandbox / "sandbox.env")
    files = ["--env-file", str(directory / "loadtest.env"), "--data", str(data)]
    _step(["bootstrap", *files, "--profile", profile, "--cancellable", str(_CANCELLABLE)], environment)
    code = _call(["run", "--profile", profile, *files, "--runs", str(_RUNS.resolve())], environment)
    run = _newest_run(_RUNS)
    if run is None:
        return code or 1
    counted = json.loads(
        _step(["sandbox", "account", str(run), *at, "--wait", str(_DRAIN_S), "-o", "json"], {}, capture=True)
    )
    server = Count(*(counted[name] for name in ("dispatched", "applied", "failed", "lost", "open")))
    client = _accepted(json.loads((run / "run.json").read_text(encoding="utf-8")))
    problem = compare(client, server)
    if problem:
        _say(f"the counts differ: {problem}")
        return code or 1
    _say(
        f"client and server agree: {client.accepted} accepted = {server.dispatched} dispatched"
        f" = {server.applied} applied + {server.failed} failed, by request identity"
    )
    return code


class _StepError(Exception):
    def __init__(self, step: str, code: int) -> None:
        super().__init__(f"`tartware-lt {step}` ended with {code}")
        self.code = code


def _step(arguments: Sequence[str], environment: Mapping[str, str], *, capture: bool = False) -> str:
    result = subprocess.run(  # noqa: S603 -- our own program
        _argv(arguments),
        env={**os.environ, **environment},
        check=False,
        stdout=subprocess.PIPE if capture else None,
        text=True,
    )
    if result.returncode:
        raise _StepError(" ".join(arguments[:2]), result.returncode)
    return result.stdout or ""


def _call(arguments: Sequence[str], environment: Mapping[str, str], *, quiet: bool = False) -> int:
    sink = subprocess.DEVNULL if quiet else None
    child = subprocess.Popen(  # noqa: S603 -- our own program
        _argv(arguments), env={**os.environ, **environment}, stderr=sink
    )
    try:
        return child.wait()
    except KeyboardInterrupt:
        # A terminal's Ctrl-C reached the child as well: it ends its own k6 and judges what was measured.
        # Another signal at once would make it hurry.
        _end(child, patience_s=_PATIENCE_S)
        raise
    except BaseException:
        _end(child, patience_s=0)
        raise


def _end(child: subprocess.Popen[bytes], patience_s: float) -> None:
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        if number is not None:
            child.send_signal(number)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            child.wait(_PATIENCE_S if number else patience_s)
            return


def _argv(arguments: Sequence[str]) -> list[str]:
    # The module, not the script: it runs in the environment that this very process runs in.
    return [sys.executable, "-c", "from tartware_loadtest.cli.app import main; main()", *arguments]


def _environment(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _newest_run(runs: Path) -> Path | None:
    found = list(runs.glob("*/run.json"))
    return max(found, key=lambda path: path.stat().st_mtime).parent if found else None


def _accepted(run: Mapping[str, Any]) -> Accepted:
    commands = run["facts"]["commands_whole_run"]
    # What was answered with anything else may have been accepted all the same, if no answer arrived.
    unknown = commands["completed"] - commands["accepted"] + run["engine"]["interrupted"]
    return Accepted(commands["accepted"], unknown)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(143)


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 -- the demo's own last word


if __name__ == "__main__":
    sys.exit(main())
