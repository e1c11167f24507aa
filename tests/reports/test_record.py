"""``run.json`` against its schema, and the reports that come from it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from tests.support.cli import tool
from tests.support.runs import FinishedRun
from tests.support.verdicts import Judged, failing, invalid, passing, record_of

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "run.schema.json").read_text(encoding="utf-8")
)


def problems(document: Any, part: str = "") -> list[str]:
    schema = {**SCHEMA["$defs"][part], "$defs": SCHEMA["$defs"]} if part else SCHEMA
    found = Draft202012Validator(schema).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in found]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", [passing, failing, invalid])
@pytest.mark.parametrize("part", ["verdict", "facts"])
def test_a_verdict_and_its_facts_follow_the_schema(make: Callable[[], Judged], part: str) -> None:
    document = json.loads(json.dumps(record_of(make())[part]))
    assert problems(document, part) == []
    document["surprise"] = 1
    assert problems(document, part)


@pytest.mark.k6
def test_the_record_of_a_real_run_follows_the_schema(finished: FinishedRun) -> None:
    assert finished.record["status"] == "finished", finished.stderr
    assert problems(finished.record) == []


@pytest.mark.k6
@pytest.mark.parametrize("missing", ["verdict", "run_id", "engine", "bundle_digest"])
def test_a_finished_record_without_a_part_does_not_follow_it(finished: FinishedRun, missing: str) -> None:
    record = finished.record
    del record[missing]
    assert problems(record)


@pytest.mark.k6
def test_a_healthy_run_passes_and_says_the_same_everywhere(finished: FinishedRun) -> None:
    assert finished.exit_code == 0, finished.stderr
    document = json.loads(finished.stdout)
    assert document["verdict"] == finished.record["verdict"]
    assert document["facts"] == finished.record["facts"]
    assert document["verdict"]["state"] == "PASS"
    assert (
        (finished.directory / "evidence.md")
        .read_text(encoding="utf-8")
        .startswith("# Load test evidence: PASS")
    )
    suite = ET.parse(finished.directory / "junit.xml").getroot()  # noqa: S314 - our own
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")


@pytest.mark.k6
@pytest.mark.parametrize(("form", "file"), [("markdown", "evidence.md"), ("junit", "junit.xml")])
def test_a_report_made_again_offline_is_the_one_of_the_run(
    finished: FinishedRun, form: str, file: str
) -> None:
    done = tool("report", str(finished.directory), "--format", form)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (finished.directory / file).read_text(encoding="utf-8")


@pytest.mark.k6
def test_the_json_report_is_the_record(finished: FinishedRun) -> None:
    done = tool("report", str(finished.directory), "--format", "json")
    assert problems(json.loads(done.stdout)) == []
    assert json.loads(done.stdout) == finished.record


@pytest.mark.k6
def test_the_token_is_in_nothing_that_a_run_leaves_or_says(finished: FinishedRun) -> None:
    texts = [path.read_text(encoding="utf-8") for path in finished.directory.rglob("*") if path.is_file()]
    assert len(texts) > 15
    for text in (*texts, finished.stdout, finished.stderr):
        assert finished.token not in text
        assert finished.token.split(".")[1] not in text
    assert all(finished.token in seen.headers["authorization"] for seen in finished.seen if "v1" in seen.path)
