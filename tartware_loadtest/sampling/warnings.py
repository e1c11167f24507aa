"""What a small pool means at the rate of a run. Pure."""

from __future__ import annotations

from tartware_loadtest.sampling.sample import Sample

__all__ = ["pool_warnings"]

_LONGEST_RUN_SECONDS = 5 * 3600.0
"""More than the longest built-in profile with its ramps."""


def pool_warnings(
    sample: Sample, cancels_per_second: float, run_seconds: float = _LONGEST_RUN_SECONDS
) -> list[str]:
    """Say how long the cancellable reservations last, where a run could outlast them.

    Args:
        sample: The sample.
        cancels_per_second: Rate of ``reservation.cancel`` on the steady stage; 0 for none.
        run_seconds: How long the run lasts; a pool that lasts as long is worth no warning.
    """
    if cancels_per_second <= 0:
        return []
    total = sum(tenant.cancellable for tenant in sample.tenants)
    seconds = total / cancels_per_second
    if seconds >= run_seconds:
        return []
    rate = f"{cancels_per_second:,.10g}"
    if not total:
        return [f"No cancellable reservation: at {rate} cancels/s every cancel iteration sends a modify."]
    lasting = f"{total:,} cancellable reservations last {_duration(seconds)} at {rate} cancels/s"
    return [f"{lasting}; after that cancel iterations send modifies."]


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
