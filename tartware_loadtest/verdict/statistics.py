"""Intervals and sample sizes. Pure."""

from __future__ import annotations

from math import ceil, log, sqrt

__all__ = ["samples_needed", "wilson"]

_Z_95 = 1.959963984540054


def wilson(hits: float, total: float) -> tuple[float, float]:
    """Return the 95 % score interval of a share, 0 to 1 both; (0, 1) where nothing was counted.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    if total <= 0:
        return 0.0, 1.0
    share, square = hits / total, _Z_95**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = (
        _Z_95 * sqrt(max(0.0, share * (1 - share) / total + square / (4 * total**2))) / (1 + square / total)
    )
    return max(0.0, centre - half), min(1.0, centre + half)


def samples_needed(percentile: float) -> int:
    """Return the fewest samples of which the largest bounds a percentile with 95 % confidence.

    Source: S. S. Wilks, Determination of Sample Sizes for Setting Tolerance Limits, 1941: the smallest n with
    1 - p**n >= 0.95; 59 for p95, 299 for p99.
    """
    return ceil(log(0.05) / log(percentile / 100))
