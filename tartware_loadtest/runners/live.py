"""What k6's REST API tells while it runs, cheaply: Rates and Counters only, never a Trend."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

__all__ = ["LiveFigures", "read_live"]

_TIMEOUT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Figures since the start of the load; None where k6 did not say.

    Attributes:
        accepted_share: Of all commands so far, 0 to 1.
        slow_share: Of the commands that count for latency, 0 to 1.
        dropped: Iterations.
    """

    accepted_share: float | None = None
    slow_share: float | None = None
    dropped: int | None = None


def read_live(api: str, slow_metric: str) -> LiveFigures:
    """Ask a running k6; whatever fails is simply unknown.

    Args:
        api: ``host:port`` of its REST API.
        slow_metric: The Rate that counts slow commands, empty for none.
    """
    accepted = _sample(api, "command_accepted", "rate")
    slow = _sample(api, slow_metric, "rate") if slow_metric else None
    dropped = _sample(api, "dropped_iterations", "count")
    return LiveFigures(accepted, slow, None if dropped is None else round(dropped))


def _sample(api: str, metric: str, field: str) -> float | None:
    connection = http.client.HTTPConnection(api, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"/v1/metrics/{metric}")
        answer = connection.getresponse()
        document = json.loads(answer.read())
        value = document["data"]["attributes"]["sample"][field]
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return float(value) if isinstance(value, int | float) else None
