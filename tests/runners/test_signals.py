"""Signals to a whole process that runs k6, as a terminal, a CI system and the kernel send them."""

from __future__ import annotations

import os
import signal

import pytest

from tartware_loadtest.runners.engine import Engine
from tests.runners.conftest import (
    STEADY,
    MakeRequest,
    Target,
    counts,
    driven,
    eventually,
    processes_in,
)

pytestmark = pytest.mark.k6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_k6_once_and_well(
    engine: Engine, target: Target, make_request: MakeRequest, number: signal.Signals
) -> None:
    request = make_request(STEADY % "60s")
    with driven(str(engine.path), request.bundle, target.url) as process:
        os.killpg(process.pid, number)  # as a terminal does: to the whole foreground group
        out, _ = process.communicate()
    assert out.endswith(f"ended stopped 105 {int(number)}\n")
    assert counts(request)["http_reqs"]["count"] > 0
    assert processes_in(request.bundle) == []


def test_death_of_the_tool_is_the_death_of_k6(
    engine: Engine, target: Target, make_request: MakeRequest
) -> None:
    request = make_request(STEADY % "60s")
    with driven(str(engine.path), request.bundle, target.url) as process:
        assert len(processes_in(request.bundle)) == 1
        process.kill()
        process.wait()
        eventually(lambda: processes_in(request.bundle) == [])
