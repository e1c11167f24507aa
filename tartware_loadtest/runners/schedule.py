"""Reads what the kernel says of a process's threads: time on a CPU, and time spent waiting for one."""

from __future__ import annotations

import os

__all__ = ["ScheduleSampler"]

_NANOSECONDS = 1e9


class ScheduleSampler:
    """Adds up ``/proc/PID/task/*/schedstat``; threads that have ended keep their last value.

    Attributes:
        run_seconds: Time on a CPU, None where it cannot be read.
        wait_seconds: Time in a run queue, None where it cannot be read.
    """

    def __init__(self, pid: int) -> None:
        self._tasks = f"/proc/{pid}/task"
        self._threads: dict[str, tuple[int, int]] = {}

    def sample(self) -> None:
        """Read the counters now; a process that is gone leaves them as they were."""
        try:
            threads = os.listdir(self._tasks)  # noqa: PTH208  # once a second for hours: the cheap way
        except OSError:
            return
        for thread in threads:
            try:
                with open(f"{self._tasks}/{thread}/schedstat", "rb", buffering=0) as file:  # noqa: PTH123
                    run, wait, _ = file.read().split()
            except (OSError, ValueError):
                continue
            self._threads[thread] = int(run), int(wait)

    @property
    def run_seconds(self) -> float | None:
        """Time on a CPU."""
        return self._sum(0)

    @property
    def wait_seconds(self) -> float | None:
        """Time in a run queue."""
        return self._sum(1)

    def _sum(self, index: int) -> float | None:
        if not self._threads:
            return None
        return sum(counters[index] for counters in self._threads.values()) / _NANOSECONDS
