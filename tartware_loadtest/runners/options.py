"""k6's command line: what every run needs on it, and what a user may add to it."""

from __future__ import annotations

from collections.abc import Sequence

from tartware_loadtest.errors import InputError
from tartware_loadtest.resources import k6_directory

__all__ = ["check_arguments", "no_config_file", "run_arguments"]

_TREND_STATS = "avg,min,med,max,p(50),p(90),p(95),p(99),p(99.9),count"

_RATES = "Change the rates and durations of the profile."
_SUMMARY = "The run reads k6's summary itself; find it in the run directory."
_WATCHED = "The run is followed by what k6 prints; its log is k6.log in the run directory."
_SCENARIO = "The rendered scenario depends on it."
_REFUSED = {
    "vus": _RATES,
    "duration": _RATES,
    "iterations": _RATES,
    "stage": _RATES,
    "rps": _RATES,
    "min-iteration-duration": _RATES,
    "execution-segment": "One native run is one k6; several shards run in Kubernetes.",
    "execution-segment-sequence": "One native run is one k6; several shards run in Kubernetes.",
    "paused": "Nobody would start it again.",
    "linger": "k6 would never end.",
    "no-setup": _SCENARIO,
    "no-teardown": _SCENARIO,
    "throw": _SCENARIO,
    "system-tags": _SCENARIO,
    "discard-response-bodies": _SCENARIO,
    "include-system-env-vars": _SCENARIO,
    "env": "It puts values where every user of this machine can read them; set them in the configuration.",
    "config": "Set it in the configuration of tartware-lt.",
    "no-thresholds": "Change the SLOs in the profile; a changed profile is reported as such.",
    "no-summary": _SUMMARY,
    "summary-mode": _SUMMARY,
    "summary-export": _SUMMARY,
    "summary-trend-stats": _SUMMARY,
    "new-machine-readable-summary": _SUMMARY,
    "features": _SUMMARY,
    "address": "The runner chooses the address of k6's REST API.",
    "log-format": _WATCHED,
    "log-output": _WATCHED,
    "quiet": _WATCHED,
    "help": "Ask k6 itself: k6 run --help.",
    "version": "Use tartware-lt k6 version.",
}
_SHORT = {
    "u": "vus",
    "d": "duration",
    "i": "iterations",
    "s": "stage",
    "p": "paused",
    "l": "linger",
    "w": "throw",
    "e": "env",
    "c": "config",
    "a": "address",
    "q": "quiet",
    "h": "help",
}
_SHORT_WITH_VALUE = frozenset("udiseato")


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuse what would make the run another one than it says it is.

    Raises:
        InputError: An argument is not allowed; the hint names what to use instead.
    """
    after_option = False
    for argument in arguments:
        if not argument.startswith("-") or argument == "-":
            if not after_option:
                raise InputError(
                    f"k6 argument {argument!r} is not an option.",
                    hint="Only options of `k6 run` may follow `--`; the script is the rendered one.",
                )
            after_option = False
            continue
        if argument == "--":
            raise InputError("A second `--` has no meaning.", hint="Leave it out.")
        for name in _names(argument):
            if name in _REFUSED:
                raise InputError(f"k6 option {argument!r} would falsify the run.", hint=_REFUSED[name])
        after_option = "=" not in argument


def _names(argument: str) -> list[str]:
    """Return the long names of what one argument switches on; short ones may stand together."""
    if argument.startswith("--"):
        return [argument[2:].partition("=")[0]]
    names = []
    for letter in argument[1:].partition("=")[0]:
        names.append(_SHORT.get(letter, letter))
        if letter in _SHORT_WITH_VALUE:
            break
    return names


def no_config_file() -> str:
    """Return an empty k6 configuration file, so that ``~/.config/k6/config.json`` has no say."""
    return str(k6_directory() / "engine" / "no-config.json")


def run_arguments(entry: str, *, api: str, summary: str, extra: Sequence[str], config: str = "") -> list[str]:
    """Return the arguments of k6, from ``run`` on."""
    return [
        "run",
        *(("--config", config) if config else ()),
        "--address",
        api,
        "--summary-mode=compact",
        "--summary-export",
        summary,
        "--summary-trend-stats",
        _TREND_STATS,
        "--no-color",
        *extra,
        entry,
    ]
