"""What k6 counted, as values that merge exactly: counters, shares, distributions. Pure.

Counts of any number of processes add up; percentiles do not merge, so of several processes only the range
between their smallest and largest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

__all__ = ["Distribution", "Key", "Measurements", "Shard", "Share", "merge", "merge_all"]

_TAG = re.compile(r"\s*([^:,{}]+?)\s*:\s*([^,{}]*?)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Key:
    """A metric and the tags that narrow it."""

    name: str
    tags: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read k6's notation ``name{tag:value,tag:value}``."""
        name, _, rest = text.partition("{")
        return cls(name, frozenset((tag, value) for tag, value in _TAG.findall(rest.rstrip("}"))))

    @classmethod
    def of(cls, name: str, /, **tags: str) -> Key:
        """Build a key from a name and tags."""
        return cls(name, frozenset(tags.items()))

    @property
    def tag(self) -> dict[str, str]:
        """The tags as a dictionary."""
        return dict(self.tags)


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total``; k6's Rate."""

    hits: int
    total: int

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.total + other.total)

    @property
    def value(self) -> float:
        """Hits by total, 0 to 1; 0 where there is nothing."""
        return self.hits / self.total if self.total else 0.0

    @property
    def inverse(self) -> Share:
        """The others."""
        return Share(self.total - self.hits, self.total)


@dataclass(frozen=True, slots=True)
class Distribution:
    """k6's Trend: milliseconds for times.

    Attributes:
        count: Samples; None where the summary does not say.
        total: Sum of all samples; None with ``count``.
        minimum: Smallest sample.
        maximum: Largest sample.
        percentiles: Percentile (0 to 100) to its bounds; equal bounds for one process.
    """

    count: int | None
    total: float | None
    minimum: float
    maximum: float
    percentiles: Mapping[float, tuple[float, float]]

    def __add__(self, other: Distribution) -> Distribution:
        # A process without samples reports zeros, which are nobody's latency.
        if other.count == 0:
            return self
        if self.count == 0:
            return other
        known = self.count is not None and other.count is not None
        common = self.percentiles.keys() & other.percentiles.keys()
        return Distribution(
            (self.count or 0) + (other.count or 0) if known else None,
            (self.total or 0.0) + (other.total or 0.0) if known else None,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            {
                percentile: (
                    min(self.percentiles[percentile][0], other.percentiles[percentile][0]),
                    max(self.percentiles[percentile][1], other.percentiles[percentile][1]),
                )
                for percentile in sorted(common)
            },
        )

    @property
    def mean(self) -> float | None:
        """The exact mean over all processes."""
        return self.total / self.count if self.count and self.total is not None else None


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One k6 process.

    Attributes:
        name: Pod, container or ``local``.
        version: k6's version, empty if unknown.
        exit_code: k6's own, None if it was killed or is unknown.
        seconds: Length of its run as k6 counted it, None if unknown.
    """

    name: str
    version: str = ""
    exit_code: int | None = field(default=None, compare=False)
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Measurements:
    """All metrics of a run, of one process or of many.

    Attributes:
        counters: Sums.
        shares: k6's Rates.
        distributions: k6's Trends.
        shards: One record a process, sorted.
        crossed: Thresholds that k6 itself found crossed, as ``metric: expression``.
    """

    counters: Mapping[Key, float] = field(default_factory=dict)
    shares: Mapping[Key, Share] = field(default_factory=dict)
    distributions: Mapping[Key, Distribution] = field(default_factory=dict)
    shards: tuple[Shard, ...] = ()
    crossed: frozenset[str] = frozenset()

    def counter(self, name: str, /, **tags: str) -> float:
        """Return a counter, 0 where k6 counted nothing."""
        return self.counters.get(Key.of(name, **tags), 0.0)

    def share(self, name: str, /, **tags: str) -> Share | None:
        """Return one share, None where there is none."""
        return self.shares.get(Key.of(name, **tags))

    def shares_by(self, name: str, *tag_names: str) -> Iterator[tuple[dict[str, str], Share]]:
        """Yield tags and share of each sub-metric that is narrowed by exactly these tags."""
        for key, share in self.shares.items():
            if key.name == name and {tag for tag, _ in key.tags} == set(tag_names):
                yield key.tag, share

    def counters_by(self, name: str, *tag_names: str) -> Iterator[tuple[dict[str, str], float]]:
        """Yield tags and count of each sub-metric that is narrowed by exactly these tags."""
        for key, count in self.counters.items():
            if key.name == name and {tag for tag, _ in key.tags} == set(tag_names):
                yield key.tag, count

    def distribution(self, name: str, /, **tags: str) -> Distribution | None:
        """Return one distribution, None where there is none or it has no sample."""
        found = self.distributions.get(Key.of(name, **tags))
        return None if found is None or found.count == 0 else found


def merge(one: Measurements, other: Measurements) -> Measurements:
    """Join two runs of the same plan; associative and commutative."""
    return Measurements(
        {
            key: one.counters.get(key, 0.0) + other.counters.get(key, 0.0)
            for key in {**one.counters, **other.counters}
        },
        {
            key: one.shares.get(key, Share(0, 0)) + other.shares.get(key, Share(0, 0))
            for key in {**one.shares, **other.shares}
        },
        {
            key: one.distributions[key] + other.distributions[key]
            if key in one.distributions and key in other.distributions
            else both
            for key, both in {**one.distributions, **other.distributions}.items()
        },
        tuple(sorted((*one.shards, *other.shards))),
        one.crossed | other.crossed,
    )


def merge_all(parts: list[Measurements]) -> Measurements:
    """Join any number of runs; nothing at all is an empty run."""
    return reduce(merge, parts, Measurements())
