"""A run directory: its owner's alone, never half a record, and read again offline."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tartware_loadtest.errors import EngineError, InputError
from tartware_loadtest.history.directory import RunDirectory, digest, list_records
from tests.support.runs import FinishedRun


def create(base: Path, at: str = "20261122T160000Z", run_id: str = "1a2b3c4d") -> RunDirectory:
    return RunDirectory.create(base, at, "demo", run_id)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_run_directory_is_its_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = create(tmp_path / "runs")
        made.write_record({"status": "preparing"})
        made.write_bundle({"plan.json": "{}"})
        made.write("junit.xml", "<x/>")
    finally:
        os.umask(before)
    assert made.path.name == "20261122T160000Z-demo-1a2b3c4d"
    for path in (made.path, *made.path.rglob("*")):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.k6
def test_everything_that_a_real_run_leaves_is_its_owner_s_alone(finished: FinishedRun) -> None:
    paths = [finished.directory, *finished.directory.rglob("*")]
    names = {path.name for path in paths}
    assert {"run.json", "evidence.md", "junit.xml", "k6.log", "local.json", "data.json"} <= names
    for path in paths:
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.k6
def test_the_bundle_of_a_run_is_what_its_digests_say(finished: FinishedRun) -> None:
    record = finished.record
    files = {
        path.name: path.read_text(encoding="utf-8") for path in (finished.directory / "bundle").iterdir()
    }
    assert {name: digest(text) for name, text in files.items()} == record["bundle"]
    lines = "".join(f"{name} {value}\n" for name, value in sorted(record["bundle"].items()))
    assert digest(lines) == record["bundle_digest"]


def test_a_directory_that_exists_is_not_taken_over(tmp_path: Path) -> None:
    create(tmp_path)
    with pytest.raises(InputError, match="Cannot make the run directory") as caught:
        create(tmp_path)
    assert "--runs" in caught.value.hint


@pytest.mark.parametrize("base", ["file", "x" * 300], ids=["a-file", "too-long"])
def test_a_place_that_cannot_hold_runs_is_named(tmp_path: Path, base: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Cannot make the run directory"):
        create(tmp_path / base)


def test_a_record_is_replaced_whole(tmp_path: Path) -> None:
    made = create(tmp_path)
    made.write_record({"status": "preparing"})
    before = (made.path / "run.json").stat().st_ino
    made.write_record({"status": "finished"})
    assert (made.path / "run.json").stat().st_ino != before
    assert made.read_record() == {"schema_version": 1, "status": "finished"}
    assert [path.name for path in made.path.glob(".*")] == []


def test_a_disk_that_fails_leaves_the_old_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create(tmp_path)
    made.write_record({"status": "preparing"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EngineError, match=r"run\.json: No space left on device; what was there before"):
        made.write_record({"status": "finished"})
    assert made.read_record()["status"] == "preparing"
    assert sorted(path.name for path in made.path.iterdir()) == ["bundle", "run.json", "summary"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "cannot be read", id="absent"),
        pytest.param(b"", "cannot be read", id="empty"),
        pytest.param(b'{"schema_version": 1', "cannot be read", id="cut-off"),
        pytest.param(b"\xff\xfe", "cannot be read", id="no-utf-8"),
        pytest.param(b"[]", "another version than 1", id="a-list"),
        pytest.param(b"{}", "another version than 1", id="no-version"),
        pytest.param(b'{"schema_version": 2}', "another version than 1", id="newer"),
        pytest.param(b"[" * 100_000, "cannot be read", id="nested-without-end"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    made = create(tmp_path)
    if content is not None:
        (made.path / "run.json").write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json") as caught:
        made.read_record()
    assert words in caught.value.message
    assert caught.value.hint


def test_runs_are_listed_from_the_newest_and_broken_ones_left_out(tmp_path: Path) -> None:
    for at, run_id in (("20261121T160000Z", "b"), ("20261122T160000Z", "a"), ("20261120T160000Z", "c")):
        create(tmp_path, at, run_id).write_record({"run_id": run_id})
    broken = create(tmp_path, "20261123T160000Z", "d")
    (broken.path / "run.json").write_text("{", encoding="utf-8")
    create(tmp_path, "20261124T160000Z", "e")
    assert [record["run_id"] for _, record in list_records(tmp_path)] == ["a", "b", "c"]


def test_no_runs_are_an_empty_list(tmp_path: Path) -> None:
    assert list_records(tmp_path / "absent") == []


def test_summaries_are_found_by_shard(tmp_path: Path) -> None:
    made = create(tmp_path)
    for shard in ("pod-2", "pod-1", "local"):
        made.summary(shard).write_text(json.dumps({}), encoding="utf-8")
    assert [path.stem for path in made.summaries()] == ["local", "pod-1", "pod-2"]
