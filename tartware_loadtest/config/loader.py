"""Puts the settings together: flag > named profile > environment > dotenv > YAML > built-in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tartware_loadtest.config.file import ConfigFile, builtin, read_config, validation_problems
from tartware_loadtest.config.models import Settings, parse_duration
from tartware_loadtest.config.profiles import Profiles, merged_slos
from tartware_loadtest.config.slo import Criterion, parse_criterion
from tartware_loadtest.errors import InputError

__all__ = ["CONFIG_FILE", "ENV_FILE", "Flags", "Loaded", "load_settings"]

CONFIG_FILE = "tartware-lt.yaml"
ENV_FILE = ".env.loadtest"
_DEFAULTS = ("built-in", "default profile")
"""Layers that nobody chose: what overrides them is no conflict."""

_VARIABLES = {
    "GATEWAY_BASE_URL": "target.base_url",
    "COMMAND_TARGET_RATE": "profile.command_rate",
    "READ_RATE": "profile.read_rate",
    "TEST_DURATION": "profile.steady",
}


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line said; None and empty mean: nothing.

    Attributes:
        values: By the path of a setting, such as ``profile.command_rate``, with the flag's name.
        slos: Criteria in their notation.
        profile: The profile's name.
        config: The YAML file; by default ``tartware-lt.yaml`` where it exists.
        env_file: The dotenv file; by default ``.env.loadtest`` where it exists.
    """

    values: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    slos: tuple[str, ...] = ()
    profile: str | None = None
    config: Path | None = None
    env_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where they come from.

    Attributes:
        settings: Validated and frozen.
        origins: Path of a setting to the layer that it comes from.
        conflicts: Where two layers of the user's disagree: which one counts, and which one does not.
        variables: Dotenv below the process environment; may hold the token, so never print it.
        database: Connection string from the YAML file, or None.
    """

    settings: Settings
    origins: Mapping[str, str]
    conflicts: tuple[str, ...]
    variables: Mapping[str, str] = field(repr=False)
    database: str | None = field(default=None, repr=False)

    @property
    def token(self) -> str:
        """The API token, empty where there is none."""
        return self.variables.get(self.settings.target.token_variable, "").strip()


class _Layers:
    """Collects values from low to high precedence."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        self.conflicts: list[str] = []

    def put(self, path: str, value: object, origin: str) -> None:
        before = self.origins.get(path)
        if before and not before.startswith(_DEFAULTS) and _differ(path, self.values[path], value):
            self.conflicts.append(
                f"{path}: {value} ({origin}) counts, {self.values[path]} ({before}) does not"
            )
        self.values[path], self.origins[path] = value, origin

    def tree(self) -> dict[str, Any]:
        root: dict[str, Any] = {}
        for path, value in self.values.items():
            *parents, leaf = path.split(".", 1)
            node = root
            for parent in parents:
                node = node.setdefault(parent, {})
            node[leaf] = value
        return root


def _differ(path: str, one: object, other: object) -> bool:
    if path == "profile.steady":
        try:
            return parse_duration(one) != parse_duration(other)
        except ValueError:
            return True
    return str(one) != str(other)


def load_settings(flags: Flags, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read all layers and validate what they make.

    Args:
        flags: The command line.
        environment: The process environment; ``os.environ`` by default.

    Raises:
        InputError: A file, a variable or a flag is wrong; the message names all of them.
    """
    environment = os.environ if environment is None else environment
    file, file_name = _config_file(flags.config)
    dotenv, dotenv_name = _dotenv(flags.env_file)
    profiles = Profiles(file)
    named = flags.profile
    name = named or file.profile or builtin().profile or "smoke"
    layers = _Layers()
    _put_builtin(layers)
    _put_file(layers, file, file_name)
    if not named:
        _put_profile(layers, profiles, name, origin="profile" if file.profile else "default profile")
    _put_variables(layers, dotenv, dotenv_name)
    _put_variables(layers, environment, "environment")
    if named:
        _put_profile(layers, profiles, name)
    for path, (value, flag) in flags.values.items():
        layers.put(path, value, flag)
    layers.origins["profile"] = "--profile" if named else file_name if file.profile else "built-in"
    layers.origins["token"] = _token_origin(layers, environment, dotenv_name)
    slos = _slos(profiles, name, (file, file_name), flags.slos, layers)
    settings = _validate(layers, name, slos)
    modified = profiles.differences(settings)
    settings = settings.model_copy(update={"modified": modified})
    variables = {**dotenv, **environment}
    return Loaded(settings, layers.origins, tuple(layers.conflicts), variables, file.database)


def _config_file(path: Path | None) -> tuple[ConfigFile, str]:
    if path is not None:
        return read_config(path), str(path)
    default = Path(CONFIG_FILE)
    return (read_config(default), CONFIG_FILE) if default.is_file() else (ConfigFile(), CONFIG_FILE)


def _dotenv(path: Path | None) -> tuple[dict[str, str], str]:
    from dotenv import dotenv_values  # noqa: PLC0415 - only where a file is read

    file = path or Path(ENV_FILE)
    if not file.is_file():
        if path is not None:
            raise InputError(f"There is no file {path}.", hint="Write it with: tartware-lt bootstrap")
        return {}, str(file)
    try:
        values = dotenv_values(file, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {file}: {error}.") from error
    return {name: value for name, value in values.items() if value}, str(file)


def _put_builtin(layers: _Layers) -> None:
    defaults = builtin()
    for section in ("target", "generator"):
        for key, value in getattr(defaults, section).model_dump(mode="json").items():
            layers.put(f"{section}.{key}", value, "built-in")
    layers.put("mix", defaults.mix, "built-in")
    layers.put("reads", defaults.reads, "built-in")
    for key in ("data", "runs", "seed"):
        layers.put(key, Settings.model_fields[key].default, "built-in")


def _put_file(layers: _Layers, file: ConfigFile, name: str) -> None:
    for section in ("target", "generator"):
        value = getattr(file, section)
        for key in sorted(value.model_fields_set):
            layers.put(f"{section}.{key}", value.model_dump(mode="json")[key], name)
    for key in ("mix", "reads", "data", "runs", "seed"):
        if getattr(file, key) is not None:
            layers.put(key, getattr(file, key), name)


def _put_variables(layers: _Layers, variables: Mapping[str, str], origin: str) -> None:
    for variable, path in _VARIABLES.items():
        if variables.get(variable, "").strip():
            layers.put(path, variables[variable].strip(), f"{variable} in {origin}")


def _put_profile(layers: _Layers, profiles: Profiles, name: str, *, origin: str = "profile") -> None:
    for key, value in profiles.values(name).items():
        layers.put(f"profile.{key}", value, f"{origin} {name}")


def _token_origin(layers: _Layers, environment: Mapping[str, str], dotenv_name: str) -> str:
    return "environment" if layers.values["target.token_variable"] in environment else dotenv_name


def _slos(
    profiles: Profiles, name: str, named_file: tuple[ConfigFile, str], flags: tuple[str, ...], layers: _Layers
) -> tuple[Criterion, ...]:
    try:
        given = tuple(parse_criterion(text) for text in flags)
    except ValueError as error:
        raise InputError(f"--slo: {error}.") from error
    file, file_name = named_file
    for criterion in (*builtin().slos, *file.slos, *profiles.slos(name), *given):
        layers.origins[f"slos.{criterion.subject}"] = (
            "--slo"
            if criterion in given
            else f"profile {name}"
            if criterion in profiles.slos(name)
            else file_name
            if criterion in file.slos
            else "built-in"
        )
    return merged_slos(builtin().slos, file.slos, profiles.slos(name), given)


def _validate(layers: _Layers, name: str, slos: tuple[Criterion, ...]) -> Settings:
    try:
        return Settings.model_validate({**layers.tree(), "profile_name": name, "slos": slos})
    except ValidationError as error:
        problems = []
        for loc, message in validation_problems(error):
            origin = layers.origins.get(".".join(str(part) for part in loc[:2]), "")
            problems.append(f"{message}" + (f" ({origin})" if origin else ""))
        raise InputError("\n".join(problems), hint="Mend the values above; nothing was run.") from error
