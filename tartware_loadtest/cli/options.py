"""Flags that several commands share, and how they become settings."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = [
    "AgeFlag",
    "ConfigFlag",
    "DataFlag",
    "DialectFlag",
    "DurationFlag",
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
OutputFlag = Annotated[OutputFormat, typer.Option("--output", "-o", help="json: the answer on stdout.")]

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


def settings_from(
    *,
    profile: str | None = None,
    config: Path | None = None,
    env_file: Path | None = None,
    slo: list[str] | None = None,
    **flags: Any,
) -> Loaded:
    """Load the settings with what the command line said.

    Raises:
        InputError: A flag, a file or a variable is wrong.
    """
    from tartware_loadtest.config.loader import Flags, load_settings

    values = {
        path: (flags[name], flag) for name, (path, flag) in _PATHS.items() if flags.get(name) is not None
    }
    return load_settings(
        Flags(values=values, slos=tuple(slo or ()), profile=profile, config=config, env_file=env_file)
    )
