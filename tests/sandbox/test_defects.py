from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from tartware_loadtest.sandbox.options import Options

pytestmark = pytest.mark.sandbox


def spoil(sandbox: Any) -> None:
    """Send a command that can never be applied, and wait until the consumer has met it."""
    response = sandbox.execute("reservation.cancel", {"reservation_id": str(uuid.uuid4())})
    assert sandbox.settle(response) == "RESERVATION_NOT_FOUND"


def test_a_bad_command_blocks_what_is_behind_it(start_sandbox: Any) -> None:
    sandbox = start_sandbox(Options(defects=("blocking-retries",), retry_schedule_ms=(300, 700)))
    spoil(sandbox)
    began = time.monotonic()

    assert sandbox.settle(sandbox.register()) == ""

    assert time.monotonic() - began > 0.6


def test_a_consumer_that_was_blocked_too_long_loses_what_was_queued_meanwhile(start_sandbox: Any) -> None:
    options = Options(defects=("loss-on-rejoin",), retry_schedule_ms=(800,), session_timeout_ms=500)
    sandbox = start_sandbox(options)
    spoil(sandbox)

    behind = [sandbox.register() for _ in range(5)]

    assert {sandbox.settle(answer) for answer in behind} == {"REJOINED_AT_LATEST"}
    assert sandbox.settle(sandbox.register()) == ""


def test_a_short_block_loses_nothing(start_sandbox: Any) -> None:
    options = Options(defects=("loss-on-rejoin", "housekeeping"), retry_schedule_ms=(100,))
    sandbox = start_sandbox(options)

    response = sandbox.execute("housekeeping.task.complete", {"task_id": sandbox.tenant.tasks[0]})

    assert sandbox.settle(response).startswith("42703")
    assert sandbox.settle(sandbox.register()) == ""
