"""Merging runs: the order and the grouping do not matter, and counts stay exact."""

from __future__ import annotations

from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tartware_loadtest.results.measurements import (
    Distribution,
    Key,
    Measurements,
    Shard,
    Share,
    merge,
    merge_all,
)

KEYS = [Key("a"), Key("b"), Key.of("b", tag="x"), Key.of("b", tag="y")]
keys = st.sampled_from(KEYS)
whole = st.integers(0, 10**9)
milliseconds = st.floats(0, 60_000, allow_nan=False).map(lambda value: round(value * 8) / 8)


@st.composite
def shares(draw: st.DrawFn) -> Share:
    hits = draw(whole)
    return Share(hits, hits + draw(whole))


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    count = draw(st.none() | st.integers(0, 10**6))
    if count == 0:
        return Distribution(0, 0.0, 0.0, 0.0, {50.0: (0.0, 0.0), 95.0: (0.0, 0.0)})
    low, middle, high, top = sorted(draw(st.lists(milliseconds, min_size=4, max_size=4)))
    total = None if count is None else middle * count
    return Distribution(count, total, low, top, {50.0: (middle, middle), 95.0: (high, high)})


@st.composite
def measurements(draw: st.DrawFn) -> Measurements:
    return Measurements(
        draw(st.dictionaries(keys, whole.map(float))),
        draw(st.dictionaries(keys, shares())),
        draw(st.dictionaries(keys, distributions())),
        tuple(
            draw(
                st.lists(st.builds(Shard, st.sampled_from("pqr"), st.sampled_from(["", "2.2.0"])), max_size=2)
            )
        ),
        draw(st.frozensets(st.sampled_from(["x: a", "y: b"]))),
    )


@given(measurements(), measurements())
def test_merging_is_commutative(one: Measurements, other: Measurements) -> None:
    assert merge(one, other) == merge(other, one)


@given(measurements(), measurements(), measurements())
def test_merging_is_associative(one: Measurements, two: Measurements, three: Measurements) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(measurements())
def test_an_empty_run_changes_nothing_but_the_order_of_shards(one: Measurements) -> None:
    merged = merge(one, Measurements())
    assert (merged.counters, merged.shares, merged.distributions) == (
        one.counters,
        one.shares,
        one.distributions,
    )
    assert merged.shards == tuple(sorted(one.shards))


@given(st.lists(measurements(), max_size=5), st.randoms(use_true_random=False))
def test_the_counts_of_shards_are_those_of_the_pool(parts: list[Measurements], random: Random) -> None:
    pooled = {key: sum(part.counters.get(key, 0.0) for part in parts) for key in KEYS}
    hits = {key: sum(part.shares.get(key, Share(0, 0)).hits for part in parts) for key in KEYS}
    totals = {key: sum(part.shares.get(key, Share(0, 0)).total for part in parts) for key in KEYS}
    random.shuffle(parts)
    merged = merge_all(parts)
    for key in KEYS:
        assert merged.counters.get(key, 0.0) == pooled[key]
        assert merged.shares.get(key, Share(0, 0)) == Share(hits[key], totals[key])
    assert len(merged.shards) == sum(len(part.shards) for part in parts)


@given(st.lists(distributions().filter(lambda each: bool(each.count)), min_size=1, max_size=6))
def test_a_merged_distribution_bounds_each_percentile_and_keeps_the_mean(parts: list[Distribution]) -> None:
    merged = reduce(lambda one, other: one + other, parts)
    assert merged.count == sum(part.count or 0 for part in parts)
    assert merged.minimum == min(part.minimum for part in parts)
    assert merged.maximum == max(part.maximum for part in parts)
    for percentile, (low, high) in merged.percentiles.items():
        assert low == min(part.percentiles[percentile][0] for part in parts)
        assert high == max(part.percentiles[percentile][1] for part in parts)
    assert merged.mean is not None
    assert merged.minimum <= merged.mean <= merged.maximum


def test_a_shard_without_samples_does_not_pull_the_bounds_to_zero() -> None:
    idle = Distribution(0, 0.0, 0.0, 0.0, {95.0: (0.0, 0.0)})
    busy = Distribution(10, 1000.0, 50.0, 200.0, {95.0: (180.0, 180.0)})
    assert idle + busy == busy + idle == busy


def test_a_share_of_nothing_is_zero_and_not_a_crash() -> None:
    assert Share(0, 0).value == 0
    assert Share(3, 10).inverse == Share(7, 10)
