"""A token is looked at before it is used; what it says is never repeated."""

from __future__ import annotations

import base64
import json

import pytest

from tartware_loadtest.preflight.check import CheckState
from tartware_loadtest.preflight.token import check_token, claims_of

NOW = 1_800_000_000.0
NEEDED = 600.0


def jwt(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.signature"


def ending(seconds: float) -> str:
    return jwt({"exp": NOW + seconds, "iss": "tartware-core-service"})


FAILED, WARNING, OK = CheckState.FAILED, CheckState.WARNING, CheckState.OK


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        pytest.param("", FAILED, "API_TOKEN is not set", id="absent"),
        pytest.param("two words", FAILED, "holds blanks", id="blank-inside"),
        pytest.param("Bearer " + ending(3600), FAILED, "holds blanks", id="with-its-scheme"),
        pytest.param(ending(3600) + "\n", FAILED, "control characters", id="newline"),
        pytest.param("tokén", FAILED, "control characters", id="no-ascii"),
        pytest.param("opaque", WARNING, "is no JWT", id="opaque"),
        pytest.param("a.b.c", WARNING, "is no JWT", id="three-parts-of-nothing"),
        pytest.param(jwt([1, 2]), WARNING, "is no JWT", id="claims-are-a-list"),
        pytest.param("a." + "W" * 40_000 + ".c", WARNING, "is no JWT", id="nested-without-end"),
        pytest.param(jwt({}), WARNING, "names no end", id="no-end"),
        pytest.param(jwt({"exp": "tomorrow"}), WARNING, "names no end", id="end-as-text"),
        pytest.param(jwt({"exp": True}), WARNING, "names no end", id="end-as-truth"),
        pytest.param(jwt({"exp": float("inf")}), WARNING, "names no end", id="infinite-end"),
        pytest.param(jwt({"exp": float("nan")}), WARNING, "names no end", id="end-that-is-no-number"),
        pytest.param(jwt({"exp": 10**400}), WARNING, "names no end", id="end-beyond-a-float"),
        pytest.param(ending(-1), FAILED, "expired 1 s ago", id="just-expired"),
        pytest.param(ending(-7200), FAILED, "expired 2.0 h ago", id="expired"),
        pytest.param(ending(0), FAILED, "expired", id="ends-now"),
        pytest.param(ending(599), FAILED, "expires in 10 min, but the run takes 10 min", id="too-short"),
        pytest.param(ending(600), OK, "valid for another 10 min", id="just-long-enough"),
        pytest.param(ending(3600), OK, "issued by tartware-core-service", id="fine"),
    ],
)
def test_a_token_is_judged_before_the_load(text: str, state: CheckState, words: str) -> None:
    check = check_token(text, "API_TOKEN", NOW, NEEDED)
    assert check.state is state
    assert words in check.detail
    assert bool(check.fix) is (state is FAILED)
    if text:
        assert text.strip() not in check.detail + check.fix


def test_claims_are_read_whatever_the_length_of_their_padding() -> None:
    for length in range(1, 9):
        assert claims_of(jwt({"k": "x" * length})) == {"k": "x" * length}
