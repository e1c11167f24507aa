"""Verdicts of known runs, judged by the real judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tartware_loadtest.config.models import Settings
from tartware_loadtest.reports.document import facts_document, verdict_document
from tartware_loadtest.results.measurements import Share
from tartware_loadtest.verdict.facts import Circumstances, Facts
from tartware_loadtest.verdict.judge import Verdict, judge
from tests.support.samples import settings_of

__all__ = ["Judged", "failing", "invalid", "judged", "passing", "record_of"]

HOSTILE = "a|b\n<script>x</script> \x1b[31m [link](x) `code` \ud800 \x00"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it rests on."""

    settings: Settings
    facts: Facts
    verdict: Verdict


def healthy() -> Facts:
    """Return the facts of a run in which nothing went wrong."""
    return Facts(
        commands={"guest.register": Share(2000, 2000), "reservation.create": Share(3000, 3000)},
        offered_commands=5000,
        slow={"command_duration_ms p95 < 500ms": Share(10, 5000)},
        percentiles={"command_duration_ms p95": (123.4, 123.4)},
        reads=Share(2000, 2000),
        failed_requests=Share(0, 7200),
        ramps=Share(500, 500),
        whole_run=Share(5500, 5500),
        probe={50.0: 0.4, 90.0: 0.9, 95.0: 1.2, 99.0: 3.5, 99.9: 9.0},
        probe_samples=200,
    )


def judged(facts: Facts, **circumstances: Any) -> Judged:
    """Judge facts by the criteria of the demo profile and an advisory one."""
    settings = settings_of("demo", "advisory: ramp_failed < 1%")
    given = Circumstances(canaries_passed=True, **circumstances)
    return Judged(settings, facts, judge(facts, settings.slos, given))


def passing(**circumstances: Any) -> Judged:
    return judged(healthy(), **circumstances)


def failing() -> Judged:
    """A run with slow answers, refusals and a missed advisory criterion."""
    return judged(
        replace(
            healthy(),
            commands={"guest.register": Share(1700, 2000), "reservation.create": Share(2988, 2988)},
            missing_commands={"reservation.create": 12},
            slow={"command_duration_ms p95 < 500ms": Share(400, 4988)},
            percentiles={"command_duration_ms p95": (812.0, 812.0)},
            failed_requests=Share(300, 7200),
            ramps=Share(450, 500),
            rejections={"5xx": {"guest.register": 290}, "role": {"guest.register": 10}},
            dropped=12,
        )
    )


def invalid() -> Judged:
    """A run that was interrupted and says hostile things."""
    return judged(
        healthy(), problems=("interrupted after 3 s", f"k6 said {HOSTILE}"), modified=("rate 5 instead of 7",)
    )


def record_of(one: Judged) -> dict[str, Any]:
    """Return the record of a finished run with this verdict."""
    return {
        "profile": one.settings.profile_name,
        "target": one.settings.target.base_url,
        "run_id": "1a2b3c4d",
        "started_at": "2026-11-22T16:00:00+00:00",
        "ended_at": "2026-11-22T16:00:25+00:00",
        "tool_version": "0.0.0",
        "engine": {"version": "2.2.0", "ending": "finished", "exit_code": 0},
        "bundle_digest": "0" * 64,
        "preflight": [
            {"name": "token", "state": "ok", "detail": "valid for another 60 min", "fix": ""},
            {"name": "gateway", "state": "warning", "detail": HOSTILE, "fix": ""},
        ],
        "verdict": verdict_document(one.verdict),
        "facts": facts_document(one.facts),
    }
