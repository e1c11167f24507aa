"""What this machine has for k6."""

from __future__ import annotations

import os
from pathlib import Path

from tartware_loadtest.planning.plan import Machine

__all__ = ["this_machine"]

_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_USABLE = 0.9


def this_machine() -> Machine:
    """Return the cores that this process may use, and nine tenths of the memory that it may fill."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(float(cores), round(min([memory, *_limits()]) * _USABLE))


def _limits() -> list[int]:
    found = []
    for path in _CGROUP_LIMITS:
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            found.append(int(text))
    return found
