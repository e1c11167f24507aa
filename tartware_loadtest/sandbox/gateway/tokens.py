"""Access tokens: HS256, issuer, audience, expiry; an invalid one counts as none."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import jwt

from tartware_loadtest.sandbox.gateway.problems import Age

__all__ = ["Tokens", "issue"]

_PARTIES: dict[str, tuple[str, str]] = {
    "H": ("tartware-core-service", "tartware-core"),
    "S": ("tartware-core", "tartware"),
}
_CACHE_SIZE = 10_000


def issue(secret: str, user_id: str, age: Age, ttl_s: float, issuer: str | None = None) -> str:
    """Return an access token for a user that ends after ``ttl_s`` seconds (in the past where negative)."""
    iss, audience = _PARTIES[age]
    issued = int(time.time())
    claims = {
        "sub": user_id,
        "type": "access",
        "iss": issuer or iss,
        "aud": audience,
        "iat": min(issued, int(issued + ttl_s)),
        "exp": int(issued + ttl_s),
    }
    return jwt.encode(claims, secret, algorithm="HS256")


@dataclass(slots=True)
class Tokens:
    """Verifies tokens; remembers those it has seen, since a load test sends one token again and again.

    Attributes:
        secret: The key of the signature.
        age: Issuer and audience differ between the ages.
        rejected_at: Unix time from which on every token is refused (a fault).
    """

    secret: str
    age: Age
    rejected_at: float | None = None
    _seen: dict[str, tuple[str, float]] = field(default_factory=dict)

    def user(self, authorization: str | None) -> str | None:
        """Return the user's id, or None where the header carries no valid token."""
        if not authorization or authorization[:7].lower() != "bearer ":
            return None
        now = time.time()
        if self.rejected_at is not None and now >= self.rejected_at:
            return None
        token = authorization[7:]
        found = self._seen.get(token) or self._verify(token)
        return found[0] if found and found[1] > now else None

    def _verify(self, token: str) -> tuple[str, float] | None:
        issuer, audience = _PARTIES[self.age]
        try:
            claims = jwt.decode(token, self.secret, algorithms=["HS256"], issuer=issuer, audience=audience)
        except jwt.InvalidTokenError:
            return None
        found = (str(claims.get("sub", "")), float(claims.get("exp", "inf")))
        if len(self._seen) >= _CACHE_SIZE:
            self._seen.clear()
        self._seen[token] = found
        return found
