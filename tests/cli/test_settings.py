"""``config show``, ``plan`` and ``render``: data on stdout, words on stderr, no secret anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import token_for, tool, write_inputs

CANARY = token_for(3600)


def shown(*arguments: str, **environment: str) -> dict[str, dict[str, Any]]:
    done = tool("config", "show", "-o", "json", *arguments, env=environment)
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)["settings"]}


def test_each_setting_is_shown_with_its_origin() -> None:
    Path("tartware-lt.yaml").write_text("target: {dialect: rest}\nprofile: demo\n", encoding="utf-8")
    Path(".env.loadtest").write_text(f"API_TOKEN={CANARY}\nREAD_RATE=7\n", encoding="utf-8")
    rows = shown("--rate", "5", "--slo", "read_failed < 1%", TEST_DURATION="9s")
    found = {name: (rows[name]["value"], rows[name]["origin"]) for name in rows}
    assert found["profile"] == ("demo", "tartware-lt.yaml")
    assert found["target.dialect"] == ("rest", "tartware-lt.yaml")
    assert found["profile.command_rate"] == ("5", "--rate")
    assert found["profile.read_rate"] == ("7", "READ_RATE in .env.loadtest")
    assert found["profile.steady"] == ("9", "TEST_DURATION in environment")
    assert found["profile.ramp_up"] == ("3", "profile demo")
    assert found["slo read_failed"] == ("read_failed < 1%", "--slo")
    assert found["seed"] == ("1", "built-in")
    assert found["API_TOKEN"] == ("set", ".env.loadtest")


def test_a_token_is_only_said_to_be_there_or_not() -> None:
    done = tool("config", "show", env={"API_TOKEN": CANARY})
    assert "API_TOKEN" in done.stdout
    assert CANARY not in done.stdout + done.stderr
    assert CANARY.split(".")[1] not in done.stdout + done.stderr
    assert shown()["API_TOKEN"]["value"] == "not set"


def test_a_database_with_its_password_is_not_shown() -> None:
    Path("tartware-lt.yaml").write_text("database: 'postgresql://u:canary-pw@h/d'\n", encoding="utf-8")
    for form in ("text", "json"):
        done = tool("config", "show", "-o", form)
        assert done.returncode == 0
        assert "canary-pw" not in done.stdout + done.stderr


def test_conflicts_and_changes_are_told_on_stderr_and_in_the_data() -> None:
    done = tool("config", "show", "--profile", "peak", env={"COMMAND_TARGET_RATE": "5"})
    assert done.returncode == 0
    assert (
        "conflict: profile.command_rate: 20000 (profile peak) counts, 5 (COMMAND_TARGET_RATE" in done.stderr
    )
    assert "conflict" not in done.stdout
    data = json.loads(tool("config", "show", "-p", "peak", "--rate", "5", "-o", "json").stdout)
    assert data["modified"] == ["command_rate 5 instead of 20000"]


def test_the_text_has_one_line_a_setting() -> None:
    lines = tool("config", "show").stdout.splitlines()
    assert len(lines) == len(shown())
    assert all(line.endswith(")") for line in lines)


def test_a_plan_that_does_not_fit_this_machine_ends_with_4() -> None:
    done = tool("plan", "--profile", "peak", "--rate", "1000000")
    assert done.returncode == 4
    assert "use more machines or pods" in " ".join(done.stderr.split())
    assert done.stdout == ""


def test_a_plan_that_fits_ends_with_0_and_says_why() -> None:
    done = tool("plan", "--profile", "demo", "-o", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["fits"] is True
    assert {figure["name"] for figure in document["figures"]} >= {
        "virtual users",
        "k6 CPU",
        "written at the target",
    }
    assert all(figure["reason"] for figure in document["figures"])
    assert sum(s["offered"]["steady"] for s in document["scenarios"] if s["kind"] == "command") == 4000


def test_a_plan_forecasts_the_pool_of_the_sample() -> None:
    write_inputs(Path())
    done = tool("plan", "--profile", "demo", "--rate", "2000")
    assert "cancels become modifies" in " ".join(done.stderr.split())


def test_a_bundle_is_rendered_twice_with_the_same_bytes() -> None:
    write_inputs(Path())
    for out in ("one", "two"):
        done = tool("render", "--profile", "demo", "--out", out, env={"API_TOKEN": CANARY})
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    one = {path.name: path.read_bytes() for path in Path("one").iterdir()}
    two = {path.name: path.read_bytes() for path in Path("two").iterdir()}
    assert one == two
    assert {"command-pipeline.js", "plan.json", "data.json", "canary.js"} <= set(one)
    assert CANARY.encode() not in b"".join(one.values())


def test_a_bundle_for_lists_warns_that_ids_may_not_belong_together() -> None:
    done = tool("render", "--profile", "demo", "--lists", "--out", "o[/b]x")
    assert done.returncode == 0, done.stderr
    assert "nothing then says which of them belong together" in " ".join(done.stderr.split())
    assert not (Path("o[/b]x") / "data.json").exists()


@pytest.mark.parametrize("where", ["file/o", "/proc/o"])
def test_a_bundle_that_cannot_be_written_is_refused(where: str) -> None:
    write_inputs(Path())
    Path("file").touch()
    done = tool("render", "--profile", "demo", "--out", where)
    assert done.returncode == 2
    assert f"Cannot write {where}" in done.stderr
