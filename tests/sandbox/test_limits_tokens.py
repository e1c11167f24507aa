from __future__ import annotations

import time

import pytest

from tartware_loadtest.sandbox.gateway.limits import Limiter
from tartware_loadtest.sandbox.gateway.problems import Problem
from tartware_loadtest.sandbox.gateway.tokens import Tokens, issue

SECRET = "a secret of at least thirty-two characters"  # noqa: S105 -- of a test


def test_a_limiter_that_is_off_counts_nothing() -> None:
    limiter = Limiter("H", on=False, per_minute=1)

    assert [limiter.take("global", "me") for _ in range(3)] == [(), (), ()]


def test_over_the_limit_the_answer_is_403_without_a_code() -> None:
    limiter = Limiter("H", on=True, per_minute=2)
    assert dict(limiter.take("global", "me"))["x-ratelimit-remaining"] == "1"
    limiter.take("global", "me")

    with pytest.raises(Problem) as caught:
        limiter.take("global", "me")

    assert (caught.value.status, caught.value.code) == (403, None)
    assert caught.value.detail.startswith("Rate limit exceeded, retry in ")
    headers = dict(caught.value.headers)
    assert headers["x-ratelimit-remaining"] == "0"
    assert int(headers["retry-after"]) > 0


def test_each_client_and_each_route_has_its_own_bucket() -> None:
    limiter = Limiter("H", on=True, per_minute=1)

    for bucket in ("global", "execute"):
        for client in ("me", "you"):
            limiter.take(bucket, client)


@pytest.mark.parametrize(
    ("bucket", "limit"), [("global", 1000), ("execute", 5000), ("login", 20), ("tenant", 500)]
)
def test_the_limits_of_age_h(bucket: str, limit: int) -> None:
    assert dict(Limiter("H", on=True).take(bucket, "me"))["x-ratelimit-limit"] == str(limit)


def test_age_s_has_one_limit_for_everything() -> None:
    assert dict(Limiter("S", on=True).take("execute", "me"))["x-ratelimit-limit"] == "200"


def test_a_good_token_names_its_user() -> None:
    assert Tokens(SECRET, "H").user(f"Bearer {issue(SECRET, 'u1', 'H', 60)}") == "u1"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic x",
        "Bearer not.a.token",
        f"Bearer {issue(SECRET, 'u1', 'H', -5)}",
        f"Bearer {issue(SECRET, 'u1', 'S', 60)}",
        f"Bearer {issue('another secret of thirty-two characters', 'u1', 'H', 60)}",
        f"Bearer {issue(SECRET, 'u1', 'H', 60, issuer='elsewhere')}",
    ],
)
def test_an_invalid_token_counts_as_none(header: str | None) -> None:
    assert Tokens(SECRET, "H").user(header) is None


def test_a_token_that_was_good_ends_although_it_is_remembered() -> None:
    tokens = Tokens(SECRET, "H")
    header = f"Bearer {issue(SECRET, 'u1', 'H', 2)}"
    assert tokens.user(header) == "u1"

    tokens.rejected_at = time.time() - 1
    assert tokens.user(header) is None
    tokens.rejected_at = None
    time.sleep(2.1)
    assert tokens.user(header) is None
