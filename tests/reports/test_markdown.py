"""The evidence document."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tartware_loadtest.reports.markdown import evidence
from tests.conftest import Golden
from tests.support.verdicts import Judged, failing, invalid, passing, record_of


@pytest.mark.parametrize(
    ("name", "make"),
    [("pass", passing), ("fail", failing), ("invalid", invalid)],
    ids=["pass", "fail", "invalid"],
)
def test_the_evidence_is_that_of_the_golden_file(
    golden: Golden, name: str, make: Callable[[], Judged]
) -> None:
    golden(f"evidence-{name}.md", evidence(record_of(make())))


@pytest.mark.parametrize("make", [passing, failing, invalid])
def test_each_row_of_a_table_has_the_columns_of_its_head(make: Callable[[], Judged]) -> None:
    width = 0
    for line in evidence(record_of(make())).splitlines():
        cells = line.count("|")
        if re.fullmatch(r"[| :-]+", line) and "---" in line:
            width = cells
        elif line.startswith("|") and width:
            assert cells == width, line
        else:
            width = 0 if not line.startswith("|") else width


def test_what_a_server_said_is_text_and_stays_in_its_cell() -> None:
    text = evidence(record_of(invalid()))
    row = next(line for line in text.splitlines() if line.startswith("| gateway |"))
    assert "<script>" not in text
    assert "[link]" not in text
    assert "\x1b" not in text
    assert row.endswith("&#96;code&#96; ? ? |")


def test_template_syntax_in_a_value_is_not_evaluated() -> None:
    record = record_of(passing()) | {"target": "http://{{ 7 * 7 }}/{% raw %}"}
    assert "{{ 7 * 7 }}" in evidence(record)


def test_a_modified_run_says_so_before_anything_else() -> None:
    lines = [line for line in evidence(record_of(invalid())).splitlines() if line]
    assert lines[0] == "# Load test evidence: INVALID"
    assert lines[1].startswith("> **MODIFIED: not gate evidence.**")


def test_a_record_that_lacks_something_is_no_evidence() -> None:
    record = record_of(passing())
    del record["bundle_digest"]
    with pytest.raises(Exception, match="bundle_digest"):
        evidence(record)
