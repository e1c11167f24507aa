from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tartware_loadtest.errors import RefusedError
from tartware_loadtest.runners.journal import LINE_LIMIT, Journal

SECRET = 'tok/en+"1"'  # noqa: S105  # no real one


def test_lines_are_kept_in_order(tmp_path: Path) -> None:
    with Journal(tmp_path / "new" / "k6.log") as journal:
        journal.write(b"one\n", stream="out")
        journal.write(b"two\n", stream="err")
    assert (tmp_path / "new" / "k6.log").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize(
    "spelling",
    [SECRET, 'tok/en+\\"1\\"', "tok%2Fen%2B%221%22"],
)
def test_secret_is_replaced_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    with Journal(tmp_path / "k6.log", [SECRET]) as journal:
        returned = journal.write(f"level=error Bearer {spelling}.\n".encode(), stream="err")
    assert returned == b"level=error Bearer ***.\n"
    assert (tmp_path / "k6.log").read_bytes() == returned
    assert journal.tail == ("level=error Bearer ***.",)


def test_empty_secret_replaces_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path / "k6.log", [""]) as journal:
        assert journal.write(b"abc\n", stream="out") == b"abc\n"


def test_tail_holds_the_last_errors_only(tmp_path: Path) -> None:
    with Journal(tmp_path / "k6.log") as journal:
        journal.write(b"level=info fine\n", stream="err")
        for number in range(50):
            journal.write(f"level=error {number}\n".encode(), stream="err")
        journal.write(b"panic: at last\n", stream="err")
    assert len(journal.tail) == 20
    assert journal.tail[0] == "level=error 31"
    assert journal.tail[-1] == "panic: at last"


def test_very_long_line_is_cut_without_half_a_secret(tmp_path: Path) -> None:
    secret = "S" * 100
    line = b"x" * (LINE_LIMIT - 50) + secret.encode() + b"y" * LINE_LIMIT + b"\nnext\n"
    pieces = [line[:LINE_LIMIT], line[LINE_LIMIT : 2 * LINE_LIMIT], line[2 * LINE_LIMIT : -5], line[-5:]]
    with Journal(tmp_path / "k6.log", [secret]) as journal:
        for piece in pieces:
            journal.write(piece, stream="out")
    kept = (tmp_path / "k6.log").read_bytes()
    assert b"S" not in kept
    assert kept.endswith(b" [cut]\nnext\n")


def test_log_has_an_end(tmp_path: Path) -> None:
    with Journal(tmp_path / "k6.log", limit=10) as journal:
        for _ in range(5):
            journal.write(b"1234567\n", stream="out")
    assert (tmp_path / "k6.log").read_bytes() == b"1234567\n[4 further lines are not kept: the log is full]\n"


def test_full_disk_is_told_and_stops_nothing() -> None:
    with Journal(Path("/dev/full")) as journal:
        assert journal.write(b"one\n", stream="out") == b"one\n"
        assert journal.write(b"two\n", stream="out") == b"two\n"
    assert "No space left on device" in journal.tail[0]


def test_unwritable_log_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusedError, match=r"k6\.log"):
        Journal(tmp_path / "file" / "k6.log")


def test_log_is_private(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Journal(tmp_path / "k6.log").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "k6.log").stat().st_mode) == 0o600
