"""``/metrics``: what the gateway counts, and the backlog behind it."""

from __future__ import annotations

from collections.abc import Mapping

from tartware_loadtest.sandbox.gateway.pool import Pool
from tartware_loadtest.sandbox.gateway.problems import Response

__all__ = ["render_metrics"]

_BACKLOG = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(available_at)), 0)::float
FROM transactional_outbox WHERE status IN ('PENDING', 'FAILED')
"""


async def render_metrics(
    pool: Pool, accepted: Mapping[str, int], answered: Mapping[tuple[str, int], int]
) -> Response:
    """Return the Prometheus text."""
    pending, oldest = (await pool.rows(_BACKLOG))[0]
    lines = [
        "# HELP gateway_commands_accepted_total Commands answered with 202.",
        "# TYPE gateway_commands_accepted_total counter",
        *(f'gateway_commands_accepted_total{{command_name="{name}"}} {n}' for name, n in accepted.items()),
        "# HELP sandbox_answers_total Answers by route and status.",
        "# TYPE sandbox_answers_total counter",
        *(
            f'sandbox_answers_total{{route="{route}",status="{status}"}} {n}'
            for (route, status), n in answered.items()
        ),
        "# HELP sandbox_outbox_pending_rows Commands that the consumer has not taken yet.",
        "# TYPE sandbox_outbox_pending_rows gauge",
        f"sandbox_outbox_pending_rows {pending}",
        "# HELP sandbox_outbox_oldest_seconds Age of the oldest of them.",
        "# TYPE sandbox_outbox_oldest_seconds gauge",
        f"sandbox_outbox_oldest_seconds {oldest}",
    ]
    kind = ("content-type", "text/plain; version=0.0.4; charset=utf-8")
    return Response(200, ("\n".join(lines) + "\n").encode(), (kind,))
