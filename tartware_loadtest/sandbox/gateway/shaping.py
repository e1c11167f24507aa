"""Faults as they are done to a request: waiting, hanging, cutting the connection."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tartware_loadtest.sandbox.faults import FaultPlan, Kind, Rule, Scheduler, parse_faults
from tartware_loadtest.sandbox.gateway.request import HTTPProtocol, Scope

__all__ = ["Faults", "cut", "hang"]

_HANG_S = 300.0
# The golden ratio's multiples spread evenly over an interval, whatever their number.
_GOLDEN = 0.618033988749895


@dataclass(slots=True)
class Faults:
    """The plan in force, and what it has done so far."""

    raw: dict[str, Any] = field(default_factory=dict)
    plan: FaultPlan = field(default_factory=FaultPlan)
    scheduler: Scheduler = field(default_factory=lambda: Scheduler(FaultPlan()))
    since: float = field(default_factory=time.time)
    _slots: asyncio.Semaphore | None = None
    _number: int = 0

    def set(self, raw: dict[str, Any]) -> FaultPlan:
        """Take another plan and count from zero.

        Raises:
            InputError: The plan is none.
        """
        plan = parse_faults(raw)
        self.raw, self.plan, self.scheduler = raw, plan, Scheduler(plan)
        self.since = time.time()
        self._slots = asyncio.Semaphore(plan.capacity.slots) if plan.capacity else None
        return plan

    def pick(self, kind: Kind, command: str | None) -> Rule | None:
        """Count a request, and return what strikes it."""
        return self.scheduler.pick(kind, command)

    @asynccontextmanager
    async def shape(self, kind: Kind) -> AsyncIterator[None]:
        """Hold the request as long as latency and capacity ask for; others go on meanwhile."""
        latency, capacity = self.plan.latency, self.plan.capacity
        if latency is not None and latency.kind == kind:
            self._number += 1
            await asyncio.sleep((latency.base_ms + latency.jitter_ms * (self._number * _GOLDEN % 1)) / 1000)
        if capacity is None or self._slots is None or capacity.kind != kind:
            yield
            return
        async with self._slots:
            began = time.monotonic()
            yield
            await asyncio.sleep(max(0.0, capacity.service_ms / 1000 - (time.monotonic() - began)))

    def report(self) -> dict[str, Any]:
        """Return the plan and what was injected since it was set."""
        return {"plan": self.raw, "since": self.since, **self.scheduler.counts()}


async def hang(protocol: HTTPProtocol) -> None:
    """Answer nothing until the client gives up."""
    with suppress(TimeoutError):
        await asyncio.wait_for(protocol.client_disconnect(), _HANG_S)


def cut(scope: Scope) -> bool:
    """Close the client's connection without an answer; return whether it was found.

    The server library has no call for it, so the socket is looked up among our own by its peer's address.
    """
    host, _, port = scope.client.rpartition(":")
    for name in Path("/dev/fd").iterdir():
        try:
            copy = socket.socket(fileno=os.dup(int(name.name)))
        except OSError:
            continue
        with copy:
            try:
                if copy.getpeername()[:2] == (host, int(port)):
                    copy.shutdown(socket.SHUT_RDWR)
                    return True
            except (OSError, TypeError, ValueError):
                continue
    return False
