"""Summaries of real runs, by k6 1.5 and 2.2, judged offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.config.loader import Flags, load_settings
from tartware_loadtest.config.models import Settings
from tartware_loadtest.errors import InputError
from tartware_loadtest.run.summaries import judge_summaries
from tartware_loadtest.verdict.judge import VerdictState

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
SUMMARIES = [GOLDEN / "k6-1.5" / "summary.json", GOLDEN / "k6-2.2" / "summary.json"]
PROFILE = """
profiles:
  tiny: {command_rate: 60, read_rate: 30, health_rate: 5, steady: 6s, ramp_up: 1s, ramp_down: 1s}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    config = tmp_path / "tiny.yaml"
    config.write_text(PROFILE)
    return load_settings(Flags(profile="tiny", config=config), {}).settings


def judged(settings: Settings, *files: Path, named: bool = True) -> VerdictState:
    verdict, _, _ = judge_summaries(
        files, settings, profile_named=named, expected_rate=None, trust_generator=False
    )
    return verdict.state


@pytest.mark.parametrize("summary", SUMMARIES, ids=["k6 1.5", "k6 2.2"])
def test_summary_of_our_scenario_passes_with_its_profile(summary: Path, settings: Settings) -> None:
    assert judged(settings, summary) is VerdictState.PASS


def test_run_that_asked_for_no_reads_is_not_held_to_any(tmp_path: Path) -> None:
    config = tmp_path / "tiny.yaml"
    config.write_text(PROFILE.replace("read_rate: 30", "read_rate: 0"))
    settings = load_settings(Flags(profile="tiny", config=config), {}).settings

    verdict, _, _ = judge_summaries(
        SUMMARIES[:1], settings, profile_named=True, expected_rate=None, trust_generator=False
    )

    assert not any(outcome.criterion.metric == "read_failed" for outcome in verdict.outcomes)


@pytest.mark.parametrize("summary", SUMMARIES, ids=["k6 1.5", "k6 2.2"])
def test_summary_without_a_named_profile_is_invalid(summary: Path, settings: Settings) -> None:
    assert judged(settings, summary, named=False) is VerdictState.INVALID


def edited(tmp_path: Path, **metrics: dict[str, Any] | None) -> Path:
    """Return the summary of k6 2.2 with metrics replaced, or taken out."""
    document = json.loads(SUMMARIES[1].read_text())
    for name, values in metrics.items():
        for key in [key for key in document["metrics"] if key.partition("{")[0] == name]:
            if values is None:
                del document["metrics"][key]
            else:
                document["metrics"][key] |= values
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"command_accepted": {"passes": 0, "fails": 0}}, id="no command was counted"),
        pytest.param({"generator_probe_ms": None}, id="no self-probe"),
        pytest.param({"command_slow_500ms": {"passes": 0, "fails": 0}}, id="no latency was counted"),
        pytest.param({"read_ok": {"passes": 0, "fails": 0}}, id="no read was counted"),
        pytest.param({"iterations": {"count": 20, "rate": 2}}, id="a tenth of the iterations"),
        pytest.param({"command_accepted": None}, id="without the metric that decides"),
    ],
)
def test_summary_that_lacks_what_decides_never_passes(
    tmp_path: Path, settings: Settings, changes: dict[str, Any]
) -> None:
    assert judged(settings, edited(tmp_path, **changes)) is not VerdictState.PASS


def test_summary_is_never_held_against_another_limit_than_its_own(tmp_path: Path) -> None:
    config = tmp_path / "tiny.yaml"
    config.write_text(PROFILE)
    limit = ("command_duration_ms p95 < 0.1ms",)
    settings = load_settings(Flags(profile="tiny", config=config, slos=limit), {}).settings

    assert judged(settings, SUMMARIES[1]) is not VerdictState.PASS


def test_one_summary_cannot_count_twice(tmp_path: Path, settings: Settings) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes(SUMMARIES[1].read_bytes())

    with pytest.raises(InputError, match="cannot count twice"):
        judged(settings, SUMMARIES[1], copy)


def test_two_runs_given_as_one_are_more_than_was_offered(settings: Settings) -> None:
    assert judged(settings, *SUMMARIES) is VerdictState.INVALID


def test_summary_of_another_rate_than_the_profile_never_passes(tmp_path: Path) -> None:
    config = tmp_path / "tiny.yaml"
    config.write_text(PROFILE.replace("command_rate: 60", "command_rate: 600"))
    settings = load_settings(Flags(profile="tiny", config=config), {}).settings

    assert judged(settings, SUMMARIES[1]) is not VerdictState.PASS
