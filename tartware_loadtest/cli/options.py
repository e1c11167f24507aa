"""Flags that several commands share, and how they become settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = [
    "AgeFlag",
    "ConfigFlag",
    "DataFlag",
    "DialectFlag",
    "DurationFlag",
    "EngineFlag",
    "EnvFileFlag",
    "OutputFlag",
    "OutputFormat",
    "ProfileFlag",
    "RateFlag",
    "ReadRateFlag",
    "RunsFlag",
    "SeedFlag",
    "SloFlag",
    "TargetFlag",
    "settings_from",
    "with_settings",
]


class OutputFormat(Enum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


ProfileFlag = Annotated[
    str | None,
    typer.Option("--profile", "-p", help="smoke, peak, endurance, demo or one of the configuration."),
]
ConfigFlag = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; by default tartware-lt.yaml.")
]
EnvFileFlag = Annotated[
    Path | None, typer.Option("--env-file", help="Dotenv file; by default .env.loadtest.")
]
TargetFlag = Annotated[str | None, typer.Option("--target", help="Base URL of the API gateway.")]
RateFlag = Annotated[
    int | None, typer.Option("--rate", help="Commands per second, instead of the profile's.")
]
ReadRateFlag = Annotated[
    int | None, typer.Option("--read-rate", help="Reads per second, instead of the profile's.")
]
DurationFlag = Annotated[
    str | None, typer.Option("--duration", help="Steady stage, such as 90s or 20m, instead of the profile's.")
]
SloFlag = Annotated[
    list[str] | None,
    typer.Option("--slo", help="A criterion, such as 'command_duration_ms p99 < 1s'; may be repeated."),
]
DialectFlag = Annotated[str | None, typer.Option("--dialect", help="execute or rest.")]
AgeFlag = Annotated[str | None, typer.Option("--age", help="Generation of the target: H or S.")]
DataFlag = Annotated[str | None, typer.Option("--data", help="Data file that bootstrap wrote.")]
RunsFlag = Annotated[str | None, typer.Option("--runs", help="Directory that holds the run directories.")]
SeedFlag = Annotated[int | None, typer.Option("--seed", help="Which rows the iterations begin with.")]
EngineFlag = Annotated[str | None, typer.Option("--k6", help="Path of the k6 to use.")]
OutputFlag = Annotated[OutputFormat, typer.Option("--output", "-o", help="json: the answer on stdout.")]

_FLAGS: Mapping[str, object] = {
    "profile": ProfileFlag,
    "config": ConfigFlag,
    "env_file": EnvFileFlag,
    "target": TargetFlag,
    "rate": RateFlag,
    "read_rate": ReadRateFlag,
    "duration": DurationFlag,
    "slo": SloFlag,
    "dialect": DialectFlag,
    "age": AgeFlag,
    "data": DataFlag,
    "runs": RunsFlag,
    "seed": SeedFlag,
    "k6": EngineFlag,
}
_PATHS = {
    "target": ("target.base_url", "--target"),
    "rate": ("profile.command_rate", "--rate"),
    "read_rate": ("profile.read_rate", "--read-rate"),
    "duration": ("profile.steady", "--duration"),
    "dialect": ("target.dialect", "--dialect"),
    "age": ("target.age", "--age"),
    "data": ("data", "--data"),
    "runs": ("runs", "--runs"),
    "seed": ("seed", "--seed"),
    "k6": ("generator.k6", "--k6"),
}


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command shared flags, and call it with ``loaded``: the settings that they make.

    Args:
        names: Which of the shared flags; they come before the command's own.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        # ``Loaded`` is imported for the type checker alone: its module would make --help slow.
        hints = get_type_hints(command, localns={"Loaded": object}, include_extras=True)
        own = [
            parameter.replace(annotation=hints[parameter.name])
            for parameter in inspect.signature(command).parameters.values()
            if parameter.name != "loaded"
        ]
        first = [parameter for parameter in own if parameter.kind is not parameter.KEYWORD_ONLY]
        shared = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_FLAGS[name])
            for name in names
        ]

        def run(*arguments: object, **options: object) -> None:
            chosen = {name: options.pop(name) for name in names}
            command(*arguments, loaded=settings_from(**chosen), **options)

        parameters = [*first, *shared, *own[len(first) :]]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
        return run

    return decorate


def settings_from(**chosen: Any) -> Loaded:
    """Load the settings with what the command line said, by the names of the shared flags.

    Raises:
        InputError: A flag, a file or a variable is wrong.
    """
    from tartware_loadtest.config.loader import Flags, load_settings

    values = {
        path: (chosen[name], flag) for name, (path, flag) in _PATHS.items() if chosen.get(name) is not None
    }
    return load_settings(
        Flags(
            values=values,
            slos=tuple(chosen.get("slo") or ()),
            profile=chosen.get("profile"),
            config=chosen.get("config"),
            env_file=chosen.get("env_file"),
        )
    )
