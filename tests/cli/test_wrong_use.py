"""Wrong use ends with 2, one clear message and a way out; nothing is sent and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.cli import tool, write_inputs

CASES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "unknown-flag": (("run", "--nonsense"), "No such option: --nonsense", "--help"),
    "unknown-command": (("nonsense",), "No such command 'nonsense'", "--help"),
    "unknown-profile": (
        ("run", "--profile", "dusk"),
        "There is no profile 'dusk'",
        "hint: Choose one of: demo",
    ),
    "unknown-check": (
        ("run", "--skip-check", "nonsense"),
        "There is no check nonsense",
        "hint: Choose from: ",
    ),
    "unknown-dialect": (("plan", "--dialect", "soap"), "No such option: --dialect", "--help"),
    "wrong-dialect": (
        ("render", "--out", "o", "--dialect", "soap"),
        "target.dialect: Input should be",
        "--dialect",
    ),
    "wrong-rate": (
        ("plan", "--rate", "0"),
        "profile.command_rate: Input should be greater than 0",
        "(--rate)",
    ),
    "rate-as-word": (("plan", "--rate", "many"), "Invalid value for '--rate'", "--help"),
    "wrong-duration": (("plan", "--duration", "soon"), "'soon' is no duration", "90s, 20m or 1h30m"),
    "wrong-criterion": (
        ("config", "show", "--slo", "fast"),
        "'fast' is no criterion",
        "command_duration_ms p95",
    ),
    "wrong-target": (("plan", "--target", "gateway:80"), "no base URL", "https://gateway.example.com:8080"),
    "no-config": (("plan", "--config", "gone.yaml"), "Cannot read gone.yaml", "--config"),
    "no-env-file": (("plan", "--env-file", "gone"), "There is no file gone", "tartware-lt bootstrap"),
    "no-data-run": (("run", "--profile", "demo"), "There is no data file loadtest-data.json", "bootstrap"),
    "no-data-doctor": (
        ("doctor", "--profile", "demo"),
        "There is no data file loadtest-data.json",
        "bootstrap",
    ),
    "no-data-render": (("render", "--out", "o"), "There is no data file loadtest-data.json", "bootstrap"),
    "no-out": (("render",), "Missing option '--out'", "--help"),
    "progress": (
        ("run", "--progress", "loud"),
        "There is no progress format 'loud'",
        "auto, plain, json, none",
    ),
    "k6-vus": (("run", "--", "--vus", "5"), "'--vus' would falsify the run", "hint: Change the rates"),
    "k6-short": (("run", "--", "-e", "X=1"), "'-e' would falsify the run", "configuration"),
    "k6-no-thresholds": (("run", "--", "--no-thresholds"), "would falsify the run", "SLOs"),
    "k6-script": (("run", "--", "mine.js"), "'mine.js' is not an option", "the rendered one"),
    "no-summary": (("verdict",), "Missing argument 'SUMMARY|RUN...'", "--help"),
    "gone-summary": (("verdict", "gone.json"), "Cannot read gone.json", "Name a k6 summary"),
    "no-run": (("runs", "show", "gone"), "gone/run.json cannot be read", "Name a run directory"),
    "no-report": (("report", "gone"), "gone/run.json cannot be read", "Name a run directory"),
    "report-form": (("report", "gone", "-f", "pdf"), "Invalid value for '--format'", "--help"),
    "output-form": (("plan", "-o", "xml"), "Invalid value for '--output'", "--help"),
    "negative-rate": (("verdict", "x", "--expect-rate", "-1"), "Invalid value for '--expect-rate'", "--help"),
    "endless-rate": (("verdict", "x", "--expect-rate", "inf"), "Invalid value for '--expect-rate'", "--help"),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_use_ends_with_2_and_a_way_out(case: str) -> None:
    arguments, message, way_out = CASES[case]
    if case.startswith(("progress", "k6-", "unknown-check")):
        write_inputs(Path())
    before = sorted(Path().iterdir())
    done = tool(*arguments)
    text = " ".join(done.stderr.split())
    assert done.returncode == 2, done.stderr
    assert message in text
    assert way_out in text
    assert "Traceback" not in text
    assert done.stdout == ""
    assert sorted(Path().iterdir()) == before


def test_a_yaml_file_with_three_mistakes_reports_all_three() -> None:
    Path("tartware-lt.yaml").write_text(
        "a: 1\nmix:\n  reservation.burn: 3\ntarget: {base_url: x}\n", encoding="utf-8"
    )
    done = tool("plan")
    assert done.returncode == 2
    assert re.findall(r"^(?:error: )?tartware-lt\.yaml:(\d+): ", done.stderr, re.MULTILINE) == ["1", "3", "4"]
    assert done.stderr.splitlines()[3].startswith("hint: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("{}", "no data file of tartware-lt"),
        ('{"schema": "tartware-lt/sample", "version": 9}', "has version 9"),
    ],
    ids=["empty", "nested-without-end", "another-file", "another-version"],
)
def test_a_data_file_that_cannot_be_used_is_refused(content: str, words: str) -> None:
    Path("loadtest-data.json").write_text(content, encoding="utf-8")
    done = tool("run", "--profile", "demo")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "bootstrap" in done.stderr


def test_a_data_file_named_with_control_characters_gives_the_terminal_no_orders() -> None:
    done = tool("run", "--profile", "demo", "--data", "\x1b[2Jgone")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
