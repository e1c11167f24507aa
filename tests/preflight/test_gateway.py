"""Each way in which no gateway answers has its own words and its own fix."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tartware_loadtest.preflight import gateway as module
from tartware_loadtest.preflight.check import CheckState
from tartware_loadtest.preflight.gateway import check_gateway, check_rate_limit, is_loopback
from tests.support.gateway import Answer, Gateway
from tests.support.k6 import free_port

FAILED, WARNING, OK = CheckState.FAILED, CheckState.WARNING, CheckState.OK


@pytest.mark.parametrize(
    ("answer", "state", "words", "fix"),
    [
        pytest.param(Answer(200), OK, "answered 200", "", id="healthy"),
        pytest.param(
            Answer(200, "<html>", media="text/html"), FAILED, "HTML instead of JSON", "web page", id="html"
        ),
        pytest.param(
            Answer(404, "<html>", media="text/html"), FAILED, "404 with HTML", "web page", id="html-404"
        ),
        pytest.param(Answer(500), FAILED, "answered 500", "log", id="broken"),
        pytest.param(Answer(503), FAILED, "answered 503", "log", id="unavailable"),
        pytest.param(Answer(404), FAILED, "answered 404", "log", id="not-there"),
        pytest.param(Answer(301, headers={"Location": "/"}), FAILED, "answered 301", "log", id="elsewhere"),
        pytest.param(Answer(403), WARNING, "a rate limit", "", id="limited-as-403"),
        pytest.param(Answer(429), WARNING, "a rate limit", "", id="limited-as-429"),
        pytest.param(Answer(0), FAILED, "disconnected", "Start the gateway", id="hung-up"),
    ],
)
def test_an_answer_is_judged(
    gateway: Gateway, answer: Answer, state: CheckState, words: str, fix: str
) -> None:
    gateway.behave = lambda _: answer
    check = check_gateway(gateway.url, verify_tls=True)
    assert check.state is state
    assert words in check.detail
    assert fix in check.fix
    assert [seen.path for seen in gateway.seen] == ["/health"]


def test_a_base_url_with_a_path_keeps_it(gateway: Gateway) -> None:
    check_gateway(gateway.url + "/api/", verify_tls=True)
    assert [seen.path for seen in gateway.seen] == ["/api/health"]


def test_nobody_at_home_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    check = check_gateway(f"http://127.0.0.1:{free_port()}", verify_tls=True)
    assert check.state is FAILED
    assert "refused" in check.detail
    assert "GATEWAY_BASE_URL" in check.fix


def test_tls_to_a_plain_port_is_a_tls_failure(gateway: Gateway) -> None:
    check = check_gateway(gateway.url.replace("http:", "https:"), verify_tls=True)
    assert check.state is FAILED
    assert "TLS failed" in check.detail
    assert "verify_tls" in check.fix


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_gateway_that_hangs_is_not_waited_for(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TIMEOUT_SECONDS", 0.2)
    check = check_gateway(f"http://127.0.0.1:{silent_port}", verify_tls=True)
    assert check.state is FAILED
    assert "did not answer in 0.2 s" in check.detail


@pytest.mark.parametrize("url", ["http://[bad", "http://h:99999999", "http://ho\x00st", "http://.."])
def test_a_url_that_is_none_is_no_traceback(url: str) -> None:
    assert check_gateway(url, verify_tls=True).state is FAILED


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8080", True),
        ("http://localhost:3000/api", True),
        ("http://LOCALHOST", True),
        ("http://127.0.0.1.example.com", False),
        ("http://127.example.com", False),
        ("http://localhost.example.com", False),
        ("http://0.0.0.0", False),
        ("http://10.0.0.1", False),
        ("https://gateway.example.com", False),
    ],
)
def test_only_this_machine_needs_no_confirmation(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("header", "state", "words"),
    [
        pytest.param(None, OK, "names no rate limit", id="none"),
        pytest.param("", OK, "names no rate limit", id="empty"),
        pytest.param("unlimited", OK, "names no rate limit", id="a-word"),
        pytest.param("²", OK, "names no rate limit", id="a-digit-that-is-no-number"),
        pytest.param("9" * 5000, OK, "names no rate limit", id="thousands-of-digits"),
        pytest.param(
            "1000", FAILED, "lets 1,000 requests a minute through, the plan sends 6,000", id="too-low"
        ),
        pytest.param("5999", FAILED, "5,999", id="just-too-low"),
        pytest.param("6000", OK, "6,000 requests a minute", id="just-enough"),
        pytest.param(" 100000 ", OK, "100,000", id="plenty"),
    ],
)
def test_the_rate_limit_is_held_against_the_plan(header: str | None, state: CheckState, words: str) -> None:
    headers = {} if header is None else {"x-ratelimit-limit": header}
    check = check_rate_limit(headers, 100)
    assert check.state is state
    assert words in check.detail
    assert ("API_GATEWAY_DISABLE_RATE_LIMIT" in check.fix) is (state is FAILED)
