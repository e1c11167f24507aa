from __future__ import annotations

import pytest

from tartware_loadtest.verdict.statistics import samples_needed, wilson


@pytest.mark.parametrize(("percentile", "samples"), [(95, 59), (99, 299), (90, 29), (99.9, 2995)])
def test_samples_needed_follow_wilks(percentile: float, samples: int) -> None:
    assert samples_needed(percentile) == samples


def test_wilson_interval_of_a_textbook_case() -> None:
    low, high = wilson(10, 100)

    assert low == pytest.approx(0.0552, abs=1e-4)
    assert high == pytest.approx(0.1744, abs=1e-4)


def test_wilson_interval_stays_within_0_and_1() -> None:
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)
    assert wilson(0, 0) == (0.0, 1.0)
