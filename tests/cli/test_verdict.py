"""``verdict``: the CI gate over any k6 summary; no doubt ever ends with 0."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.support.cli import tool
from tests.support.runs import FinishedRun
from tests.support.traffic import Traffic

SAMPLE = Path(__file__).parents[1] / "golden" / "k6-2.2" / "exported.json"


def summary(name: str, **metrics: Any) -> Path:
    """Write a summary as ``--summary-export`` of some script would."""
    path = Path(name)
    path.write_text(json.dumps({"root_group": {}, "metrics": metrics}), encoding="utf-8")
    return path


def good(name: str = "good.json", *, failed: int = 3) -> Path:
    """A foreign run of 60 s at 100/s in which all went well."""
    return summary(
        name,
        http_reqs={"count": 6000, "rate": 100.0},
        http_req_failed={"passes": failed, "fails": 6000 - failed, "value": failed / 6000},
        http_req_duration={"avg": 40, "min": 2, "med": 30, "max": 900, "p(90)": 80, "p(95)": 120},
    )


def judged(*arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    done = tool("verdict", *arguments, "-o", "json")
    return done, json.loads(done.stdout)["verdict"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param(SAMPLE.read_text(encoding="utf-8")[:1500], "is no complete JSON", id="truncated"),
        pytest.param('{"a": 1}', "it has no metrics", id="another-file"),
        pytest.param('{"metrics": {"x": {"count": NaN, "rate": 1}}}', "NaN is no number", id="nan"),
    ],
)
def test_a_broken_summary_ends_with_2(text: str, words: str) -> None:
    Path("s.json").write_text(text, encoding="utf-8")
    done = tool("verdict", "s.json", "--expect-rate", "100")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_machine_readable_summary_ends_with_2_and_names_the_switch() -> None:
    done = tool("verdict", str(SAMPLE.with_name("machine.json")), "--expect-rate", "100")
    assert done.returncode == 2
    assert "K6_NEW_MACHINE_READABLE_SUMMARY=false" in done.stderr


def test_a_foreign_summary_without_an_expected_rate_is_invalid() -> None:
    done, verdict = judged(str(good()))
    assert (done.returncode, verdict["state"]) == (3, "INVALID")
    assert "no expected rate: pass --profile or --expect-rate" in verdict["problems"]


def test_thresholds_that_passed_on_no_data_are_not_met() -> None:
    path = summary(
        "none.json",
        http_reqs={"count": 0, "rate": 0},
        http_req_failed={"passes": 0, "fails": 0, "value": 0, "thresholds": {"rate<0.05": False}},
        http_req_duration={
            "avg": 0,
            "min": 0,
            "med": 0,
            "max": 0,
            "p(95)": 0,
            "thresholds": {"p(95)<500": False},
        },
        iterations={"count": 100, "rate": 10},
    )
    for more in ((), ("--skip-check", "generator-health")):
        done, verdict = judged(str(path), "--expect-rate", "100", *more)
        assert done.returncode != 0
        assert verdict["state"] != "PASS"


def test_a_good_foreign_run_is_invalid_while_its_generator_is_unknown() -> None:
    done, verdict = judged(str(good()), "--expect-rate", "100")
    assert (done.returncode, verdict["state"]) == (3, "INVALID")
    assert any("generator health unknown" in problem for problem in verdict["problems"])


def test_a_generator_that_the_user_vouches_for_lets_it_pass_but_never_as_evidence() -> None:
    done, verdict = judged(str(good()), "--expect-rate", "100", "--skip-check", "generator-health")
    assert (done.returncode, verdict["state"]) == (0, "PASS"), done.stderr
    assert verdict["modified"] == ["check generator-health skipped"]
    assert "MODIFIED: not gate evidence" in done.stderr


def test_a_rate_that_was_not_reached_is_no_pass() -> None:
    done, verdict = judged(str(good()), "--expect-rate", "200", "--skip-check", "generator-health")
    assert (done.returncode, verdict["state"]) == (1, "FAIL")


@pytest.mark.parametrize("form", ["exported.json", "handled.json"])
def test_crossed_thresholds_of_a_foreign_script_fail_it(form: str) -> None:
    arguments = ("--expect-rate", "100", "--skip-check", "generator-health", "--junit", "j.xml")
    done, verdict = judged(str(SAMPLE.with_name(form)), *arguments)
    assert (done.returncode, verdict["state"]) == (1, "FAIL")
    assert any("good: rate>0.99" in problem for problem in verdict["problems"])
    suite = ET.parse("j.xml").getroot()  # noqa: S314 - our own
    assert int(suite.attrib["failures"]) >= 1


def test_an_advisory_verdict_is_told_and_ends_with_0() -> None:
    done, verdict = judged(str(good()), "--advisory")
    assert (done.returncode, verdict["state"], verdict["exit_code"]) == (0, "INVALID", 3)


def test_the_shards_of_a_foreign_run_are_judged_together() -> None:
    arguments = ("--expect-rate", "200", "--skip-check", "generator-health")
    done, verdict = judged(str(good("a.json")), str(good("b.json", failed=4)), *arguments)
    assert (done.returncode, verdict["state"]) == (0, "PASS"), done.stderr


def test_data_go_to_stdout_and_words_to_stderr() -> None:
    done = tool("verdict", str(good()), "--expect-rate", "100")
    assert done.stdout == ""
    assert "INVALID" in done.stderr
    assert max(len(line.rstrip()) for line in done.stderr.splitlines()) <= 80


@pytest.mark.k6
def test_a_summary_of_our_scenario_without_its_profile_is_invalid(traffic: Traffic) -> None:
    Path("ours.json").write_text(traffic.results[0].exported, encoding="utf-8")
    done, verdict = judged("ours.json")
    assert (done.returncode, verdict["state"]) == (3, "INVALID")


@pytest.mark.k6
def test_a_summary_of_our_scenario_is_not_that_of_another_profile(traffic: Traffic) -> None:
    Path("ours.json").write_text(traffic.results[0].exported, encoding="utf-8")
    done, verdict = judged("ours.json", "--profile", "smoke")
    assert done.returncode in {1, 3}
    assert verdict["state"] != "PASS"


@pytest.mark.k6
def test_a_run_directory_is_judged_again_to_the_same_verdict(finished: FinishedRun) -> None:
    done, verdict = judged(str(finished.directory))
    assert done.returncode == finished.exit_code
    assert verdict == finished.record["verdict"]


@pytest.mark.k6
def test_flags_beside_a_run_directory_are_refused_and_not_forgotten(finished: FinishedRun) -> None:
    done = tool("verdict", str(finished.directory), "--slo", "command_duration_ms p95 < 0.01ms")
    assert done.returncode == 2
    assert "judged by what its run was asked for" in done.stderr


@pytest.mark.k6
def test_a_run_directory_whose_summary_was_cut_off_ends_with_2(finished: FinishedRun, tmp_path: Path) -> None:
    copy = shutil.copytree(finished.directory, tmp_path / "copy")
    local = copy / "summary" / "local.json"
    local.write_text(local.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    done = tool("verdict", str(copy))
    assert (done.returncode, done.stdout) == (2, "")
    assert "local.json is no complete JSON" in done.stderr


@pytest.mark.k6
@pytest.mark.parametrize(
    ("lost", "words"),
    [("summary/local.json", "no summary to judge"), ("run.json", "run.json cannot be read")],
)
def test_a_run_directory_that_lacks_something_ends_with_2(
    finished: FinishedRun, tmp_path: Path, lost: str, words: str
) -> None:
    copy = shutil.copytree(finished.directory, tmp_path / "copy")
    (copy / lost).unlink()
    done = tool("verdict", str(copy))
    assert done.returncode == 2
    assert words in done.stderr
