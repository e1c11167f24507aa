"""What the tool itself costs: the time of --help, the start of a run, and its CPU beside k6's.

tartware-lt sandbox up && set -a && . .tartware/sandbox/sandbox.env && set +a && tartware-lt bootstrap
python benchmarks/cli.py [--profile demo]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tartware_loadtest.runners.k6 import find_or_install

CLI = str(Path(sys.executable).with_name("tartware-lt"))
RECORDER = """#!/bin/sh
case "$*" in *command-pipeline.js*) date +%s.%N > {stamp};; esac
exec {k6} "$@"
"""


def seconds_of(arguments: list[str], repetitions: int) -> float:
    """Return the median wall time of a command."""
    times = []
    for _ in range(repetitions):
        begun = time.perf_counter()
        subprocess.run([CLI, *arguments], check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def start_of_load(profile: str, directory: Path) -> tuple[float, float, float]:
    """Run once.

    Returns:
        Seconds until k6 was started, and CPU seconds of the load: the tool's, and k6's.
    """
    stamp, wrapper = directory / "stamp", directory / "k6"
    wrapper.write_text(RECORDER.format(stamp=stamp, k6=find_or_install().path), encoding="utf-8")
    wrapper.chmod(0o700)
    begun = time.time()
    process = subprocess.Popen(
        [
            CLI,
            "run",
            "--profile",
            profile,
            "--k6",
            str(wrapper),
            "-o",
            "json",
            "--runs",
            str(directory / "runs"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    used = at_start = at_end = 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        try:
            fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            used = (int(fields[11]) + int(fields[12])) / ticks
        except OSError:
            break
        if not stamp.exists():
            at_start = used
        if not list(directory.glob("runs/*/summary/local.json")):
            at_end = used
        time.sleep(0.02)
    out = process.stdout.read() if process.stdout else ""
    if process.wait() not in {0, 1, 3}:
        sys.exit(
            "the run did not come to a verdict: is the sandbox up, and its sandbox.env in the environment?"
        )
    record = json.loads((Path(json.loads(out)["run_directory"]) / "run.json").read_text(encoding="utf-8"))
    return (
        float(stamp.read_text(encoding="ascii")) - begun,
        at_end - at_start,
        float(record["engine"]["cpu_seconds"]),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="demo")
    parser.add_argument("--repetitions", type=int, default=10)
    options = parser.parse_args()
    seconds_of(["--help"], 2)
    help_ms = seconds_of(["--help"], options.repetitions) * 1000
    with tempfile.TemporaryDirectory() as name:
        start, tool, k6 = start_of_load(options.profile, Path(name))
    print("| what | measured | asked |")
    print("| --- | --- | --- |")
    print(f"| `tartware-lt --help`, median of {options.repetitions} | {help_ms:.0f} ms | under 150 ms |")
    print(
        f"| from the command to the start of k6, checks and canaries included | {start:.2f} s | under 0.7 s |"
    )
    share = f"{tool:.2f} s beside {k6:.1f} s: {tool / k6:.1%}"
    print(f"| CPU of the tool beside k6's, from the start of the load to its end | {share} | under 3 % |")


if __name__ == "__main__":
    main()
