"""Looks at the API token without verifying it: only the gateway can do that."""

from __future__ import annotations

import base64
import json
from typing import Any

from tartware_loadtest.preflight.check import Check, CheckState

__all__ = ["check_token", "claims_of"]

_END_OF_TIME = 1e12
_LOGIN = "Log in again, and put the new token into the environment or into .env.loadtest."


def claims_of(token: str) -> dict[str, Any] | None:
    """Return the claims of a JWT, None if it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def check_token(token: str, variable: str, now: float, seconds_needed: float) -> Check:
    """Check that a token is there, has the right shape, and outlives the run.

    Args:
        token: The token itself; never part of the result.
        variable: The name of the variable that holds it.
        now: Unix time in seconds.
        seconds_needed: From now to the planned end of the load.
    """
    if not token:
        fix = f"Set {variable} in the environment or in .env.loadtest."
        return Check("token", CheckState.FAILED, f"{variable} is not set", fix)
    if any(ord(character) <= 32 or ord(character) > 126 for character in token):
        return Check("token", CheckState.FAILED, f"{variable} holds blanks or control characters", _LOGIN)
    claims = claims_of(token)
    if claims is None:
        return Check("token", CheckState.WARNING, f"{variable} is no JWT; its end cannot be known")
    return _check_end(claims, now, seconds_needed)


def _check_end(claims: dict[str, Any], now: float, seconds_needed: float) -> Check:
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not 0 <= expires < _END_OF_TIME:
        return Check("token", CheckState.WARNING, "the token names no end (exp)")
    left = expires - now
    if left <= 0:
        return Check("token", CheckState.FAILED, f"the token expired {_span(-left)} ago", _LOGIN)
    if left < seconds_needed:
        return Check(
            "token",
            CheckState.FAILED,
            f"the token expires in {_span(left)}, but the run takes {_span(seconds_needed)}",
            "Use a token that outlives the run (AUTH_JWT_EXPIRES_IN_SECONDS at the core service).",
        )
    return Check(
        "token", CheckState.OK, f"valid for another {_span(left)}, issued by {claims.get('iss', '?')}"
    )


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
