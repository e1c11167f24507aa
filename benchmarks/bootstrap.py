"""Bootstrap's time on a small and a large database, side by side: the ratio must stay under 2.

    python benchmarks/bootstrap.py --small 10000 --large 10000000

Each run takes another seed, so that each reads other rows, and the two take turns, so that what else the
machine does meets both. The first run of each is shown apart: nothing is cached for it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg

from tartware_loadtest.sampling.connection import connection_settings
from tartware_loadtest.sampling.database import open_database
from tartware_loadtest.sampling.sampler import Request, take_sample
from tartware_loadtest.sandbox.schema import Seed
from tartware_loadtest.sandbox.temporary import TemporaryDatabase, temporary_database

LIMIT = 2.0


def once(dsn: str, seed: int) -> float:
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


def told(rows: int, times: Sequence[float]) -> str:
    """Return one line of the table."""
    milliseconds = [seconds * 1e3 for seconds in times]
    rest = milliseconds[1:]
    return (
        f"{rows:>12,} rows a table: first {milliseconds[0]:6.1f} ms, "
        f"median {statistics.median(rest):6.1f} ms, slowest {max(rest):6.1f} ms"
    )


def main() -> int:
    """Measure both and print the ratio; 1 where it is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=41)
    options = parser.parse_args()
    small: list[float] = []
    large: list[float] = []
    with database(options.small) as little, database(options.large) as huge:
        for seed in range(1, options.runs + 1):
            small.append(once(little.app_dsn, seed))
            large.append(once(huge.app_dsn, seed))
    print(told(options.small, small))
    print(told(options.large, large))
    ratio = statistics.median(large[1:]) / statistics.median(small[1:])
    print(f"ratio of the medians: {ratio:.2f} (limit {LIMIT:g})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
