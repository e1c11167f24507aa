from __future__ import annotations

import pytest

from tartware_loadtest.sampling.limits import Budget, Limits
from tartware_loadtest.sampling.needs import ALL_POOLS, FEEDS, TABLES, Pool, commands_fed_by, pools_for
from tartware_loadtest.sampling.pools import LAST_DAY
from tartware_loadtest.sampling.sample import Reservation, Sample, TenantSample
from tartware_loadtest.sampling.warnings import pool_warnings
from tartware_loadtest.scenario.catalogue import COMMANDS


def sample(cancellable: int) -> Sample:
    reservations = tuple(Reservation(str(n), "p", "g", cancellable=True) for n in range(cancellable))
    return Sample((TenantSample("t", reservations=reservations),), 1, "", "")


@pytest.mark.parametrize(
    ("pool", "rate", "said"),
    [
        (75, 20, "75 cancellable reservations last 3.8 s at 20 cancels/s"),
        (75, 2000, "last 38 ms at 2,000 cancels/s"),
        (1200, 20, "1,200 cancellable reservations last 60 s"),
        (12_000, 20, "last 10 min"),
        (180_000, 20, "last 2.5 h"),
        (0, 20, "No cancellable reservation: at 20 cancels/s"),
    ],
)
def test_warnings_say_how_long_the_pool_lasts(pool: int, rate: float, said: str) -> None:
    (warning,) = pool_warnings(sample(pool), rate)
    assert said in warning
    assert "modif" in warning


def test_no_warning_where_the_pool_outlasts_the_run() -> None:
    assert pool_warnings(sample(400), 20, run_seconds=20) == []
    assert pool_warnings(sample(399), 20, run_seconds=20) != []
    assert pool_warnings(sample(0), 0) == []
    assert pool_warnings(sample(20 * 5 * 3600), 20) == []


def test_pools_agree_with_the_catalogue() -> None:
    fed = {name for names in FEEDS.values() for name in names}
    assert fed | {"guest.register"} == set(COMMANDS)
    for pool in (Pool.STAYS, Pool.RESERVATIONS, Pool.CANCELLABLE, Pool.TASKS):
        assert set(FEEDS[pool]) == {name for name, command in COMMANDS.items() if command.pool == pool}
    assert pools_for(COMMANDS) == ALL_POOLS
    assert pools_for(["guest.register"]) == frozenset()
    assert pools_for(["reservation.create"]) == {Pool.STAYS, Pool.GUESTS}
    assert commands_fed_by([Pool.GUESTS, Pool.STAYS]) == ("reservation.create",)
    assert all(set(need.uuids) <= set(need.columns) for need in TABLES.values())


def test_the_last_day_that_rates_must_cover() -> None:
    assert LAST_DAY == 34


def test_windows_grow_and_end() -> None:
    budget = Budget(Limits(window_rows=1000, windows=3), need=25)
    sizes = []
    while size := budget.take():
        sizes.append(size)
        budget.left -= size
    assert sizes == [32, 32, 128, 512, 1000, 1000, 296]
