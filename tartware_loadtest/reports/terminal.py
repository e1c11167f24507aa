"""The verdict on a terminal, readable at 80 columns."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tartware_loadtest.planning.plan import Plan
from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.printable import printable
from tartware_loadtest.verdict.criteria import Outcome, State
from tartware_loadtest.verdict.facts import Facts
from tartware_loadtest.verdict.judge import Verdict, VerdictState

__all__ = ["check_lines", "commands_table", "plan_table", "print_verdict"]

_STATE_STYLE = {
    State.MET: "green",
    State.MISSED: "bold red",
    State.OPEN: "yellow",
    State.NO_DATA: "yellow",
}
_VERDICT_STYLE = {
    VerdictState.PASS: "bold white on green",
    VerdictState.FAIL: "bold white on red",
    VerdictState.INVALID: "bold black on yellow",
}
_CHECK_STYLE = {
    CheckState.OK: "green",
    CheckState.WARNING: "yellow",
    CheckState.FAILED: "bold red",
    CheckState.SKIPPED: "yellow",
}


def print_verdict(console: Console, verdict: Verdict, facts: Facts) -> None:
    """Print criteria, commands and, last, the verdict with its cause."""
    console.print(Group(_criteria_table(verdict), *_commands(facts), *_conclusion(verdict)))


def _criteria_table(verdict: Verdict) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("criterion", overflow="fold", ratio=5)
    table.add_column("observed", justify="right", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=6)
    for outcome in verdict.outcomes:
        table.add_row(
            escape(outcome.criterion.text) + ("" if outcome.criterion.blocking else " [dim](advisory)[/]"),
            escape(outcome.observed),
            _result(outcome),
            escape(printable(outcome.reason)),
        )
    return table


def _result(outcome: Outcome) -> Text:
    text = Text(outcome.state.value, style=_STATE_STYLE[outcome.state])
    if outcome.marginal:
        text.append("\nMARGINAL", style="yellow")
    return text


def _commands(facts: Facts) -> list[RenderableType]:
    return [commands_table(facts)] if facts.commands or facts.missing_commands else []


def commands_table(facts: Facts) -> Table:
    """Return counts of the steady stage by command."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("steady stage", overflow="fold")
    for name in ("accepted", "failed", "not sent"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in sorted({*facts.commands, *facts.missing_commands}):
        share = facts.commands.get(name)
        accepted, failed = (share.hits, share.total - share.hits) if share else (0, 0)
        missing = facts.missing_commands.get(name, 0)
        table.add_row(name, f"{accepted:,}", _bad(failed), _bad(missing))
    return table


def _bad(count: int) -> Text:
    return Text(f"{count:,}", style="red" if count else "")


def _conclusion(verdict: Verdict) -> list[RenderableType]:
    title = Text(f" {verdict.state.value} ", style=_VERDICT_STYLE[verdict.state])
    if verdict.marginal:
        title.append("  MARGINAL: decided within its own uncertainty", style="yellow")
    lines: list[RenderableType] = [title]
    lines += [Text(f"generator: {verdict.generator.text}", style="dim")]
    lines += [Text(printable(f"because {problem}"), style="yellow") for problem in verdict.problems]
    lines += [Text(f"note: {note}", style="yellow") for note in verdict.notes]
    if verdict.advice:
        lines.append(Text(printable(f"most likely cause: {verdict.advice.cause}")))
        lines.append(Text(f"try first: {verdict.advice.first_try}"))
    if verdict.modified:
        lines.append(Text("MODIFIED: not gate evidence: " + "; ".join(verdict.modified), style="bold yellow"))
    return [Padding(Group(*lines), (0, 0, 1, 0))]


def plan_table(plan: Plan) -> Table:
    """Return the figures of a plan, each with its reason."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("needs", overflow="fold")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("because", overflow="fold", ratio=1)
    for figure in plan.figures:
        why = escape(figure.reason) + (f"\n[bold red]{escape(figure.too_much)}[/]" if figure.too_much else "")
        table.add_row(figure.name, figure.value, why)
    return table


def check_lines(check: Check) -> Text:
    """Return one check, with its fix where there is one."""
    text = Text(f"{check.state.value:>8}  ", style=_CHECK_STYLE[check.state])
    text.append(printable(f"{check.name}: {check.detail}"), style="default")
    if check.fix:
        text.append(printable(f"\n          {check.fix}"), style="dim")
    return text
