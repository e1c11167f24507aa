"""Identities over more commands than a test can send: computed by k6 itself, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.k6 import start, write_bundle
from tests.support.samples import bundle_of, settings_of

pytestmark = pytest.mark.k6

SCRIPT = """
import { Identity } from './identity.js';
export const options = { vus: 1, iterations: 1 };
const FAR = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 99999999999];
function firsts(run, from, count) {
  const identity = new Identity(run, 'reservation_create');
  return Array.from({ length: count }, (_, i) => identity.newRow(from + i).slice(0, 8));
}
export default function () {
  const near = firsts('00000000', 0, 30000).concat(firsts('00000000', 0x80000000, 30000));
  const other = new Set(firsts('00007530', 0, 30000));
  const id = new Identity('1a2b3c4d', 'reservation_cancel');
  console.log(JSON.stringify({
    near: near.length - new Set(near).size,
    runs: near.slice(0, 30000).filter((one) => other.has(one)).length === 0,
    keys: FAR.map((n) => id.of(n)),
    rows: FAR.map((n) => id.newRow(n)),
  }));
}
"""


@pytest.fixture(scope="module")
def computed(k6: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory = write_bundle(bundle_of(settings_of()), tmp_path_factory.mktemp("identity"))
    (directory / "identity-test.js").write_text(SCRIPT, encoding="utf-8")
    result = start(k6, directory, "http://unused", "--log-format=raw", entry="identity-test.js").wait()
    assert result.exit_code == 0, result.log
    line = next(line for line in result.log.splitlines() if line.startswith("{"))
    document: dict[str, Any] = json.loads(line)
    return document


def test_rows_differ_in_their_first_digits_over_the_whole_range(computed: dict[str, Any]) -> None:
    assert computed["near"] == 0


def test_runs_whose_ranges_do_not_meet_share_no_first_digits(computed: dict[str, Any]) -> None:
    assert computed["runs"] is True


def test_identities_keep_their_shape_however_long_a_run_is(computed: dict[str, Any]) -> None:
    keys, rows = computed["keys"], computed["rows"]
    assert keys[0] == "1a2b3c4d-0005-4000-8000-00007fffffff"
    assert keys[-1] == "1a2b3c4d-0005-4000-8000-00174876e7ff"
    for one in (*keys, *rows):
        assert [len(part) for part in one.split("-")] == [8, 4, 4, 4, 12]
    assert len({*keys, *rows}) == 12
