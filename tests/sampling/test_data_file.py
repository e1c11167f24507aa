from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample
from tartware_loadtest.sampling.writers.data_file import (
    parse_data,
    read_data_file,
    render_data,
    write_data_file,
)

ids = st.uuids().map(str)
tenant_samples = st.builds(
    TenantSample,
    tenant_id=ids,
    stays=st.lists(st.builds(Stay, ids, ids), unique=True, max_size=3).map(tuple),
    guests=st.lists(ids, unique=True, max_size=3).map(tuple),
    reservations=st.lists(
        st.builds(Reservation, ids, ids, ids, st.booleans()), unique_by=lambda r: r.reservation_id, max_size=3
    ).map(tuple),
    tasks=st.lists(st.builds(Task, ids, ids), unique_by=lambda t: t.task_id, max_size=3).map(tuple),
)
samples = st.builds(
    Sample,
    tenants=st.lists(tenant_samples, unique_by=lambda t: t.tenant_id, max_size=3).map(tuple),
    seed=st.integers(0, 2**31),
    taken_at=st.just("2026-01-01T00:00:00+00:00"),
    source=st.text(max_size=20),
)


@given(samples)
def test_what_is_written_is_read(sample: Sample) -> None:
    text = render_data(sample)
    assert parse_data(text, "x") == sample
    assert render_data(parse_data(text, "x")) == text


def test_the_file_is_private(tmp_path: Path) -> None:
    sample = Sample((), 1, "2026-01-01T00:00:00+00:00", "db:5432/tartware")
    path = tmp_path / "new" / "data.json"
    write_data_file(sample, path)
    assert read_data_file(path) == sample
    assert path.stat().st_mode & 0o777 == 0o600


def document() -> dict[str, Any]:
    one = "11111111-1111-4111-8111-111111111111"
    sample = Sample(
        (
            TenantSample(
                one,
                stays=(Stay(one, one),),
                guests=(one,),
                reservations=(Reservation(one, one, one, cancellable=True),),
                tasks=(Task(one, one),),
            ),
        ),
        1,
        "2026-01-01T00:00:00+00:00",
        "db",
    )
    loaded: dict[str, Any] = json.loads(render_data(sample))
    return loaded


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    *parents, leaf = (int(part) if part.isdigit() else part for part in path.split("/"))

    def apply(target: Any) -> None:
        for part in parents:
            target = target[part]
        target[leaf] = value

    return apply


def twice(path: str) -> Callable[[dict[str, Any]], None]:
    def apply(target: Any) -> None:
        for part in path.split("/"):
            target = target[int(part) if part.isdigit() else part]
        target.append(target[0])

    return apply


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (change("schema", "x"), "is no data file of tartware-lt"),
        (change("version", 2), "has version 2; this is version 1"),
        (change("tenants", None), "tenants: NoneType, not list"),
        (change("seed", True), "seed: bool, not int"),
        (change("tenants/0", []), "tenants[0]: not an object"),
        (change("tenants/0/tenant_id", "abc"), "tenants[0].tenant_id: 'abc' is no UUID"),
        (change("tenants/0/guests/0", 7), "tenants[0].guests[0]: 7 is no UUID"),
        (change("tenants/0/stays/0/room_type_id", "x" * 999), "tenants[0].stays[0].room_type_id: 'xxx"),
        (change("tenants/0/reservations/0/cancellable", 1), "reservations[0].cancellable: int, not bool"),
        (change("tenants/0/tasks/0", {}), "tenants[0].tasks[0].task_id: missing"),
        (twice("tenants"), "stands there twice"),
        (twice("tenants/0/guests"), "tenants[0].guests[1]: stands there twice"),
        (twice("tenants/0/stays"), "tenants[0].stays[1]: stands there twice"),
        (twice("tenants/0/reservations"), "tenants[0].reservations[1].reservation_id"),
        (twice("tenants/0/tasks"), "tenants[0].tasks[1]: stands there twice"),
    ],
)
def test_a_wrong_file_names_the_place(spoil: Callable[[dict[str, Any]], None], said: str) -> None:
    spoiled = document()
    spoil(spoiled)
    with pytest.raises(InputError) as caught:
        parse_data(json.dumps(spoiled), "data.json")
    assert said in caught.value.message
    assert caught.value.message.startswith("data.json")
    assert len(caught.value.message) < 200
    assert "bootstrap" in caught.value.hint


def test_ids_are_read_in_one_form() -> None:
    loud = document()
    loud["tenants"][0]["tenant_id"] = "ABCDEF00-0000-4000-8000-000000000000"
    assert parse_data(json.dumps(loud), "x").tenants[0].tenant_id == "abcdef00-0000-4000-8000-000000000000"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "[" * 100_000, "<html>"])
def test_what_is_no_document(text: str) -> None:
    with pytest.raises(InputError):
        parse_data(text, "data.json")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no data file"):
        read_data_file(tmp_path / "none.json")
    with pytest.raises(InputError, match="Cannot read"):
        read_data_file(tmp_path)
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="Cannot read"):
        read_data_file(tmp_path / "latin")
