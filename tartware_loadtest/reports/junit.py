"""The verdict as JUnit XML: a missed criterion is a failure, what could not be decided is an error.

Nothing is ever ``skipped``: many CI systems count skipped as good.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tartware_loadtest.verdict.criteria import Outcome, State
from tartware_loadtest.verdict.judge import Verdict, VerdictState

__all__ = ["junit"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


def junit(verdict: Verdict, *, name: str, seconds: float) -> str:
    """Return the XML document.

    Args:
        verdict: What to report.
        name: The suite, such as ``tartware-lt peak``.
        seconds: How long the run took.
    """
    suite = ET.Element("testsuite", name=_text(name), time=f"{seconds:.3f}")
    cases = [_case(suite, outcome, verdict) for outcome in verdict.outcomes]
    cases.append(_whole(suite, verdict))
    for case in cases:
        case.set("classname", _text(name))
    failures = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None for case in cases)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
    suite.set("skipped", "0")
    if verdict.modified:
        ET.SubElement(suite, "system-out").text = _text(
            "MODIFIED: not gate evidence: " + "; ".join(verdict.modified)
        )
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, outcome: Outcome, verdict: Verdict) -> ET.Element:
    advisory = "" if outcome.criterion.blocking else " (advisory)"
    case = ET.SubElement(suite, "testcase", name=_text(outcome.criterion.text + advisory))
    if not outcome.criterion.blocking:
        ET.SubElement(case, "system-out").text = _text(
            f"{outcome.state}: {outcome.observed}; {outcome.reason}"
        )
    elif outcome.state is State.MISSED and verdict.state is VerdictState.FAIL:
        _add(case, "failure", f"observed {outcome.observed}: {outcome.reason}", _advice(verdict))
    elif outcome.state is not State.MET:
        _add(
            case, "error", f"{outcome.state}, observed {outcome.observed}: {outcome.reason}", _advice(verdict)
        )
    return case


def _whole(suite: ET.Element, verdict: Verdict) -> ET.Element:
    """Report what concerns no single criterion; thresholds of a foreign script fail a run by themselves."""
    case = ET.SubElement(suite, "testcase", name="the run is valid")
    if verdict.state is VerdictState.INVALID:
        _add(case, "error", "; ".join(verdict.problems) or "the run cannot answer", _advice(verdict))
    elif verdict.problems:
        _add(case, "failure", "; ".join(verdict.problems), _advice(verdict))
    return case


def _add(case: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(case, kind, message=_text(message)).text = _text(text)


def _advice(verdict: Verdict) -> str:
    return f"{verdict.advice.cause}\nTry first: {verdict.advice.first_try}" if verdict.advice else ""


def _text(text: str) -> str:
    return _NOT_XML.sub("?", text)
