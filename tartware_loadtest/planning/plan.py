"""The plan of a run: scenarios with rates and virtual users, and what they need. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning import costs
from tartware_loadtest.planning.rates import Rate, offered
from tartware_loadtest.scenario.catalogue import CANCEL, COMMANDS, MODIFY, READS, STAGES, scenario_name

__all__ = ["Figure", "Machine", "Plan", "ScenarioPlan", "make_plan"]

PROBE_RATE = Rate(10, 1)
PROBE = "generator_probe"
PROBE_METRIC = "generator_probe_ms"
_PROBE_VUS = 2
_VU_MARGIN = 1.2
_FEWEST_VUS = 2


@dataclass(frozen=True, slots=True)
class Machine:
    """Where k6 will run: logical cores and bytes of memory that it may use."""

    cores: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One k6 scenario.

    Attributes:
        name: The k6 scenario and the exported function.
        kind: ``command``, ``read``, ``health`` or ``probe``.
        subject: The command or read; the kind itself for the others.
        rate: Iterations in the steady stage.
        vus: Virtual users, all allocated before the start.
        offered: Iterations by stage.
    """

    name: str
    kind: str
    subject: str
    rate: Rate
    vus: int
    offered: Mapping[str, float]

    @property
    def total(self) -> float:
        """Iterations over all stages."""
        return sum(self.offered.values())


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the plan with its reason.

    ``too_much`` says, where the number does not fit this machine, what to do.
    """

    name: str
    value: str
    reason: str
    too_much: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a profile offers, and what it needs.

    Attributes:
        scenarios: In the order of the mix; the order is part of the request identities.
        figures: Everything that was reckoned, for a person to read.
        consumable: Rows of the pool of each consuming command.
    """

    scenarios: tuple[ScenarioPlan, ...]
    figures: tuple[Figure, ...]
    consumable: Mapping[str, int]

    @property
    def fits(self) -> bool:
        """Whether nothing is too much for the machine."""
        return not any(figure.too_much for figure in self.figures)

    @property
    def vus(self) -> int:
        """Virtual users of all scenarios."""
        return sum(scenario.vus for scenario in self.scenarios)

    def of_kind(self, kind: str) -> tuple[ScenarioPlan, ...]:
        """Return the scenarios of one kind."""
        return tuple(scenario for scenario in self.scenarios if scenario.kind == kind)

    def offered(self, kind: str, stage: str | None = None) -> float:
        """Return the iterations that a kind of scenario offers, in one stage or in all."""
        return sum(s.total if stage is None else s.offered[stage] for s in self.of_kind(kind))

    def series(self) -> tuple[tuple[str, str], ...]:
        """Return each pair of scenario and command that can occur.

        A cancel whose pool is used up sends a modify under its own scenario.
        """
        pairs = []
        for scenario in self.of_kind("command"):
            pairs.append((scenario.name, scenario.subject))
            if scenario.subject in self.consumable:
                pairs.append((scenario.name, MODIFY))
        return tuple(pairs)


def make_plan(settings: Settings, cancellable: int | None, machine: Machine, *, shards: int = 1) -> Plan:
    """Reckon what a run offers and needs.

    Args:
        settings: Target, profile and mix.
        cancellable: Reservations that a cancel may take; None if there is no sample yet.
        machine: Where one shard of k6 runs.
        shards: k6 processes; virtual users become a multiple of it, or the shares are skewed.
    """
    scenarios = (*_commands(settings, shards), *_background(settings, shards))
    consumable = {CANCEL: cancellable or 0} if settings.mix.get(CANCEL) else {}
    figures = (
        *_load_figures(settings, scenarios),
        *_generator_figures(scenarios, machine, shards),
        *_pool_figures(settings, scenarios, cancellable),
        *_target_figures(settings, scenarios),
    )
    return Plan(scenarios, figures, consumable)


def _vus(rate: Rate, latency: float, shards: int) -> int:
    needed = max(_FEWEST_VUS, ceil(rate.per_second * latency * _VU_MARGIN) + 1)
    return ceil(needed / shards) * shards


def _commands(settings: Settings, shards: int) -> list[ScenarioPlan]:
    profile, total = settings.profile, sum(settings.mix.values())
    plans = []
    for name in COMMANDS:
        weight = settings.mix.get(name, 0)
        if weight:
            rate = Rate.share(profile.command_rate, weight, total)
            shape = offered(rate, ramp_up=profile.ramp_up, steady=profile.steady, ramp_down=profile.ramp_down)
            vus = _vus(rate, settings.generator.expected_latency, shards)
            plans.append(ScenarioPlan(scenario_name(name), "command", name, rate, vus, shape))
    return plans


def _background(settings: Settings, shards: int) -> list[ScenarioPlan]:
    profile = settings.profile
    wanted = [
        (scenario_name(name), "read", name, Rate.share(profile.read_rate, 1, len(settings.reads)))
        for name in READS
        if name in settings.reads and profile.read_rate
    ]
    if profile.health_rate:
        wanted.append(("health", "health", "health", Rate(profile.health_rate, 1)))
    wanted.append((PROBE, "probe", "probe", PROBE_RATE))
    # Few virtual users for the probe whatever is expected of the target: a generator that stands still must
    # not send what it missed in a burst afterwards.
    return [
        ScenarioPlan(
            name,
            kind,
            subject,
            rate,
            ceil(_PROBE_VUS / shards) * shards
            if kind == "probe"
            else _vus(rate, settings.generator.expected_latency, shards),
            {**dict.fromkeys(STAGES, 0.0), "steady": rate.per_second * profile.steady},
        )
        for name, kind, subject, rate in wanted
    ]


def _load_figures(settings: Settings, scenarios: tuple[ScenarioPlan, ...]) -> list[Figure]:
    profile = settings.profile
    commands = sum(s.total for s in scenarios if s.kind == "command")
    requests = sum(s.total for s in scenarios if s.kind != "probe")
    shape = f"{profile.ramp_up:g} s up, {profile.steady:g} s steady, {profile.ramp_down:g} s down"
    return [
        Figure("commands", f"{commands:,.0f}", f"{profile.command_rate:,}/s: {shape}"),
        Figure("requests", f"{requests:,.0f}", "commands, reads and health checks"),
    ]


def _generator_figures(scenarios: tuple[ScenarioPlan, ...], machine: Machine, shards: int) -> list[Figure]:
    rate = sum(s.rate.per_second for s in scenarios)
    cores = sum(s.rate.per_second * costs.K6_CPU_SECONDS[s.kind] for s in scenarios) / shards
    needed = cores / costs.CPU_HEADROOM
    vus = sum(s.vus for s in scenarios)
    requests = sum(s.total for s in scenarios)
    memory = (
        costs.K6_BASE_BYTES
        + vus / shards * costs.VU_BYTES
        + requests / shards * costs.SUMMARY_BYTES_PER_REQUEST
    )
    per = " a shard" if shards > 1 else ""
    too_few = (
        f"k6 needs {needed:.1f} cores and has {machine.cores:g}; use more machines or pods, or a lower rate"
    )
    too_small = (
        f"k6 needs {memory / 1024**3:.1f} GiB and has {machine.memory_bytes / 1024**3:.1f}; "
        "use more machines or pods, or a shorter steady stage"
    )
    return [
        Figure("virtual users", f"{vus:,}", "rate x expected latency x 1.2, each an open connection"),
        Figure(
            f"k6 CPU{per}",
            f"{needed:.2f} cores",
            f"{rate:,.0f} requests/s at the measured cost, at most {costs.CPU_HEADROOM:.0%} busy",
            too_few if needed > machine.cores else "",
        ),
        Figure(
            f"k6 memory{per}",
            f"{memory / 1024**2:,.0f} MiB",
            f"{costs.SUMMARY_BYTES_PER_REQUEST} B a request, {costs.VU_BYTES // 1024} KiB a virtual user",
            too_small if memory > machine.memory_bytes else "",
        ),
    ]


def _pool_figures(
    settings: Settings, scenarios: tuple[ScenarioPlan, ...], cancellable: int | None
) -> list[Figure]:
    cancel = next((s for s in scenarios if s.subject == CANCEL), None)
    if cancel is None or cancellable is None:
        return []
    wanted = floor(cancel.total)
    if cancellable >= wanted:
        return [Figure("cancellable reservations", f"{cancellable:,}", f"enough for {wanted:,} cancels")]
    lasts = _seconds_until(cancellable, cancel, settings.profile.ramp_up)
    return [
        Figure(
            "cancellable reservations",
            f"{cancellable:,}",
            f"used up after {lasts:,.1f} s; {wanted - cancellable:,} of {wanted:,} cancels become modifies",
        )
    ]


def _seconds_until(count: int, scenario: ScenarioPlan, ramp_up: float) -> float:
    rate, ramped = scenario.rate.per_second, scenario.offered["ramp_up"]
    if count < ramped:
        return float((2 * count * ramp_up / rate) ** 0.5)
    return ramp_up + (count - ramped) / rate


def _target_figures(settings: Settings, scenarios: tuple[ScenarioPlan, ...]) -> list[Figure]:
    commands = sum(s.total for s in scenarios if s.kind == "command")
    written = commands * costs.BYTES_PER_COMMAND_AT_TARGET
    gateway = settings.profile.command_rate * costs.GATEWAY_CPU_SECONDS_PER_COMMAND
    return [
        Figure(
            "written at the target",
            f"{written / 1e9:,.2f} GB",
            f"{commands:,.0f} commands, about 8 KB each in outbox, dispatches and audit",
        ),
        Figure(
            "gateway CPU at the target", f"{gateway:,.0f} cores", "7.1 ms a command, as measured on Tartware"
        ),
    ]
