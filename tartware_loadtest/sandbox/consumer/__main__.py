"""Drains the outbox in this process: ``python -m tartware_loadtest.sandbox.consumer``."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg

from tartware_loadtest.sandbox.consumer.apply import apply_batch, lose_waiting
from tartware_loadtest.sandbox.consumer.settings import ConsumerSettings

_SETTINGS = "TARTWARE_SANDBOX_CONSUMER"
_TICK_S = 0.1
# A batch is small beside the tables: plans by index, made once, whatever the statistics say of a moment.
_OPTIONS = (
    "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off"
)
_ORDERS_EVERY_S = 0.25
_BATCH = 250
# The queue is read from the last place on; replayed commands stand before it: found by a look from the start.
_FROM_START_EVERY_S = 1.0


class Consumer:
    """Applies commands at a rate, until told to stop."""

    def __init__(self, settings: ConsumerSettings, connection: psycopg.Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._rate = settings.rate
        self._stop = threading.Event()
        self._next_orders = 0.0
        self._next_start = 0.0
        self._from = 0

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stop.set()

    def run(self) -> None:
        """Drain until stopped."""
        budget, last = 0.0, time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            self._orders(now)
            # No more than a quarter of a second is saved up: the rate is a rate, not a burst after a pause.
            most = max(1.0, self._rate / 4) if self._rate else 0.0
            budget = min(budget + self._rate * (now - last), most)
            last = now
            taken = self._batch(now, int(budget)) if budget >= 1 else 0
            budget -= taken
            if taken < _BATCH:
                self._stop.wait(_TICK_S)

    def _orders(self, now: float) -> None:
        if now < self._next_orders:
            return
        self._next_orders = now + _ORDERS_EVERY_S
        row = self._connection.execute("SELECT value FROM sandbox_meta WHERE key = 'consumer'").fetchone()
        self._connection.commit()
        orders: dict[str, Any] = row[0] if row else {}
        rate = orders.get("rate")
        self._rate = self._settings.rate if rate is None else float(rate)
        if orders.get("stopped"):
            self._rate = 0.0

    def _batch(self, now: float, most: int) -> int:
        if now >= self._next_start:
            self._next_start, self._from = now + _FROM_START_EVERY_S, 0
        taken = apply_batch(self._connection, min(most, _BATCH), self._from, self._settings.defects)
        self._from = max(self._from, taken.last)
        if taken.failed:
            self._block(taken.failed)
        return taken.commands

    def _block(self, failed: int) -> None:
        defects = self._settings.defects
        if not {"blocking-retries", "loss-on-rejoin"} & set(defects):
            return
        blocked_ms = sum(self._settings.retry_schedule_ms)
        for _ in range(failed):
            self._stop.wait(blocked_ms / 1000)
            if "loss-on-rejoin" in defects and blocked_ms > self._settings.session_timeout_ms:
                print(f"lost {lose_waiting(self._connection)} commands", flush=True)  # noqa: T201 -- its log


def main() -> None:
    """Run until SIGTERM."""
    raw = json.loads(Path(os.environ[_SETTINGS]).read_text(encoding="utf-8"))
    settings = ConsumerSettings(
        raw["dsn"],
        raw["rate"],
        tuple(raw["defects"]),
        tuple(raw["retry_schedule_ms"]),
        raw["session_timeout_ms"],
    )
    with psycopg.connect(settings.dsn, prepare_threshold=1, options=_OPTIONS) as connection:
        consumer = Consumer(settings, connection)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: consumer.stop())
        print("consumer: ready", flush=True)  # noqa: T201 -- its log
        consumer.run()


if __name__ == "__main__":
    try:
        main()
    except psycopg.OperationalError as error:
        # The database went away: `sandbox down` stops it last, so this is worth a line, not a traceback.
        sys.exit(f"consumer: {error}")
