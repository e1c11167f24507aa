"""Bootstrap's time on a small and a large database, side by side: the ratio must stay under 2.

    python benchmarks/bootstrap.py --small 10000 --large 10000000

Each run takes another seed, so that each reads other rows, and the two take turns, so that what else the
machine does meets both. The command decides; the sampling alone, connection included, is shown beside it.
Where the large database does not fit into memory, nearly every row that it reads is a read from the disk.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tartware_loadtest.sampling.connection import connection_settings
from tartware_loadtest.sampling.database import open_database
from tartware_loadtest.sampling.sampler import Request, take_sample
from tartware_loadtest.sandbox.schema import Seed
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database

LIMIT = 2.0
COMMAND = (str(Path(sys.executable).with_name("tartware-lt")), "bootstrap", "--quiet")


def command(dsn: str, seed: int) -> float:
    """Return the seconds of the whole command."""
    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        subprocess.run(
            [*COMMAND, "--seed", str(seed)],
            cwd=directory,
            env={**os.environ, "DATABASE_URL": dsn},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - started


def sampling(dsn: str, seed: int) -> float:
    """Return the seconds of one sample, with its connection."""
    started = time.perf_counter()
    settings = connection_settings(connection_string=dsn, environ={})
    with open_database(settings) as database:
        take_sample(database, Request(seed=seed), now=datetime.now(UTC))
    return time.perf_counter() - started


def size(made: TemporaryDatabase) -> int:
    """Return the bytes of the database."""
    with psycopg.connect(made.admin_dsn) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def database(rows: int) -> Iterator[TemporaryDatabase]:
    """Seed a database and say how large it became."""
    started = time.perf_counter()
    with temporary_database(Seed(rows=rows)) as made:
        seconds = time.perf_counter() - started
        print(f"{rows:>12,} rows a table: {size(made) / 1e9:.2f} GB, seeded in {seconds:.0f} s", flush=True)
        yield made


def compare(name: str, once: Callable[[str, int], float], small: str, large: str, seeds: range) -> float:
    """Measure both in turn, print what it took, return the ratio of the medians."""
    times = [(once(small, seed), once(large, seed)) for seed in seeds]
    firsts = times[0]
    medians = [statistics.median(column) for column in zip(*times[1:], strict=True)]
    slowest = [max(column) for column in zip(*times[1:], strict=True)]
    for place, rows in enumerate(("small", "large")):
        print(
            f"{name:>10}, {rows}: first {firsts[place] * 1e3:6.1f} ms, "
            f"median {medians[place] * 1e3:6.1f} ms, slowest {slowest[place] * 1e3:6.1f} ms"
        )
    ratio: float = medians[1] / medians[0]
    print(f"{name:>10}: ratio of the medians {ratio:.2f}", flush=True)
    return ratio


def main() -> int:
    """Measure both and print the ratios; 1 where the command's is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    with database(options.small) as small, database(options.large) as large:
        seeds = range(1, options.runs + 1)
        ratio = compare("command", command, small.app_dsn, large.app_dsn, seeds)
        compare("sampling", sampling, small.app_dsn, large.app_dsn, range(1001, 1001 + options.runs))
    print(f"limit for the command: {LIMIT:g}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
