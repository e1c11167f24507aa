from __future__ import annotations

from pathlib import Path

import pytest

from tartware_loadtest.sandbox import demo
from tartware_loadtest.sandbox.accounting import Count
from tartware_loadtest.sandbox.demo import Accepted, compare


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (Accepted(10, 0), Count(10, 10)),
        (Accepted(10, 0), Count(10, 7, 3)),
        (Accepted(8, 3), Count(10, 10)),
    ],
)
def test_counts_that_agree(client: Accepted, server: Count) -> None:
    assert compare(client, server) == ""


@pytest.mark.parametrize(
    ("client", "server", "word"),
    [
        (Accepted(10, 0), Count(9, 9), "10 accepted commands, the database 9"),
        (Accepted(10, 0), Count(11, 11), "the database 11"),
        (Accepted(8, 1), Count(10, 10), "8 to 9"),
        (Accepted(10, 0), Count(10, 9, 0, 1), "1 are lost"),
        (Accepted(10, 0), Count(10, 9, 0, 0, 1), "1 commands are still open"),
        (Accepted(10, 0), Count(10, 8, 1), "8 applied and 1 failed"),
    ],
)
def test_counts_that_differ_are_told_apart(client: Accepted, server: Count, word: str) -> None:
    assert word in compare(client, server)


@pytest.mark.sandbox
def test_a_step_that_fails_takes_the_sandbox_down_and_keeps_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert demo.main(["--profile", "no-such-profile"]) == 2

    assert "the demo stopped" in capfd.readouterr().err
    assert not list(tmp_path.glob("tartware-demo*"))
