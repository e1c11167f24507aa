"""What a profile offers and needs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tartware_loadtest.config.models import Settings
from tartware_loadtest.planning.plan import Figure, Machine, Plan, make_plan
from tests.support.samples import BIG, plan_of, sample_of, settings_of


def figure(plan: Plan, name: str) -> Figure:
    return next(each for each in plan.figures if each.name.startswith(name))


@pytest.mark.parametrize("profile", ["demo", "smoke", "peak", "endurance"])
def test_the_scenarios_of_a_profile_add_up_to_its_rates(profile: str) -> None:
    settings = settings_of(profile)
    plan = plan_of(settings)
    for kind, rate in (
        ("command", settings.profile.command_rate),
        ("read", settings.profile.read_rate),
        ("health", settings.profile.health_rate),
        ("probe", 10),
    ):
        assert sum(Fraction(s.rate.count, s.rate.seconds) for s in plan.of_kind(kind)) == rate


def test_the_guide_s_peak_offers_what_it_says() -> None:
    plan = plan_of(settings_of("peak"))
    assert plan.offered("command", "ramp_up") == 20000 * 180 / 2
    assert plan.offered("command", "steady") == 20000 * 1200
    assert plan.offered("command", "ramp_down") == 20000 * 120 / 2
    assert plan.offered("read") == pytest.approx(8000 * 1200)
    assert plan.offered("health", "ramp_up") == 0


def test_a_command_without_weight_and_a_read_that_is_not_asked_for_have_no_scenario() -> None:
    settings = settings_of(mix={"guest.register": 3, "reservation.cancel": 0}, reads=("guests",))
    plan = plan_of(settings, sample_of())
    assert [s.name for s in plan.scenarios] == ["guest_register", "guests", "health", "generator_probe"]
    assert plan.consumable == {}


def test_no_read_and_no_health_rate_leave_the_probe_only() -> None:
    plan = plan_of(settings_of(profile__read_rate=0, profile__health_rate=0))
    assert [s.name for s in plan.scenarios if s.kind != "command"] == ["generator_probe"]


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 16])
def test_virtual_users_are_a_multiple_of_the_shards_and_never_fewer_than_needed(shards: int) -> None:
    settings = settings_of("smoke")
    alone, spread = make_plan(settings, 0, BIG), make_plan(settings, 0, BIG, shards=shards)
    for one, many in zip(alone.scenarios, spread.scenarios, strict=True):
        assert many.vus % shards == 0
        assert one.vus <= many.vus < one.vus + shards
        if one.kind == "probe":
            assert one.vus == 2, "a probe that was missed must not be sent later, in a burst"
        else:
            assert one.vus >= max(2, one.rate.per_second * settings.generator.expected_latency)


def test_slower_answers_need_more_virtual_users() -> None:
    fast, slow = settings_of(), settings_of(generator__expected_latency="2s")
    assert plan_of(slow).vus > 6 * plan_of(fast).vus


def test_a_cancel_can_become_a_modify_under_its_own_scenario() -> None:
    series = plan_of(settings_of(), sample_of()).series()
    assert ("reservation_cancel", "reservation.cancel") in series
    assert ("reservation_cancel", "reservation.modify") in series
    assert len(series) == len(set(series)) == 8


def cancels() -> Settings:
    """Cancel 10 a second: 20 in 4 s of ramp up, 200 in the steady stage, 10 in 2 s of ramp down."""
    return settings_of(
        mix={"reservation.cancel": 1},
        profile__command_rate=10,
        profile__steady="20s",
        profile__ramp_up="4s",
        profile__ramp_down="2s",
    )


@pytest.mark.parametrize(
    ("pool", "value", "reason"),
    [
        pytest.param(0, "0", "used up after 0.0 s; 230 of 230 cancels become modifies", id="empty"),
        pytest.param(5, "5", "used up after 2.0 s; 225 of 230 cancels become modifies", id="in-the-ramp"),
        pytest.param(20, "20", "used up after 4.0 s; 210 of 230 cancels become modifies", id="at-its-end"),
        pytest.param(120, "120", "used up after 14.0 s; 110 of 230 cancels become modifies", id="steady"),
        pytest.param(230, "230", "enough for 230 cancels", id="just-enough"),
        pytest.param(5000, "5,000", "enough for 230 cancels", id="plenty"),
    ],
)
def test_the_end_of_the_cancellable_pool_is_forecast(pool: int, value: str, reason: str) -> None:
    found = figure(make_plan(cancels(), pool, BIG), "cancellable reservations")
    assert (found.value, found.reason) == (value, reason)


def test_a_pool_that_lasts_into_the_ramp_down_is_forecast_within_the_run() -> None:
    settings = cancels()
    reason = figure(make_plan(settings, 229, BIG), "cancellable reservations").reason
    seconds = float(reason.split("after ")[1].split(" s;")[0])
    assert 24 < seconds <= settings.profile.total_seconds


def test_without_a_sample_nothing_is_said_about_pools() -> None:
    assert not [f for f in make_plan(cancels(), None, BIG).figures if "cancellable" in f.name]


@pytest.mark.parametrize(
    ("machine", "name", "words"),
    [
        pytest.param(Machine(1, 10**12), "k6 CPU", "cores and has 1", id="too-few-cores"),
        pytest.param(Machine(64, 10**9), "k6 memory", "GiB and has 0.9", id="too-little-memory"),
    ],
)
def test_a_machine_that_is_too_small_is_said_with_a_way_out(machine: Machine, name: str, words: str) -> None:
    plan = make_plan(settings_of("peak"), 0, machine)
    assert not plan.fits
    assert [f.name for f in plan.figures if f.too_much] == [name]
    assert words in figure(plan, name).too_much
    assert "use more machines or pods" in figure(plan, name).too_much


def test_a_machine_that_is_large_enough_fits() -> None:
    assert make_plan(settings_of("peak"), 0, BIG).fits


def test_shards_share_what_the_generator_needs() -> None:
    machine = Machine(4, 16 * 1024**3)
    settings = settings_of("peak")
    assert not make_plan(settings, 0, machine).fits
    assert make_plan(settings, 0, machine, shards=4).fits
    assert figure(make_plan(settings, 0, machine, shards=4), "k6 CPU").name == "k6 CPU a shard"


def test_what_the_run_writes_at_the_target_is_told_before() -> None:
    plan = plan_of(settings_of("peak"))
    assert figure(plan, "written at the target").value == "221.40 GB"
    assert figure(plan, "gateway CPU at the target").value == "142 cores"
