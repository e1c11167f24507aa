"""Profiles that extend each other, and in what a run differs from the one that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tartware_loadtest.config.loader import Flags, Loaded, load_settings
from tartware_loadtest.errors import InputError


def load(yaml: str = "", profile: str | None = None, *slos: str, **variables: str) -> Loaded:
    Path("tartware-lt.yaml").write_text(yaml, encoding="utf-8")
    return load_settings(Flags(profile=profile, slos=slos), variables)


OWN = """
profiles:
  base: {command_rate: 50, read_rate: 5, steady: 10s, ramp_up: 1s, slos: [command_failed < 1%]}
  middle: {extends: base, steady: 20s}
  night: {extends: middle, read_rate: 0, slos: [command_failed < 2%, ramp_failed < 9%]}
"""


def test_a_profile_takes_what_it_does_not_say_from_the_one_that_it_extends() -> None:
    profile = load(OWN, "night").settings.profile
    assert (profile.command_rate, profile.steady, profile.ramp_up, profile.read_rate) == (50, 20, 1, 0)
    assert profile.ramp_down == 120


def test_the_criteria_of_the_nearest_profile_count() -> None:
    texts = {criterion.text for criterion in load(OWN, "night").settings.slos}
    assert {"command_failed < 2%", "ramp_failed < 9%", "http_req_failed < 5%"} <= texts
    assert "command_failed < 1%" not in texts


def test_a_built_in_profile_can_be_extended() -> None:
    loaded = load("profiles: {quick: {extends: smoke, steady: 5s}}", "quick")
    assert (loaded.settings.profile.command_rate, loaded.settings.profile.steady) == (1000, 5)
    assert "other_than_202 == 0" in {criterion.text for criterion in loaded.settings.slos}


@pytest.mark.parametrize(
    ("yaml", "circle"),
    [
        ("profiles: {a: {extends: a}}", "a -> a"),
        ("profiles: {a: {extends: b}, b: {extends: c}, c: {extends: a}}", "a -> b -> c -> a"),
    ],
    ids=["itself", "three"],
)
def test_a_circle_of_profiles_is_refused(yaml: str, circle: str) -> None:
    with pytest.raises(InputError, match=f"{circle} extend each other in a circle"):
        load(yaml, "a")


@pytest.mark.parametrize(
    ("yaml", "profile", "unknown"),
    [("", "night", "night"), ("profiles: {a: {extends: b}}", "a", "b"), ("profile: dusk", None, "dusk")],
    ids=["named", "extended", "chosen-by-the-file"],
)
def test_an_unknown_profile_is_refused_with_the_known_ones(
    yaml: str, profile: str | None, unknown: str
) -> None:
    with pytest.raises(InputError, match=f"There is no profile '{unknown}'") as caught:
        load(yaml, profile)
    assert "demo, smoke, peak, endurance" in caught.value.hint


def test_a_profile_without_a_rate_is_refused() -> None:
    with pytest.raises(InputError, match=r"profile\.command_rate: Field required"):
        load("profiles: {a: {steady: 5s}}", "a")


@pytest.mark.parametrize("profile", ["demo", "smoke", "peak", "endurance"])
def test_a_pristine_built_in_profile_is_not_modified(profile: str) -> None:
    assert load("", profile).settings.modified == ()


def test_a_pristine_profile_of_the_file_is_not_modified() -> None:
    yaml = OWN + "mix: {guest.register: 1}\nreads: [rooms]\nslos: [read_failed < 1%]\n"
    assert load(yaml, "night").settings.modified == ()


@pytest.mark.parametrize(
    ("yaml", "variables", "slos", "words"),
    [
        pytest.param("", {"COMMAND_TARGET_RATE": "5"}, (), ("command_rate 5 instead of 1000",), id="rate"),
        pytest.param("", {"READ_RATE": "0"}, (), ("read_rate 0 instead of 1000",), id="read-rate"),
        pytest.param("", {"TEST_DURATION": "5s"}, (), ("steady 5 instead of 120",), id="duration"),
        pytest.param("mix: {guest.register: 1}", {}, (), ("another mix",), id="mix"),
        pytest.param("reads: [rooms]", {}, (), ("other reads",), id="reads"),
        pytest.param(
            "",
            {},
            ("command_failed < 9%",),
            ("without command_failed < 5%", "with command_failed < 9%"),
            id="criterion",
        ),
        pytest.param(
            "slos: [ramp_failed < 9%]", {}, (), ("with ramp_failed < 9%",), id="criterion-of-the-file"
        ),
        pytest.param(
            "",
            {},
            ("advisory: command_failed < 5%",),
            ("without command_failed < 5%", "with command_failed < 5%"),
            id="criterion-made-advisory",
        ),
        pytest.param(
            "profiles: {smoke: {ramp_up: 1s, strict: false}}",
            {},
            (),
            ("ramp_up 1 instead of 180", "strict 0 instead of 1"),
            id="built-in-name-redefined",
        ),
        pytest.param(
            "mix: {guest.register: 1}",
            {"READ_RATE": "1"},
            (),
            ("read_rate 1 instead of 1000", "another mix"),
            id="two-at-once",
        ),
    ],
)
def test_each_difference_from_the_profile_is_said(
    yaml: str, variables: dict[str, str], slos: tuple[str, ...], words: tuple[str, ...]
) -> None:
    modified = load(yaml, None, *slos, **variables).settings.modified
    assert sorted(modified) == sorted(words)


def test_a_weight_of_zero_is_another_mix() -> None:
    mix = "{reservation.create: 30, guest.register: 20, reservation.modify: 15, reservation.cancel: 0}"
    assert load(f"mix: {mix}").settings.modified == ("another mix",)


def test_a_target_is_no_difference() -> None:
    assert load("target: {base_url: 'https://staging.example.com', dialect: rest}").settings.modified == ()
