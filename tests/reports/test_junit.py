"""JUnit: what a CI system shows of a verdict."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tartware_loadtest.reports.junit import junit
from tartware_loadtest.verdict.facts import Facts
from tests.support.verdicts import Judged, failing, invalid, judged, passing


def suite_of(one: Judged, name: str = "tartware-lt demo") -> ET.Element:
    return ET.fromstring(junit(one.verdict, name=name, seconds=25.0).encode())  # noqa: S314 - our own


def names(suite: ET.Element, kind: str) -> list[str]:
    return [case.attrib["name"] for case in suite.iter("testcase") if case.find(kind) is not None]


VERDICTS = {"PASS": passing, "FAIL": failing, "INVALID": invalid}


@pytest.mark.parametrize("state", VERDICTS)
def test_the_document_is_well_formed_and_its_counts_are_true(state: str) -> None:
    one = VERDICTS[state]()
    assert one.verdict.state == state
    suite = suite_of(one)
    cases = list(suite.iter("testcase"))
    assert suite.tag == "testsuite"
    assert len(cases) == len(one.verdict.outcomes) + 1 == int(suite.attrib["tests"])
    assert int(suite.attrib["failures"]) == len(names(suite, "failure"))
    assert int(suite.attrib["errors"]) == len(names(suite, "error"))
    assert all(case.attrib["classname"] == "tartware-lt demo" for case in cases)


@pytest.mark.parametrize("state", VERDICTS)
def test_nothing_is_ever_skipped(state: str) -> None:
    suite = suite_of(VERDICTS[state]())
    assert suite.attrib["skipped"] == "0"
    assert not list(suite.iter("skipped"))


def test_a_pass_has_neither_failure_nor_error() -> None:
    suite = suite_of(passing())
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")


def test_a_fail_has_a_failure_for_each_missed_criterion_and_says_what_to_try() -> None:
    suite = suite_of(failing())
    assert names(suite, "failure") == [
        "command_duration_ms p95 < 500ms",
        "command_failed < 5%",
        "each_command_failed < 5%",
        "unexplained_answers == 0",
    ]
    assert names(suite, "error") == []
    failure = suite.find(".//failure")
    assert failure is not None
    assert "Try first: " in (failure.text or "")
    assert failure.attrib["message"].startswith("observed 812ms: ")


def test_an_advisory_criterion_that_was_missed_is_only_told() -> None:
    case = next(c for c in suite_of(failing()).iter("testcase") if "(advisory)" in c.attrib["name"])
    assert [child.tag for child in case] == ["system-out"]
    assert (case[0].text or "").startswith("missed: 10%")


def test_an_invalid_run_is_an_error_and_no_failure() -> None:
    suite = suite_of(invalid())
    assert names(suite, "failure") == []
    assert names(suite, "error") == ["the run is valid"]
    assert "MODIFIED: not gate evidence: rate 5 instead of 7" in (suite.findtext("system-out") or "")


def test_crossed_thresholds_of_a_foreign_script_are_a_failure() -> None:
    one = passing(crossed=("k6 found its own threshold crossed: x: rate<0.1",))
    assert one.verdict.state == "FAIL"
    suite = suite_of(one)
    assert names(suite, "failure") == ["the run is valid"]
    assert "rate<0.1" in junit(one.verdict, name="x", seconds=0).replace("&lt;", "<")


def test_no_data_at_all_is_an_error_everywhere_and_a_failure_nowhere() -> None:
    suite = suite_of(judged(Facts()))
    assert names(suite, "failure") == []
    assert len(names(suite, "error")) == len(list(suite.iter("testcase"))) - 1


def test_characters_that_xml_forbids_are_replaced() -> None:
    text = junit(invalid().verdict, name="tartware-lt \x01\ud800", seconds=0)
    assert not {"\x00", "\x01", "\x1b", "\ud800"} & set(text)
    assert ET.fromstring(text.encode()).attrib["name"] == "tartware-lt ??"  # noqa: S314 - our own
