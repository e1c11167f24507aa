"""Faults on demand, spread evenly by a counter: six percent are exactly six of each hundred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from tartware_loadtest.errors import InputError

__all__ = ["Capacity", "Fault", "FaultPlan", "Kind", "Latency", "Rule", "Scheduler", "parse_faults"]

Kind = Literal["command", "read", "health"]
Fault = Literal["slow", "errors", "answer_200", "timeouts", "drop_connections"]

_WHOLE = 1_000_000
_RULE_KEYS = {"share", "ms", "status", "command", "kind", "accepted"}
_KEYS = {*get_args(Fault), "rate_limit", "token", "latency", "capacity", "consumer"}
_SHAPE = "See docs/reference/sandbox.md for the shape of the faults."


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault that strikes a share of the requests of one kind.

    Attributes:
        fault: What happens to the request.
        share: In millionths, so that the spreading is exact.
        kind: The requests that are counted.
        command: Only this command's requests are counted and struck.
        ms: How long a slow answer takes.
        status: What an error answers.
        accepted: Whether a command that gets no answer, or whose connection is cut, was accepted first.
    """

    fault: Fault
    share: int
    kind: Kind = "command"
    command: str | None = None
    ms: float = 1_000.0
    status: int = 500
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Latency:
    """Every answer of one kind takes at least ``base_ms``, and up to ``jitter_ms`` more."""

    base_ms: float
    jitter_ms: float = 0.0
    kind: Kind = "command"


@dataclass(frozen=True, slots=True)
class Capacity:
    """A target with so many slots, each busy for ``service_ms`` a request: above that rate a queue grows."""

    slots: int
    service_ms: float
    kind: Kind = "command"


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What goes wrong; empty: nothing.

    Attributes:
        rules: At most one of them strikes a request.
        rate_limit: Requests a minute and client; None leaves the gateway's own limiter as it is.
        token_rejected_at: Unix time from which on every token is refused.
        token_reject_after_s: The same, counted from the moment when the plan is set.
        latency: See ``Latency``.
        capacity: See ``Capacity``.
        consumer_rate: Commands a second that the consumer applies; None leaves it.
        consumer_stopped: Whether the consumer stands still; None leaves it.
    """

    rules: tuple[Rule, ...] = ()
    rate_limit: int | None = None
    token_rejected_at: float | None = None
    token_reject_after_s: float | None = None
    latency: Latency | None = None
    capacity: Capacity | None = None
    consumer_rate: float | None = None
    consumer_stopped: bool | None = None


def parse_faults(value: object) -> FaultPlan:
    """Read the JSON form of a plan.

    Raises:
        InputError: A key or a value is none of the known ones; the message names it.
    """
    plan = _mapping(value, "faults")
    _known(plan, _KEYS, "faults")
    rules = tuple(rule for fault in get_args(Fault) for rule in _rules(fault, plan.get(fault)))
    if sum(rule.share for rule in rules if rule.kind == "command" and rule.command is None) > _WHOLE:
        raise InputError("The shares of the faults of commands add up to more than 1.", hint=_SHAPE)
    token = _mapping(plan.get("token") or {}, "token")
    _known(token, {"expires_at", "reject_after_s"}, "token")
    consumer = _mapping(plan.get("consumer") or {}, "consumer")
    _known(consumer, {"rate", "stopped"}, "consumer")
    limit = plan.get("rate_limit")
    return FaultPlan(
        rules=rules,
        rate_limit=None if limit is None else int(_number(limit, "rate_limit")),
        token_rejected_at=_optional(token, "expires_at"),
        token_reject_after_s=_optional(token, "reject_after_s"),
        latency=_latency(plan.get("latency")),
        capacity=_capacity(plan.get("capacity")),
        consumer_rate=_optional(consumer, "rate"),
        consumer_stopped=bool(consumer["stopped"]) if "stopped" in consumer else None,
    )


def _rules(fault: Fault, value: object) -> Iterable[Rule]:
    if value is None:
        return
    for entry in value if isinstance(value, list) else [value]:
        fields = {"share": entry} if isinstance(entry, int | float) else _mapping(entry, fault)
        _known(fields, _RULE_KEYS, fault)
        share = _number(fields.get("share", 1.0), f"{fault}.share")
        if not 0 <= share <= 1:
            raise InputError(f"{fault}.share is {share:g}, not between 0 and 1.", hint=_SHAPE)
        status = int(_number(fields.get("status", 500), f"{fault}.status"))
        if not 200 <= status <= 599:
            raise InputError(f"{fault}.status is {status}, no HTTP status of an answer.", hint=_SHAPE)
        command = fields.get("command")
        yield Rule(
            fault=fault,
            share=round(share * _WHOLE),
            kind=_kind(fields.get("kind", "command")),
            command=None if command is None else str(command),
            ms=_number(fields.get("ms", 1_000.0), f"{fault}.ms"),
            status=status,
            accepted=bool(fields.get("accepted", False)),
        )


def _latency(value: object) -> Latency | None:
    if value is None:
        return None
    fields = _mapping(value, "latency")
    _known(fields, {"base_ms", "jitter_ms", "kind"}, "latency")
    return Latency(
        _number(fields.get("base_ms", 0.0), "latency.base_ms"),
        _number(fields.get("jitter_ms", 0.0), "latency.jitter_ms"),
        _kind(fields.get("kind", "command")),
    )


def _capacity(value: object) -> Capacity | None:
    if value is None:
        return None
    fields = _mapping(value, "capacity")
    _known(fields, {"slots", "service_ms", "kind"}, "capacity")
    slots = int(_number(fields.get("slots", 1), "capacity.slots"))
    if slots < 1:
        raise InputError("capacity.slots is less than 1.", hint=_SHAPE)
    service = _number(fields.get("service_ms", 0.0), "capacity.service_ms")
    return Capacity(slots, service, _kind(fields.get("kind", "command")))


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{name} is no JSON object.", hint=_SHAPE)
    return value


def _known(fields: Mapping[str, Any], known: set[str], name: str) -> None:
    strange = sorted(set(fields) - known)
    if strange:
        raise InputError(
            f"{name} has no {', '.join(strange)}; it knows {', '.join(sorted(known))}.", hint=_SHAPE
        )


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InputError(f"{name} is no number of 0 or more.", hint=_SHAPE)
    return float(value)


def _optional(fields: Mapping[str, Any], name: str) -> float | None:
    return None if fields.get(name) is None else _number(fields[name], name)


def _kind(value: object) -> Kind:
    for kind in get_args(Kind):
        if value == kind:
            found: Kind = kind
            return found
    raise InputError(f"kind is {value!r}, none of {', '.join(get_args(Kind))}.", hint=_SHAPE)


@dataclass(slots=True)
class _Counter:
    rule: Rule
    # Half a step ahead: the strikes stand in the middle of their spans, so that each hundred holds its share
    # also where two rules fall due together and one of them waits for the next request.
    credit: int = _WHOLE // 2
    eligible: int = 0
    injected: int = 0


@dataclass(slots=True)
class Scheduler:
    """Says which fault, if any, strikes the next request; counts exactly what it said.

    At most one fault strikes a request: four percent timeouts and three percent slow ones are seven percent.
    """

    plan: FaultPlan
    seen: dict[str, int] = field(default_factory=dict)
    _counters: list[_Counter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._counters = [_Counter(rule) for rule in self.plan.rules]

    def pick(self, kind: Kind, command: str | None) -> Rule | None:
        """Count a request of ``kind``, and return what strikes it."""
        self.seen[kind] = self.seen.get(kind, 0) + 1
        chosen: _Counter | None = None
        for counter in self._counters:
            rule = counter.rule
            if rule.kind != kind or (rule.command is not None and rule.command != command):
                continue
            counter.eligible += 1
            counter.credit += rule.share
            if counter.credit >= _WHOLE and (chosen is None or counter.credit > chosen.credit):
                chosen = counter
        if chosen is None:
            return None
        chosen.credit -= _WHOLE
        chosen.injected += 1
        return chosen.rule

    def counts(self) -> dict[str, Any]:
        """Return what was seen and injected since the plan was set."""
        injected: dict[str, int] = dict.fromkeys(get_args(Fault), 0)
        for counter in self._counters:
            injected[counter.rule.fault] += counter.injected
        return {
            "seen": dict(self.seen),
            "injected": injected,
            "rules": [
                {
                    "fault": counter.rule.fault,
                    "kind": counter.rule.kind,
                    "command": counter.rule.command,
                    "share": counter.rule.share / _WHOLE,
                    "eligible": counter.eligible,
                    "injected": counter.injected,
                }
                for counter in self._counters
            ],
        }
