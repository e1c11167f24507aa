from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample
from tartware_loadtest.sampling.writers.dotenv import read_dotenv, render_dotenv
from tartware_loadtest.sampling.writers.variables import (
    MAX_IDS,
    VARIABLES,
    capped,
    check_url,
    check_value,
    owned_variables,
)

OWNED = {"TENANT_IDS": "aa-1,bb-2", "PROPERTY_IDS": "cc-3"}


def identifier(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def sample(tenants: int = 2, guests: int = 2) -> Sample:
    ids = iter(range(1, 100_000))
    return Sample(
        tenants=tuple(
            TenantSample(
                identifier(next(ids)),
                stays=(
                    Stay(house := identifier(next(ids)), identifier(next(ids))),
                    Stay(house, identifier(next(ids))),
                ),
                guests=tuple(identifier(next(ids)) for _ in range(guests)),
                reservations=(
                    Reservation(identifier(next(ids)), house, identifier(next(ids)), cancellable=True),
                ),
                tasks=(
                    Task(identifier(next(ids)), boss := identifier(next(ids))),
                    Task(identifier(next(ids)), boss),
                ),
            )
            for _ in range(tenants)
        ),
        seed=1,
        taken_at="2026-01-01T00:00:00+00:00",
        source="db:5432/tartware",
    )


def shell(path: Path) -> dict[str, str]:
    names = " ".join(VARIABLES)
    script = (
        f'set -a; . "$1"; for n in {names}; do eval "v=\\${{$n-unset}}"; printf "%s=%s\\n" "$n" "$v"; done'
    )
    told = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(path)], capture_output=True, text=True, check=True, env={}
    ).stdout
    pairs = (line.split("=", 1) for line in told.splitlines())
    return {name: value for name, value in pairs if value != "unset"}


def docker(text: str) -> dict[str, str]:
    """Docker's rule for --env-file: whole lines, the value as it stands, comments on lines of their own."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").split("\n"):
        line = line.lstrip(" \t").removesuffix("\r")  # noqa: PLW2901 - as Docker reads it
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        assert not re.search(r"\s", name), f"docker refuses {name!r}"
        if equals:
            found[name] = value
    return found


def python(text: str) -> dict[str, str]:
    return {
        name: value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value is not None
    }


EXISTING = """# mine
GATEWAY_BASE_URL=https://gateway.example

API_TOKEN=eyJ.abc-_.x
TENANT_IDS=old
# a note
COMMAND_TARGET_RATE=20000
TEST_DURATION=20m
ROOM_TYPE_IDS=
"""


@pytest.mark.parametrize("existing", [None, "", EXISTING, EXISTING.rstrip("\n"), "A=1\\\n", "A=1\\"])
def test_three_readers_agree(existing: str | None, tmp_path: Path) -> None:
    path = tmp_path / "env"
    owned = owned_variables(sample(), "http://127.0.0.1:8080/api")
    text = render_dotenv(existing, owned)
    path.write_text(text)
    readings = [shell(path), docker(text), python(text), read_dotenv(text)]
    for reading in readings:
        assert {name: reading.get(name) for name in owned} == owned
    if existing and existing.startswith("#"):
        for reading in readings:
            assert reading["API_TOKEN"] == "eyJ.abc-_.x"  # noqa: S105 - a made-up one
            assert reading["COMMAND_TARGET_RATE"] == "20000"


def test_a_new_file_holds_the_twelve_variables_and_invents_nothing() -> None:
    text = render_dotenv(None, owned_variables(sample()))
    named = re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE)
    assert tuple(named) == VARIABLES
    assert set(python(text)) == set(owned_variables(sample()))
    assert "\n# API_TOKEN=\n" in text


def test_ours_are_replaced_where_they_stand() -> None:
    text = render_dotenv(EXISTING, OWNED)
    assert text == EXISTING.replace("TENANT_IDS=old", "TENANT_IDS=aa-1,bb-2") + "PROPERTY_IDS=cc-3\n"
    assert render_dotenv(text, OWNED) == text


def test_exports_quotes_and_repetitions() -> None:
    before = (
        "export TENANT_IDS='x y'  # ours\nNOTE=\"two\nTENANT_IDS=inside\"\n  TENANT_IDS = z\nPROPERTY_IDS\n"
    )
    assert render_dotenv(before, OWNED) == (
        'export TENANT_IDS=aa-1,bb-2\nNOTE="two\nTENANT_IDS=inside"\n  TENANT_IDS=aa-1,bb-2\n'
        "PROPERTY_IDS=cc-3\n"
    )


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(list("AT =#'\"\\\n\r\t$`é\u2028\ufeff\x0b")) | st.characters(codec="utf-8")
    )
)
def test_foreign_bytes_stay(existing: str) -> None:
    text = render_dotenv(existing, OWNED)
    if existing:
        assert text.startswith(existing)
        assert text[len(existing) :].strip("\n") == "TENANT_IDS=aa-1,bb-2\nPROPERTY_IDS=cc-3"
    assert render_dotenv(text, OWNED) == text
    assert {name: python(text).get(name) for name in OWNED} == OWNED


LINES = st.lists(
    st.sampled_from(
        [
            *(
                "A=1\n",
                "# c\n",
                "\n",
                "B='q # w'\n",
                'C="m\nTENANT_IDS=no\nx"\n',
                "export D=2\r\n",
                "junk line\n",
            ),
            *("TENANT_IDS=old\n", ' export  PROPERTY_IDS="a\nb"\n', "TENANT_IDS\n", "TENANT_IDS= # none\r\n"),
        ]
    )
)


@given(LINES)
def test_lines_that_are_not_ours_stay_in_their_order(lines: list[str]) -> None:
    ours = ("TENANT_IDS", " export  PROPERTY_IDS")
    text = render_dotenv("".join(lines), OWNED)
    if not lines:
        return
    rest = text
    for line in lines:
        if line.startswith(ours):
            name = "TENANT_IDS" if "TENANT" in line else "PROPERTY_IDS"
            found = re.match(rf"( export  )?{name}={OWNED[name]}\n", rest)
            assert found
            rest = rest[found.end() :]
        else:
            assert rest.startswith(line)
            rest = rest[len(line) :]
    assert set(rest.splitlines()) <= {f"{name}={value}" for name, value in OWNED.items()}


@pytest.mark.parametrize(
    "value", ["a b", "a#b", "$HOME", "`id`", "a;b", "'a'", '"a"', "a\nb", "~/x", "a\\b", "é", "a&b"]
)
def test_values_that_readers_take_differently_are_refused(value: str) -> None:
    with pytest.raises(InputError):
        check_value("X", value)
    with pytest.raises(InputError):
        render_dotenv(None, {"X": value})


@pytest.mark.parametrize(
    "url", ["https://u:p@host", "ftp://x", "https://h?q=1", "http://h h", "localhost:80", ""]
)
def test_gateway_urls_that_are_none(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_url(url)
    assert "u:p" not in caught.value.message
    assert check_url("http://[::1]:8080/base/") == "http://[::1]:8080/base/"


def test_long_lists_are_cut_fairly() -> None:
    large = sample(tenants=3, guests=400)
    guests = owned_variables(large)["GUEST_IDS"].split(",")
    assert len(guests) == len(set(guests)) == MAX_IDS
    for tenant in large.tenants:
        assert len(set(guests) & set(tenant.guests)) in (166, 167)
    assert capped(large) == [
        "GUEST_IDS holds 500 of 1,200 IDs (a variable is limited); the data file holds all"
    ]
    assert capped(sample()) == []


def test_each_id_once() -> None:
    owned = owned_variables(sample())
    assert len(owned["PROPERTY_IDS"].split(",")) == 2
    assert len(owned["ROOM_TYPE_IDS"].split(",")) == 4
    assert len(owned["HOUSEKEEPING_STAFF_IDS"].split(",")) == 2
    assert owned_variables(Sample((), 1, "", ""))["GUEST_IDS"] == ""
