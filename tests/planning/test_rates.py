"""Rates are whole, because k6 takes nothing else, and exact, because the mix is."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tartware_loadtest.planning.rates import Rate, offered

rates = st.integers(1, 1_000_000)
mixes = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=7).filter(any)


@pytest.mark.parametrize(
    ("rate", "weight", "total", "expected"),
    [
        pytest.param(100, 1, 3, Rate(100, 3), id="100-in-3-s"),
        pytest.param(1000, 30, 100, Rate(300, 1), id="whole"),
        pytest.param(1, 5, 100, Rate(1, 20), id="one-in-20-s"),
        pytest.param(7, 7, 7, Rate(7, 1), id="everything"),
        pytest.param(20000, 15, 100, Rate(3000, 1), id="peak"),
    ],
)
def test_a_share_is_whole_and_reduced(rate: int, weight: int, total: int, expected: Rate) -> None:
    assert Rate.share(rate, weight, total) == expected


@given(rates, mixes)
def test_the_shares_of_a_mix_add_up_to_the_rate(rate: int, mix: list[int]) -> None:
    shares = [Rate.share(rate, weight, sum(mix)) for weight in mix if weight]
    assert sum(Fraction(share.count, share.seconds) for share in shares) == rate
    assert all(share.count > 0 < share.seconds for share in shares)


@given(rates, st.floats(0, 600), st.floats(1, 14400), st.floats(0, 600))
def test_a_ramp_offers_half_of_what_a_steady_stage_of_its_length_does(
    rate: int, up: float, steady: float, down: float
) -> None:
    shape = offered(Rate(rate, 3), ramp_up=up, steady=steady, ramp_down=down)
    assert isclose(sum(shape.values()), rate / 3 * (up / 2 + steady + down / 2))
    assert set(shape) == {"ramp_up", "steady", "ramp_down"}
