"""The terminal at 80 columns: no line is longer, no number is cut, no colour where none is wanted."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

from tartware_loadtest.planning.plan import Machine, make_plan
from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.reports.terminal import check_lines, plan_table, print_verdict
from tests.conftest import Golden
from tests.support.samples import settings_of
from tests.support.verdicts import Judged, failing, invalid, passing

VERDICTS = pytest.mark.parametrize("make", [passing, failing, invalid])


def console(*, colour: bool = False) -> Console:
    return Console(file=io.StringIO(), width=80, highlight=False, force_terminal=colour)


def text_of(one: Judged, screen: Console) -> str:
    print_verdict(screen, one.verdict, one.facts)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def rendered(renderable: RenderableType) -> str:
    screen = console()
    screen.print(renderable)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@VERDICTS
def test_no_line_is_wider_than_the_terminal(make: Callable[[], Judged]) -> None:
    assert max(len(line) for line in text_of(make(), console()).splitlines()) <= 80


@VERDICTS
def test_each_observed_value_stands_whole_on_a_line(make: Callable[[], Judged]) -> None:
    one = make()
    lines = text_of(one, console()).splitlines()
    for outcome in one.verdict.outcomes:
        assert any(f" {outcome.observed} " in line and outcome.state.value in line for line in lines)


def test_the_verdict_is_drawn_as_in_the_golden_file(golden: Golden) -> None:
    drawn = text_of(failing(), console())
    golden("verdict-fail.txt", "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n")


@VERDICTS
def test_the_verdict_is_the_last_thing_with_its_cause(make: Callable[[], Judged]) -> None:
    one = make()
    lines = [line.strip() for line in text_of(one, console()).splitlines()]
    at = lines.index(one.verdict.state.value)
    assert at > lines.index(next(line for line in lines if line.startswith("criterion")))
    if one.verdict.advice:
        assert any(line.startswith("try first: ") for line in lines[at:])


def test_no_color_is_honoured_and_a_terminal_has_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in text_of(failing(), console(colour=True))
    monkeypatch.setenv("NO_COLOR", "1")
    plain = text_of(failing(), console(colour=True))
    assert "\x1b[3" not in plain
    assert "\x1b[4" not in plain


@pytest.mark.parametrize("profile", ["demo", "smoke", "peak", "endurance"])
def test_a_plan_fits_80_columns_with_whole_values(profile: str) -> None:
    plan = make_plan(settings_of(profile), 5, Machine(2, 4 * 1024**3))
    text = rendered(plan_table(plan))
    assert max(len(line) for line in text.splitlines()) <= 80
    for figure in plan.figures:
        assert any(figure.value in line for line in text.splitlines()), figure


def test_markup_in_what_a_server_said_is_shown_and_not_obeyed() -> None:
    check = Check("gateway", CheckState.FAILED, "said [bold]x[/] [/nothing]", "try [red]this")
    assert "said [bold]x[/] [/nothing]" in rendered(check_lines(check))
    assert "try [red]this" in rendered(check_lines(check))


@pytest.mark.parametrize("order", ["\x1b[2J", "\x9b31m", "\x07", "\r", "\u202e", "\ud800"])
def test_a_server_gives_the_terminal_no_orders(order: str) -> None:
    verdict = passing(problems=(f"k6 said {order}",))
    assert order not in text_of(verdict, console())
    assert order not in rendered(check_lines(Check("token", CheckState.FAILED, order, order)))
