"""The verdict as plain data: what ``run.json`` and ``-o json`` hold. Pure."""

from __future__ import annotations

from typing import Any

from tartware_loadtest.verdict.facts import Facts
from tartware_loadtest.verdict.judge import Verdict

__all__ = ["facts_document", "verdict_document"]


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict; shares are 0 to 1, latencies milliseconds."""
    return {
        "state": verdict.state.value,
        "exit_code": int(verdict.state.exit_code),
        "marginal": verdict.marginal,
        "modified": list(verdict.modified),
        "notes": list(verdict.notes),
        "problems": list(verdict.problems),
        "cause": verdict.advice.cause if verdict.advice else None,
        "first_try": verdict.advice.first_try if verdict.advice else None,
        "generator": {
            "healthy": verdict.generator.healthy if verdict.generator.known else None,
            "text": verdict.generator.text,
            "probe_ms": {f"p{key:g}": value for key, value in sorted(verdict.generator.percentiles.items())},
        },
        "criteria": [
            {
                "criterion": outcome.criterion.text,
                "blocking": outcome.criterion.blocking,
                "state": outcome.state.value,
                "observed": outcome.observed,
                "value": outcome.value,
                "limit": outcome.criterion.limit,
                "interval": list(outcome.interval) if outcome.interval else None,
                "marginal": outcome.marginal,
                "reason": outcome.reason,
            }
            for outcome in verdict.outcomes
        ],
    }


def facts_document(facts: Facts) -> dict[str, Any]:
    """Return the counts that the verdict rests on."""
    return {
        "commands_whole_run": {"accepted": facts.whole_run.hits, "completed": facts.whole_run.total},
        "commands_steady": {
            name: {"accepted": share.hits, "completed": share.total} for name, share in facts.commands.items()
        },
        "commands_offered_steady": facts.offered_commands,
        "commands_missing_steady": dict(facts.missing_commands),
        "commands_in_ramps": {"accepted": facts.ramps.hits, "completed": facts.ramps.total},
        "reads": {"ok": facts.reads.hits, "completed": facts.reads.total, "missing": facts.missing_reads},
        "requests_failed_steady": {
            "failed": facts.failed_requests.hits,
            "completed": facts.failed_requests.total,
        },
        "rejections": {name: dict(subjects) for name, subjects in facts.rejections.items()},
        "latency_ms": {subject: list(bounds) for subject, bounds in facts.percentiles.items()},
        "connecting_ms": facts.connecting_ms,
        "dropped": facts.dropped,
        "interrupted": facts.interrupted,
        "exceptions": facts.exceptions,
        "unaccounted": facts.unaccounted,
        "probe_samples": facts.probe_samples,
        "missing_probes": facts.missing_probes,
    }
