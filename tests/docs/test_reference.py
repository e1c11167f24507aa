"""The tables of the reference are the code's own names, defaults and numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from tartware_loadtest.config.file import ConfigFile, ProfileFile, builtin
from tartware_loadtest.config.models import Generator, Profile, Target, parse_duration
from tartware_loadtest.config.slo import METRICS, parse_criterion
from tartware_loadtest.errors import ExitCode
from tartware_loadtest.preflight.check import SKIPPABLE, CheckState
from tartware_loadtest.resources import k6_directory
from tartware_loadtest.sampling.writers.variables import VARIABLES
from tartware_loadtest.scenario.catalogue import REJECTION_CLASSES, UNEXPLAINED_CLASSES
from tartware_loadtest.verdict.criteria import State
from tartware_loadtest.verdict.judge import VerdictState
from tests.docs.pages import blocks, page, rows, section

_CONFIGURATION = "docs/reference/configuration.md"
_VERDICT = "docs/reference/verdict.md"


def _number(cell: str) -> float:
    return parse_duration(cell.replace(",", "").replace(" min", "m").replace(" ", ""))


def test_exit_codes_are_those_of_the_enum() -> None:
    table = {int(row[0]): row[1] for row in rows(page("docs/reference/exit-codes.md"))}
    assert table == {code.value: code.name for code in ExitCode}


@pytest.mark.parametrize("name", ["README.md", "docs/how-to/ci-gate.md"])
def test_exit_codes_elsewhere_are_of_the_enum(name: str) -> None:
    cells = [row[0] for row in rows(page(name)) if re.fullmatch(r"[\d, ]+", row[0])]
    numbers = [int(number) for cell in cells for number in cell.split(",")]
    assert set(numbers) <= {code.value for code in ExitCode}
    assert {0, 1, 2, 3, 4, 5} <= set(numbers)


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("### Top level", ConfigFile),
        ("### `target`", Target),
        ("### `generator`", Generator),
    ],
)
def test_configuration_names_every_key_and_no_other(heading: str, model: type[BaseModel]) -> None:
    documented = [row[0] for row in rows(section(page(_CONFIGURATION), heading))]
    assert documented == list(model.model_fields)


def test_configuration_names_every_key_of_a_profile() -> None:
    documented = [row[0] for row in rows(section(page(_CONFIGURATION), "### `profiles`"))]
    keys = list(ProfileFile.model_fields)
    assert documented[: len(keys)] == keys


@pytest.mark.parametrize(
    ("heading", "model"),
    [("### `target`", Target), ("### `generator`", Generator), ("### `profiles`", Profile)],
)
def test_configuration_states_the_defaults(heading: str, model: type[BaseModel]) -> None:
    text = section(page(_CONFIGURATION), heading).split("The built-in ones:")[0]
    for row in rows(text):
        field = model.model_fields.get(row[0])
        if field is None or row[0] == "slos" or not row[2].strip():
            continue
        if field.is_required():
            assert row[2] == "must be given", row[0]
        else:
            assert _reads_as(row[2], field.default), row[0]


def _reads_as(cell: str, default: Any) -> bool:
    if isinstance(default, bool):
        return cell == str(default).lower()
    if isinstance(default, int | float):
        return _number(cell) == default
    return cell == str(getattr(default, "value", default))


def test_built_in_profiles_are_those_of_the_table() -> None:
    text = section(page(_CONFIGURATION), "### `profiles`").split("The built-in ones:")[1]
    head = [name.strip(" `") for name in text.strip().splitlines()[0].strip("|").split("|")][1:]
    table = {row[0]: dict(zip(head, row[1:], strict=True)) for row in rows(text)}
    assert set(head) == set(builtin().profiles)
    for name, profile in builtin().profiles.items():
        for key in ("command_rate", "read_rate", "steady"):
            assert _number(table[key][name]) == getattr(profile, key), (name, key)
        assert _number(table["health_rate"][name]) == (profile.health_rate or 100)
        ramps = [_number(cell) for cell in table["ramp_up`, `ramp_down"][name].split(", ")]
        assert ramps == [profile.ramp_up, profile.ramp_down]
        assert table["strict"][name] == ("yes" if profile.strict else "no")
        assert table["adds"][name] == ", ".join(criterion.text for criterion in profile.slos)


def test_built_in_criteria_and_mix_are_as_written() -> None:
    text = page(_CONFIGURATION)
    written = yaml.safe_load(blocks(section(text, "### `slos`"))[0].text)["slos"]
    assert tuple(parse_criterion(line) for line in written) == builtin().slos
    mix = dict(re.findall(r"`([a-z.]+)` (\d+)", section(text, "### `mix`")))
    assert {name: int(weight) for name, weight in mix.items()} == builtin().mix


def test_the_variables_of_the_guide_are_named_in_their_order() -> None:
    documented = [row[0] for row in rows(section(page(_CONFIGURATION), "## Environment variables"))]
    assert documented[: len(VARIABLES)] == list(VARIABLES)


def test_every_check_has_its_row_and_no_other() -> None:
    text = page("docs/reference/checks.md")
    assert {row[0] for row in rows(text)} == set(SKIPPABLE)
    assert all(f"`{state}`" in text for state in CheckState)


def test_every_criterion_metric_has_its_row_and_kind() -> None:
    table = {row[0]: row[1] for row in rows(section(page(_VERDICT), "## Criteria"))}
    assert table == {name: kind.value for name, (kind, _) in METRICS.items()}


def test_answers_states_and_unexplained_classes_are_named() -> None:
    text = page(_VERDICT)
    answers = {row[0]: int(row[2]) for row in rows(section(text, "## The three answers"))}
    assert answers == {state.value: state.exit_code.value for state in VerdictState}
    assert all(f"`{state}`" in text for state in State)
    assert all(f"`{name}`" in section(text, "## Criteria") for name in UNEXPLAINED_CLASSES)


def test_every_class_of_refusals_has_its_row() -> None:
    documented = [
        row[0] for row in rows(section(page("docs/reference/metrics.md"), "## Classes of refusals"))
    ]
    assert documented == list(REJECTION_CLASSES)


def test_every_metric_of_the_script_is_documented() -> None:
    source = (k6_directory() / "metrics.js").read_text(encoding="utf-8")
    emitted = re.findall(r"new (Trend|Rate|Counter)\('(\w+)'", source)
    table = {row[0]: row[1] for row in rows(page("docs/reference/metrics.md").split("## Tags")[0])}
    assert emitted
    for kind, name in emitted:
        assert table[name].startswith(kind), name


def test_the_builtin_profile_is_the_default() -> None:
    row = next(row for row in rows(section(page(_CONFIGURATION), "### Top level")) if row[0] == "profile")
    assert row[2] == builtin().profile
