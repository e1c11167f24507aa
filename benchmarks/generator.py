"""What a command costs k6: our script, an original-style one and a bare loop, side by side on one core.

    python benchmarks/generator.py [--repetitions 3] [--iterations 40000]

k6 runs on core 0 in a closed loop (so that it is saturated), the target on core 1. CPU is user + system time
of the k6 process; all variants have the same GOGC. Identical runs vary by a quarter on a busy machine: trust
the ratios, and the median of interleaved repetitions.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from uuid import UUID

from tartware_loadtest.config.loader import Flags, load_settings
from tartware_loadtest.planning.plan import Machine, make_plan
from tartware_loadtest.runners.k6 import find_or_install
from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample
from tartware_loadtest.scenario.bundle import build_bundle
from tartware_loadtest.scenario.pools import build_pools

HERE = Path(__file__).resolve().parent
GOGC = "400"
SHORT = 200
VARIANTS = ("bare", "original", "ours")


def synthetic_sample() -> Sample:
    """Return a sample of three tenants, of the size that bootstrap writes by default."""
    random = Random(1)  # noqa: S311 - repeatable, not secret

    def new() -> str:
        return str(UUID(int=random.getrandbits(128), version=4))

    tenants = tuple(
        TenantSample(
            new(),
            tuple(Stay(new(), new()) for _ in range(4)),
            tuple(new() for _ in range(25)),
            tuple(Reservation(new(), new(), new(), cancellable=number < 25) for number in range(50)),
            tuple(Task(new(), new()) for _ in range(25)),
        )
        for _ in range(3)
    )
    return Sample(tenants, 1, "2026-01-01T00:00:00+00:00", "benchmark")


def prepare(directory: Path) -> None:
    """Write the three scripts; ours as a bundle with a closed-loop entry."""
    settings = load_settings(Flags(profile="smoke"), {}).settings
    sample = synthetic_sample()
    plan = make_plan(settings, 75, Machine(2, 2**34))
    for name, text in build_bundle(settings, plan, build_pools(sample)).files.items():
        (directory / name).write_text(text, encoding="utf-8")
    for variant in VARIANTS:
        shutil.copy(HERE / "k6" / f"{variant}.js", directory / f"bench-{variant}.js")


def pinned(core: int, command: list[str]) -> list[str]:
    """Return the command bound to one core."""
    return ["taskset", "-c", str(core), *command]


def measure(k6: Path, script: Path, base_url: str, iterations: int) -> float:
    """Run one variant; return the CPU seconds of its k6."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("K6_")},
        "GATEWAY_BASE_URL": base_url,
        "API_TOKEN": "x" * 200,
        "GOGC": GOGC,
        "ITERATIONS": str(iterations),
        "TOTAL_RATE": "1000",
        "K6_NO_USAGE_REPORT": "true",
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
    }
    command = pinned(0, [str(k6), "run", "--quiet", "--summary-export", os.devnull, script.name])
    with (script.parent / "k6.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=script.parent, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 99}:
            log.seek(0)
            sys.exit(f"{script.name}: k6 ended with {process.returncode}: {log.read()[-500:]}")
    return usage.ru_utime + usage.ru_stime


def start_target(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """Build and start the target on core 1; return it with its base URL."""
    binary = directory / "target"
    subprocess.run(
        [shutil.which("go") or "go", "build", "-o", str(binary), "."], cwd=HERE / "server", check=True
    )
    process = subprocess.Popen(pinned(1, [str(binary)]), stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        sys.exit("the target did not start")
    return process, f"http://{process.stdout.readline().strip()}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=40_000)
    options = parser.parse_args()
    k6 = find_or_install().path
    results: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        prepare(directory)
        target, base_url = start_target(directory)
        try:
            for _ in range(options.repetitions):
                for variant in VARIANTS:
                    count = options.iterations // 4 if variant == "original" else options.iterations
                    script = directory / f"bench-{variant}.js"
                    # A second, short run takes out what k6 needs to start and to end.
                    idle = measure(k6, script, base_url, SHORT)
                    busy = measure(k6, script, base_url, count + SHORT)
                    results[variant].append((busy - idle) / count * 1e6)
        finally:
            target.kill()
            target.wait()
    median = {variant: statistics.median(values) for variant, values in results.items()}
    print("| script | CPU a command, median (range) |")
    print("| --- | --- |")
    for variant, values in results.items():
        print(f"| {variant} | {median[variant]:.0f} µs ({min(values):.0f} to {max(values):.0f}) |")
    print(f"\nours / original: {median['ours'] / median['original']:.2f} (at most 0.27)")
    print(f"ours / bare: {median['ours'] / median['bare']:.2f} (at most 1.35)")


if __name__ == "__main__":
    main()
