"""Runs that do not end by themselves: what is kept, which code, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import pytest

from tests.e2e.tool import Tool, children_named, finish, processes_of, wait_for_load, wait_until

pytestmark = [pytest.mark.sandbox, pytest.mark.k6]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_signal_keeps_and_reports_what_was_measured(tool: Tool, number: signal.Signals, code: int) -> None:
    process = tool.start("--profile", "short")
    said = wait_for_load(process)
    time.sleep(6)
    done = finish(process, said, send=number)

    assert done.code == code, done.stderr
    assert done.state == "INVALID"
    assert done.document is not None
    assert done.document["facts"]["commands_whole_run"]["accepted"] > 300
    assert any("interrupted" in problem for problem in done.document["verdict"]["problems"])
    assert (tool.home / done.directory / "junit.xml").exists()
    assert not processes_of(tool.home)


def test_killed_engine_ends_with_code_5_and_says_what_was_done(tool: Tool) -> None:
    process = tool.start("--profile", "short")
    said = wait_for_load(process)
    time.sleep(4)
    for victim in children_named(process.pid, "command-pipeline.js"):
        os.kill(victim, signal.SIGKILL)
    done = finish(process, said)

    assert done.code == 5, done.stderr
    assert "killed by signal 9" in done.stderr
    assert "iterations were completed" in done.stderr
    record = newest_record(tool)
    assert record["status"] == "failed"
    assert record["engine"]["completed"] > 100


def test_killed_tool_takes_the_engine_with_it(tool: Tool) -> None:
    process = tool.start("--profile", "short")
    wait_for_load(process)
    time.sleep(2)
    process.kill()
    process.communicate()

    assert wait_until(lambda: not processes_of(tool.home))


def test_expired_token_is_refused_before_any_load(tool: Tool) -> None:
    before = tool.accepted()
    done = tool.with_token("--ttl", "-60").run("run", "--profile", "short")

    assert done.code == 4, done.stderr
    assert "expired" in done.stderr
    assert tool.accepted() == before


def test_token_of_another_issuer_is_refused_by_the_canaries(tool: Tool) -> None:
    refused = tool.with_token("--issuer", "somebody-else").run("run", "--profile", "short")

    assert refused.code == 4, refused.stderr
    assert "AUTHENTICATION_REQUIRED" in refused.stderr


@pytest.mark.parametrize("user", ["staff", "nomodules", "outsider"])
def test_token_that_may_not_do_it_is_refused_with_the_usual_cause(tool: Tool, user: str) -> None:
    done = tool.with_token("--user", user).run("run", "--profile", "short")

    assert done.code == 4, done.stderr
    assert "Usual cause" in done.stderr


def test_refused_run_keeps_the_answers_and_what_its_canaries_cancelled(tool: Tool) -> None:
    before = (tool.home / "loadtest-data.json").read_text()
    done = tool.with_token("--user", "nomodules").run("run", "--profile", "short")
    record = newest_record(tool)

    assert done.code == 4, done.stderr
    assert record["status"] == "failed"
    assert any(check["state"] == "failed" for check in record["preflight"])
    spent = {answer["spent"] for answer in record["canaries"] if answer["spent"] and not answer["rejection"]}
    after = (tool.home / "loadtest-data.json").read_text()
    assert (before != after) == bool(spent)


def test_second_run_on_the_same_target_is_refused(tool: Tool) -> None:
    process = tool.start("--profile", "short")
    said = wait_for_load(process)
    second = tool.run("run", "--profile", "short")
    first = finish(process, said)

    assert second.code == 4
    assert "Another run" in second.stderr
    assert first.state == "PASS", first.stderr


def newest_record(tool: Tool) -> dict[str, Any]:
    newest = max((tool.home / "runs").glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    record: dict[str, Any] = json.loads(newest.read_text())
    return record
