"""A gateway that fails differently for each command: nothing of it passes for good, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gateway import Answer, Seen, accept, serve
from tests.support.k6 import Result, start, write_bundle
from tests.support.samples import bundle_of, sample_of, settings_of
from tests.support.traffic import CALM

pytestmark = pytest.mark.k6

LATE = "housekeeping.task.assign"
FAULTS = {
    "guest.register": Answer(200),
    "reservation.modify": Answer(500),
    "billing.payment.capture": Answer(0),
    LATE: Answer(202, seconds=0.9),
    "housekeeping.task.complete": Answer(403, '{"detail":"Rate limit exceeded"}'),
}
CLASSES = {
    "guest.register": "other",
    "reservation.modify": "5xx",
    "billing.payment.capture": "transport",
    LATE: "transport",
    "housekeeping.task.complete": "rate_limit",
}


def behave(seen: Seen) -> Answer:
    return Answer(503) if seen.path.startswith("/v1/rooms") else FAULTS.get(seen.command, accept(seen))


@pytest.fixture(scope="module")
def faulty(k6: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, tuple[Seen, ...]]:
    settings = settings_of(
        "demo",
        *CALM[:1],
        "advisory: command_duration_ms p95 < 300ms",
        "advisory: command_duration_ms p99 < 700ms",
        generator__request_timeout="400ms",
        mix={"reservation.create": 6, **dict.fromkeys(FAULTS, 4)},
        profile__command_rate=26,
        profile__read_rate=9,
        profile__health_rate=1,
        profile__ramp_up="500ms",
        profile__steady="3s",
        profile__ramp_down="500ms",
    )
    directory = write_bundle(bundle_of(settings, sample_of()), tmp_path_factory.mktemp("faulty"))
    with serve(behave) as gateway:
        result = start(k6, directory, gateway.url).wait()
        return result, gateway.seen


def steady(command: str) -> str:
    return f"command:{command},scenario:{command.replace('.', '_')},stage:steady"


@pytest.mark.parametrize("command", FAULTS)
def test_an_answer_that_is_no_202_is_a_failure_in_its_class(
    faulty: tuple[Result, tuple[Seen, ...]], command: str
) -> None:
    result, _ = faulty
    accepted = f"command_accepted{{{steady(command)}}}"
    assert result.count(accepted) >= 10
    assert result.hits(accepted) == 0
    whole = sum(
        result.count(
            f"command_accepted{{command:{command},scenario:{command.replace('.', '_')},stage:{stage}}}"
        )
        for stage in ("ramp_up", "steady", "ramp_down")
    )
    assert result.count(f"rejected{{class:{CLASSES[command]},command:{command}}}") == whole


def test_the_healthy_command_beside_them_is_untouched(faulty: tuple[Result, tuple[Seen, ...]]) -> None:
    result, _ = faulty
    accepted = f"command_accepted{{{steady('reservation.create')}}}"
    assert result.hits(accepted) == result.count(accepted) >= 15


def test_a_timeout_is_failed_and_slow(faulty: tuple[Result, tuple[Seen, ...]]) -> None:
    result, _ = faulty
    slow, slower = (f"{name}{{{steady(LATE)}}}" for name in ("command_slow_300ms", "command_slow_700ms"))
    sent = result.count(f"command_accepted{{{steady(LATE)}}}")
    assert result.hits(slow) == result.count(slow) == sent
    assert result.hits(slower) == 0
    duration = result.metrics[f"command_duration_ms{{command:{LATE},stage:steady}}"]
    assert duration["min"] >= 400


@pytest.mark.parametrize("command", ["reservation.modify", "housekeeping.task.complete"])
def test_a_fast_refusal_cannot_flatter_the_latency(
    faulty: tuple[Result, tuple[Seen, ...]], command: str
) -> None:
    result, _ = faulty
    durations = result.metrics[f"command_duration_ms{{command:{command},stage:steady}}"]
    assert durations["max"] == 0
    assert result.count(f"command_slow_300ms{{{steady(command)}}}") == 0


def test_failed_requests_are_counted_by_k6_as_well(faulty: tuple[Result, tuple[Seen, ...]]) -> None:
    result, _ = faulty
    healthy = (
        result.hits("command_accepted") + result.hits("read_ok") + result.count("iterations{scenario:health}")
    )
    assert result.count("http_req_failed") - result.hits("http_req_failed") == healthy


def test_a_read_that_fails_is_counted_for_its_kind(faulty: tuple[Result, tuple[Seen, ...]]) -> None:
    result, _ = faulty
    assert result.hits("read_ok{read:rooms}") == 0
    assert result.hits("read_ok{read:guests}") == result.count("read_ok{read:guests}") >= 8
    assert result.count("rejected{class:5xx,kind:read}") == result.count("read_ok{read:rooms}") >= 8


def test_a_client_that_repeats_by_itself_keeps_the_identity(
    faulty: tuple[Result, tuple[Seen, ...]],
) -> None:
    result, seen = faulty
    sent = {one.headers["idempotency-key"] for one in seen if one.command == "billing.payment.capture"}
    assert len(sent) == result.count("iterations{scenario:billing_payment_capture}")


def test_plain_k6_names_the_crossed_thresholds(faulty: tuple[Result, tuple[Seen, ...]]) -> None:
    result, _ = faulty
    assert result.exit_code == 99
    crossed = {name for name, metric in result.metrics.items() if any(metric.get("thresholds", {}).values())}
    assert {
        "http_req_failed{stage:steady}",
        "command_accepted{stage:steady}",
        "command_accepted{command:reservation.modify,stage:steady}",
        "read_ok",
        "rejected{class:other}",
    } <= crossed
    assert "command_accepted{command:reservation.create,stage:steady}" not in crossed
