"""The most likely cause of a FAIL or INVALID, and the first thing to try. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from tartware_loadtest.config.slo import Kind
from tartware_loadtest.verdict.criteria import Outcome, State
from tartware_loadtest.verdict.facts import Facts

if TYPE_CHECKING:
    from tartware_loadtest.verdict.validity import GeneratorHealth

__all__ = ["REJECTION_ADVICE", "Advice", "advise"]


@dataclass(frozen=True, slots=True)
class Advice:
    """Why it most likely happened, and what to try first."""

    cause: str
    first_try: str


REJECTION_ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "unauthenticated": Advice(
            "the gateway does not take the token: expired, or another issuer, audience or secret",
            "log in again; a token must outlive the run (H and M issue them for 3600 s)",
        ),
        "role": Advice(
            "the token's user lacks the role in that tenant: commands need MANAGER, billing reads ADMIN",
            "give the user the role in user_tenant_associations, or use another token",
        ),
        "module": Advice(
            "the tenant's membership lacks a module that the command needs",
            "enable core, finance-automation and facility-maintenance for the tenants under test",
        ),
        "tenant": Advice(
            "the membership query failed or found nothing: without a good canary a missing membership, "
            "else an overloaded gateway database pool",
            "check user_tenant_associations; under load look at the gateway's database pool (DB_POOL_MAX)",
        ),
        "rate_limit": Advice(
            "the gateway's rate limiter refused it; it answers 403, and one generator is one client",
            "set API_GATEWAY_DISABLE_RATE_LIMIT=true (or raise API_GATEWAY_RATE_MAX) for the test",
        ),
        "payload": Advice(
            "the gateway found the payload invalid: its schema differs from the one we know",
            "read the canary's answer in run.json, and check target.age and target.dialect",
        ),
        "feature_disabled": Advice(
            "the command is disabled for this environment (Tartware seeds all of them so)",
            "enable it: PATCH /v1/commands/features/batch",
        ),
        "conflict": Advice(
            "an Idempotency-Key was seen before with another payload",
            "do not give two runs the same TARTWARE_RUN",
        ),
        "5xx": Advice(
            "the gateway failed: 502 is Kafka that could not be reached, 500 mostly its database",
            "look at the gateway's log and at Kafka; dispatches marked FAILED may still have been applied",
        ),
        "transport": Advice(
            "no answer came in time or the connection broke; the outcome on the server is unknown",
            "look at the gateway's restarts, connection limits and Kafka (it waits for the acknowledgement)",
        ),
        "other": Advice(
            "the gateway answered with something that is neither an acceptance nor a known refusal",
            "look at the answers in k6.log; check that the base URL is the gateway's",
        ),
    }
)


def advise(
    facts: Facts, outcomes: Sequence[Outcome], problems: Sequence[str], health: GeneratorHealth
) -> Advice:
    """Name the most likely cause; what stands first in the chain of causes comes first."""
    if not health.healthy and health.known and (problems or facts.dropped):
        return Advice(
            f"the generator was short of CPU ({health.text})",
            "free the machine, give k6 more cores or pods, or lower the rate",
        )
    if any("token died" in problem for problem in problems):
        return REJECTION_ADVICE["unauthenticated"]
    if problems:
        return _for_problem(facts, problems[0])
    return _for_missed(facts, health, [o for o in outcomes if o.state is State.MISSED])


_FIRST_TRY: Mapping[str, str] = MappingProxyType(
    {
        "no command was sent": "read the errors in k6.log of the run directory",
        "script threw": "read the errors in k6.log of the run directory",
        "no expected rate": "name the profile that k6 ran with, or what was asked for",
        "interrupted": "run it again and let it finish",
        "generator health unknown": "start k6 with --address and TARTWARE_PROBE_URL, as tartware-lt does",
        "too few": "use a longer steady stage or a higher rate",
    }
)


def _for_problem(facts: Facts, problem: str) -> Advice:
    if facts.rejected("payload") and "malformed" in problem:
        return REJECTION_ADVICE["payload"]
    known = next((text for words, text in _FIRST_TRY.items() if words in problem), None)
    return Advice(problem, known or "read k6.log in the run directory, then run it again")


def _for_missed(facts: Facts, health: GeneratorHealth, missed: Sequence[Outcome]) -> Advice:
    refused = {name: facts.rejected(name) for name in facts.rejections if facts.rejected(name)}
    slow = max((share.hits for share in facts.slow.values()), default=0)
    not_carried = facts.missing > max(sum(refused.values()), slow)
    if not_carried:
        slowest = max((high for _, high in facts.percentiles.values()), default=0.0)
        return Advice(
            f"load not carried: {facts.missing:,} commands found no free virtual user, because answers took "
            f"too long (p95 up to {slowest:.0f} ms)",
            f"look at the target's CPU, database pool and Kafka; the generator: {health.text}",
        )
    unexplained = next((o for o in missed if o.criterion.kind is Kind.COUNT), None)
    candidates = refused
    if unexplained is not None:
        candidates = {
            k: v for k, v in refused.items() if k not in {"5xx", "transport", "rate_limit"}
        } or refused
    if candidates:
        worst = max(candidates, key=lambda name: candidates[name])
        known = REJECTION_ADVICE[worst]
        subjects = ", ".join(sorted(s for s, n in facts.rejections[worst].items() if n))
        return Advice(f"{candidates[worst]:,} x {worst} ({subjects}): {known.cause}", known.first_try)
    if any(o.criterion.kind is Kind.SHARE for o in missed):
        return Advice(
            "requests failed, and the summary does not tell by which answers",
            "look at the status codes in k6's own output and at the target's log",
        )
    return Advice(
        "the target answers too slowly at this rate",
        "compare with a lower rate; look at the gateway's CPU, its database pool and Kafka",
    )
