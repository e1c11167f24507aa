"""Faults of exactly known size: the verdict must be theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.tool import Tool

pytestmark = [pytest.mark.sandbox, pytest.mark.k6]


def test_healthy_target_passes_and_every_accepted_command_is_accounted_for(tool: Tool) -> None:
    done = tool.load()

    assert (done.code, done.state) == (0, "PASS"), done.stderr
    assert done.document is not None
    account = tool.run(
        "sandbox",
        "account",
        str(done.directory),
        "--wait",
        "60",
        "-o",
        "json",
        "--dir",
        str(tool.home / "sandbox"),
    )
    assert account.document is not None, account.stderr
    total = account.document
    accepted = done.document["facts"]["commands_whole_run"]["accepted"]
    assert total["dispatched"] == accepted
    assert total["applied"] + total["failed"] == accepted
    assert (total["failed"], total["lost"], total["open"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("faults", "state", "missed"),
    [
        pytest.param({"slow": {"share": 0.04, "ms": 700}}, "PASS", "", id="4 % slow"),
        pytest.param({"slow": {"share": 0.06, "ms": 700}}, "FAIL", "command_duration_ms p95", id="6 % slow"),
        pytest.param(
            {"timeouts": {"share": 0.04}, "slow": {"share": 0.03, "ms": 700}},
            "FAIL",
            "command_duration_ms p95",
            id="4 % time out, 3 % slow",
        ),
        pytest.param(
            {"errors": {"share": 1.0, "status": 500, "command": "housekeeping.task.assign"}},
            "FAIL",
            "each_command_failed",
            id="one command of 5 % always fails",
        ),
        pytest.param({"answer_200": 0.02}, "FAIL", "unexplained_answers", id="200 instead of 202"),
        pytest.param({"errors": {"share": 0.06, "status": 503}}, "FAIL", "command_failed", id="6 % errors"),
        pytest.param({"rate_limit": 600}, "FAIL", "command_failed", id="rate limit"),
    ],
)
def test_fault_of_known_size_is_judged_as_it_is(
    tool: Tool, faults: dict[str, object], state: str, missed: str
) -> None:
    done = tool.load(faults=faults)

    assert done.state == state, done.stderr
    assert done.code == {"PASS": 0, "FAIL": 1}[state]
    if missed:
        assert done.criterion(missed)["state"] == "missed"


def test_target_too_slow_for_the_rate_fails_with_the_drops_counted(tool: Tool) -> None:
    done = tool.load(faults={"capacity": {"slots": 4, "service_ms": 50}})

    assert (done.code, done.state) == (1, "FAIL"), done.stderr
    assert done.document is not None
    assert done.document["facts"]["dropped"] > 100
    assert done.document["verdict"]["generator"]["healthy"] is True
    assert "load not carried" in done.document["verdict"]["cause"]


def test_starved_generator_is_invalid_and_never_a_pass(tool: Tool, tmp_path: Path) -> None:
    engine = json.loads(tool.output("k6", "version", "-o", "json"))["path"]
    wrapper = tmp_path / "k6"
    # Only the load is starved, the canaries are not. The busy loops stand in k6's own session, or the
    # scheduler would give k6 a fair share of the core whatever its niceness.
    wrapper.write_text(
        f"""#!/bin/sh
case "$*" in *command-pipeline.js*) ;; *) exec {engine} "$@" ;; esac
for hog in 1 2 3; do (sleep 3; timeout 12 taskset -c 0 sh -c 'while :; do :; done') >/dev/null 2>&1 & done
exec taskset -c 0 nice -n 10 {engine} "$@"
"""
    )
    wrapper.chmod(0o755)
    done = tool.load("--k6", str(wrapper), "--rate", "1000")

    assert (done.code, done.state) == (3, "INVALID"), done.stderr
    assert done.document is not None
    assert done.document["verdict"]["generator"]["healthy"] is False
    assert "short of CPU" in done.document["verdict"]["cause"]


def test_token_that_dies_in_mid_run_is_invalid_and_named(tool: Tool) -> None:
    done = tool.load(faults={"token": {"reject_after_s": 6}})

    assert (done.code, done.state) == (3, "INVALID"), done.stderr
    assert done.document is not None
    assert any("token died" in problem for problem in done.document["verdict"]["problems"])


def test_a_run_is_judged_alike_when_it_is_read_again(tool: Tool) -> None:
    done = tool.load("--rate", "100")
    again = tool.run("verdict", str(done.directory), "-o", "json")

    assert again.document is not None
    assert done.document is not None
    assert again.document["verdict"] == done.document["verdict"]
    assert again.code == done.code
    assert "MODIFIED" in done.stderr
