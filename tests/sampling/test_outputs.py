from __future__ import annotations

from pathlib import Path

import pytest

from tartware_loadtest.errors import EngineError, InputError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sampling.writers.outputs import Output, Target, check_targets, open_target, write_all


def test_writes_what_changed_and_keeps_links(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    link = tmp_path / "link"
    link.symlink_to(real)
    same = tmp_path / "same"
    same.write_text("same")
    stamp = same.stat().st_mtime_ns
    write_all([Output(open_target(link), "new"), Output(open_target(same), "same")])
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o600
    assert same.stat().st_mtime_ns == stamp


def test_a_failure_gives_the_old_contents_back(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    first, second, third = (work / name for name in "abc")
    first.write_text("old")

    def failing(path: Path, text: str) -> None:
        if path == third:
            raise EngineError("the disk is full")
        write_atomically(path, text)

    with pytest.raises(EngineError, match="full"):
        write_all([Output(open_target(path), "new") for path in (first, second, third)], failing)
    assert first.read_text() == "old"
    assert sorted(path.name for path in work.iterdir()) == ["a"]


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\r\nb\n\rc")
    target = open_target(path)
    assert target.before == "a\r\nb\n\rc"
    write_all([Output(target, target.before + "!")])
    assert path.read_bytes() == b"a\r\nb\n\rc!"


@pytest.mark.parametrize("touch", [True, False])
def test_unwritable_places_are_found_before_the_work(tmp_path: Path, *, touch: bool) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    check_targets([tmp_path / "new" / "deep" / "x", tmp_path / "file"], touch=touch)
    assert not (tmp_path / "new").exists()
    for path in (tmp_path / "file" / "x", tmp_path / "directory"):
        with pytest.raises(InputError, match="Cannot write"):
            check_targets([path], touch=touch)
    with pytest.raises(InputError, match="are the same file"):
        check_targets([tmp_path / "file", tmp_path / "directory" / ".." / "file"], touch=touch)
    if touch:
        with pytest.raises(InputError, match=r"Cannot write /proc/.*"):
            check_targets([Path("/proc/nowhere/x")])


def test_a_directory_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="no permission to write"):
        check_targets([tmp_path / "x"])


def test_what_is_no_text_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="no UTF-8 text"):
        open_target(tmp_path / "binary")
    with pytest.raises(InputError, match="Cannot read"):
        open_target(tmp_path)
    assert open_target(tmp_path / "none") == Target(tmp_path / "none", None)
