"""Flag > named profile > environment > dotenv > YAML > built-in, and every disagreement is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tartware_loadtest.config.loader import Flags, Loaded, load_settings

YAML = {"target": {"base_url": "http://yaml:1"}}


def load(
    *,
    flag: str = "",
    environment: str = "",
    dotenv: str = "",
    yaml: str = "",
) -> Loaded:
    if yaml:
        Path("tartware-lt.yaml").write_text(f"target: {{base_url: '{yaml}'}}\n", encoding="utf-8")
    if dotenv:
        Path(".env.loadtest").write_text(f"GATEWAY_BASE_URL={dotenv}\n", encoding="utf-8")
    values: dict[str, tuple[Any, str]] = {"target.base_url": (flag, "--target")} if flag else {}
    return load_settings(Flags(values=values), {"GATEWAY_BASE_URL": environment} if environment else {})


LAYERS = {
    "flag": ("http://flag:1", "--target"),
    "environment": ("http://environment:1", "GATEWAY_BASE_URL in environment"),
    "dotenv": ("http://dotenv:1", "GATEWAY_BASE_URL in .env.loadtest"),
    "yaml": ("http://yaml:1", "tartware-lt.yaml"),
}
ORDER = list(LAYERS)


@pytest.mark.parametrize(
    ("winner", "loser"),
    [(high, low) for index, high in enumerate(ORDER) for low in ORDER[index + 1 :]],
)
def test_a_higher_layer_wins_and_says_whom_it_overrides(winner: str, loser: str) -> None:
    loaded = load(**{winner: LAYERS[winner][0], loser: LAYERS[loser][0]})
    (value, origin), (lost, lost_origin) = LAYERS[winner], LAYERS[loser]
    assert loaded.settings.target.base_url == value
    assert loaded.origins["target.base_url"] == origin
    assert loaded.conflicts == (
        f"target.base_url: {value} ({origin}) counts, {lost} ({lost_origin}) does not",
    )


def test_built_in_values_hold_where_nothing_is_said() -> None:
    loaded = load()
    assert loaded.settings.target.base_url == "http://127.0.0.1:8080"
    assert loaded.settings.profile_name == "smoke"
    assert set(loaded.origins.values()) == {
        "built-in",
        "profile smoke",
        "default profile smoke",
        ".env.loadtest",
    }
    assert loaded.conflicts == ()


def test_layers_that_agree_are_no_conflict() -> None:
    assert load(flag="http://same:1", environment="http://same:1", yaml="http://same:1").conflicts == ()


RATE = {"COMMAND_TARGET_RATE": "77"}


@pytest.mark.parametrize(
    ("named", "flag", "expected", "origin"),
    [
        pytest.param(None, None, 77, "COMMAND_TARGET_RATE in environment", id="environment-over-default"),
        pytest.param("peak", None, 20000, "profile peak", id="named-profile-over-environment"),
        pytest.param("peak", 5, 5, "--rate", id="flag-over-named-profile"),
        pytest.param(None, 5, 5, "--rate", id="flag-over-environment"),
    ],
)
def test_a_profile_that_was_named_beats_the_environment(
    named: str | None, flag: int | None, expected: int, origin: str
) -> None:
    values = {} if flag is None else {"profile.command_rate": (flag, "--rate")}
    loaded = load_settings(Flags(profile=named, values=values), RATE)
    assert loaded.settings.profile.command_rate == expected
    assert loaded.origins["profile.command_rate"] == origin
    overridden = loaded.conflicts[-1:]
    if named or flag:
        assert overridden[0].startswith(f"profile.command_rate: {expected} ({origin}) counts, ")
    else:
        assert overridden == (), "nobody chose the default profile"


def test_the_profile_that_the_file_chooses_gives_way_to_the_environment() -> None:
    Path("tartware-lt.yaml").write_text("profile: peak\n", encoding="utf-8")
    loaded = load_settings(Flags(), RATE)
    assert loaded.settings.profile_name == "peak"
    assert loaded.settings.profile.command_rate == 77
    assert loaded.settings.modified == ("command_rate 77 instead of 20000",)


@pytest.mark.parametrize("text", ["20m", "1200", "1200s"])
def test_the_same_duration_in_another_notation_is_no_conflict(text: str) -> None:
    loaded = load_settings(Flags(profile="peak"), {"TEST_DURATION": text})
    assert loaded.settings.profile.steady == 1200
    assert loaded.conflicts == ()


def test_the_environment_beats_the_dotenv_for_the_token_too() -> None:
    Path(".env.loadtest").write_text("API_TOKEN='from the file'\n", encoding="utf-8")
    loaded = load_settings(Flags(), {})
    assert (loaded.token, loaded.origins["token"]) == ("from the file", ".env.loadtest")
    loaded = load_settings(Flags(), {"API_TOKEN": "of the shell"})
    assert (loaded.token, loaded.origins["token"]) == ("of the shell", "environment")


def test_criteria_name_the_file_that_they_come_from() -> None:
    other = Path("other.yaml")
    other.write_text("slos: ['command_failed < 1%']\n", encoding="utf-8")
    given = Flags(config=other, profile="smoke", slos=("read_failed < 2%",))
    origins = load_settings(given, {}).origins
    assert origins["slos.command_failed"] == "other.yaml"
    assert origins["slos.other_than_202"] == "profile smoke"
    assert origins["slos.read_failed"] == "--slo"
    assert origins["slos.http_req_failed"] == "built-in"


def test_dotenv_values_are_taken_literally() -> None:
    Path(".env.loadtest").write_text("API_TOKEN='${HOME} {{ x }}'\n", encoding="utf-8")
    assert [load_settings(Flags(), {"HOME": "/secret"}).token] == ["${HOME} {{ x }}"]
