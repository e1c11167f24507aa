"""What one request, one virtual user and one command cost; measured, see ``benchmarks/RESULTS.md``. Pure."""

from __future__ import annotations

__all__ = [
    "BYTES_PER_COMMAND_AT_TARGET",
    "CPU_HEADROOM",
    "GATEWAY_CPU_SECONDS_PER_COMMAND",
    "K6_BASE_BYTES",
    "K6_CPU_SECONDS",
    "SUMMARY_BYTES_PER_REQUEST",
    "VU_BYTES",
]

K6_CPU_SECONDS = {"command": 260e-6, "read": 220e-6, "health": 180e-6, "probe": 300e-6}
"""CPU seconds of k6 a request, at saturation; at a low rate a request costs more, not less."""

CPU_HEADROOM = 0.8
"""Above this share of its cores k6 adds latency of its own."""

K6_BASE_BYTES = 80 * 1024**2
"""Resident memory of k6 before the first virtual user."""

VU_BYTES = 400 * 1024
"""Resident memory of a virtual user of this script."""

SUMMARY_BYTES_PER_REQUEST = 220
"""k6 keeps each sample of each trend until the end: peak resident bytes a request."""

GATEWAY_CPU_SECONDS_PER_COMMAND = 7.1e-3
"""What a command costs Tartware's gateway."""

BYTES_PER_COMMAND_AT_TARGET = 8_200
"""Rows that the target keeps: outbox 4.9 KB, dispatch 1.5 KB, audit 1.8 KB."""
