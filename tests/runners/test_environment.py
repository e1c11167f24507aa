from __future__ import annotations

from pathlib import Path

from tartware_loadtest.runners.environment import clean, engine_variables, secrets_of
from tartware_loadtest.runners.interface import EngineRequest


def request(**environment: str) -> EngineRequest:
    return EngineRequest(
        bundle=Path("b"),
        entry="e.js",
        environment=environment,
        secret_names=frozenset({"API_TOKEN", "ABSENT"}),
        summary=Path("s"),
        log=Path("l"),
        planned_seconds=1.0,
    )


def test_what_could_change_the_run_is_removed() -> None:
    before = {
        "K6_VUS": "1",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
        "TARTWARE_LT_TOKEN": "t",
        "COMMAND_TARGET_RATE": "1",
        "TENANT_IDS": "x",
        "API_TOKEN": "t",
        "GOGC": "10",
        "GOMAXPROCS": "1",
        "HOME": "/h",
        "HTTPS_PROXY": "http://p",
    }
    assert clean(before) == {"HOME": "/h", "HTTPS_PROXY": "http://p"}


def test_the_caller_decides_what_k6_gets_except_for_what_every_run_needs() -> None:
    made = engine_variables(
        request(API_TOKEN="t", GOGC="400", K6_HANDLE_SUMMARY_TIMEOUT="1s"),  # noqa: S106  # no real one
        "127.0.0.1:7",
    )
    assert made == {
        "API_TOKEN": "t",
        "GOGC": "400",
        "K6_NO_USAGE_REPORT": "true",
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
        "K6_NEW_MACHINE_READABLE_SUMMARY": "false",
        "K6_HANDLE_SUMMARY_TIMEOUT": "30m",
        "TARTWARE_PROBE_URL": "http://127.0.0.1:7/v1/status",
    }


def test_secrets_are_the_named_values() -> None:
    assert secrets_of(request(API_TOKEN="t", OTHER="o")) == ["t"]  # noqa: S106  # no real one
