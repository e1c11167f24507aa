"""Whether a Tartware gateway answers at the base URL, and how many requests it lets through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from tartware_loadtest.preflight.check import Check, CheckState

__all__ = ["check_gateway", "check_rate_limit", "is_loopback"]

_TIMEOUT_SECONDS = 5.0


def is_loopback(base_url: str) -> bool:
    """Whether the target is this machine."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # A name such as 127.0.0.1.example.com may lead anywhere.
        return host == "localhost"


def check_gateway(base_url: str, *, verify_tls: bool) -> Check:
    """Ask ``/health``; each way to fail has its own fix."""
    url = base_url.rstrip("/") + "/health"
    try:
        answer = httpx.get(url, timeout=_TIMEOUT_SECONDS, verify=verify_tls, trust_env=False)
    except httpx.TimeoutException:
        return _failed(
            f"{url} did not answer in {_TIMEOUT_SECONDS:g} s", "Look at the gateway and the network."
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        if "CERTIFICATE" in str(error).upper() or "SSL" in str(error).upper():
            fix = "Use the right host name, install the issuing certificate, or set target.verify_tls: false."
            return _failed(f"{url}: TLS failed: {error}", fix)
        fix = "Start the gateway, or set GATEWAY_BASE_URL (or target.base_url) to where it listens."
        return _failed(f"{url}: {error}", fix)
    return _judge(url, answer)


def _judge(url: str, answer: httpx.Response) -> Check:
    if "html" in answer.headers.get("content-type", ""):
        fix = "Set the base URL to the API gateway; this looks like a web page or a proxy in front of it."
        return _failed(f"{url} answered {answer.status_code} with HTML instead of JSON", fix)
    if answer.status_code in {403, 429}:
        return Check("gateway", CheckState.WARNING, f"{url} answered {answer.status_code}: a rate limit")
    if answer.status_code != 200:
        return _failed(f"{url} answered {answer.status_code}", "Look at the gateway's log.")
    return Check("gateway", CheckState.OK, f"{url} answered 200")


def check_rate_limit(headers: Mapping[str, str], requests_per_second: float) -> Check:
    """Hold the gateway's limit (requests a minute and client) against the plan.

    Args:
        headers: Lower-case headers of an answer; without a limit the limiter is off.
        requests_per_second: What the plan asks for.
    """
    text = headers.get("x-ratelimit-limit", "")
    if not re.fullmatch(r"\s*[0-9]{1,15}\s*", text):
        return Check("rate-limit", CheckState.OK, "the gateway names no rate limit")
    limit = int(text)
    wanted = requests_per_second * 60
    if limit < wanted:
        return Check(
            "rate-limit",
            CheckState.FAILED,
            f"the gateway lets {limit:,} requests a minute through, the plan sends {wanted:,.0f}",
            "Set API_GATEWAY_DISABLE_RATE_LIMIT=true (or raise API_GATEWAY_RATE_MAX) for the test.",
        )
    return Check("rate-limit", CheckState.OK, f"{limit:,} requests a minute, the plan sends {wanted:,.0f}")


def _failed(detail: str, fix: str) -> Check:
    return Check("gateway", CheckState.FAILED, detail, fix)
