"""Whole rates for k6, and how many iterations a shape of load offers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

__all__ = ["Rate", "offered"]


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` iterations in ``seconds`` seconds; both whole, because k6 takes nothing else."""

    count: int
    seconds: int

    @property
    def per_second(self) -> float:
        """Iterations per second."""
        return self.count / self.seconds

    @classmethod
    def share(cls, rate: int, weight: int, total: int) -> Rate:
        """Return ``weight / total`` of ``rate`` per second, reduced."""
        divisor = gcd(rate * weight, total)
        return cls(rate * weight // divisor, total // divisor)


def offered(rate: Rate, *, ramp_up: float, steady: float, ramp_down: float) -> dict[str, float]:
    """Return how many iterations a ramp up, a steady stage and a ramp down offer, by stage."""
    return {
        "ramp_up": rate.per_second * ramp_up / 2,
        "steady": rate.per_second * steady,
        "ramp_down": rate.per_second * ramp_down / 2,
    }
