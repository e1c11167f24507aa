"""Reads ``tartware-lt.yaml``: every mistake at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from tartware_loadtest.config.models import Criteria, Duration, FileName, Frozen, Generator, Target, Weight
from tartware_loadtest.errors import InputError

__all__ = ["ConfigFile", "ProfileFile", "builtin", "read_config", "validation_problems"]

Path_ = tuple[str | int, ...]
# It becomes part of a directory's name.
ProfileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class ProfileFile(Frozen):
    """A profile as written: what is absent comes from the profile that it extends, or from the defaults."""

    extends: str | None = None
    command_rate: int | None = Field(default=None, gt=0, le=1_000_000)
    read_rate: int | None = Field(default=None, ge=0, le=1_000_000)
    health_rate: int | None = Field(default=None, ge=0, le=10_000)
    steady: Duration | None = None
    ramp_up: Duration | None = None
    ramp_down: Duration | None = None
    strict: bool | None = None
    slos: Criteria = ()


class ConfigFile(Frozen):
    """The whole file; everything may be absent."""

    target: Target = Target()
    profile: str | None = None
    profiles: dict[ProfileName, ProfileFile] = Field(default_factory=dict)
    mix: dict[str, Weight] | None = None
    reads: tuple[str, ...] | None = None
    slos: Criteria = ()
    generator: Generator = Generator()
    database: str | None = None
    data: FileName | None = None
    runs: FileName | None = None
    seed: int | None = None


@cache
def builtin() -> ConfigFile:
    """Return the built-in profiles, mix and criteria."""
    text = resources.files("tartware_loadtest.config").joinpath("builtin.yaml").read_text(encoding="utf-8")
    return _parse(text, "built-in")


def read_config(path: Path) -> ConfigFile:
    """Read a configuration file.

    Raises:
        InputError: It cannot be read, is no YAML, or has mistakes: all of them, each with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {path}: {error}.", hint="Name the file with --config.") from error
    return _parse(text, str(path))


def _parse(text: str, name: str) -> ConfigFile:
    node, content = _yaml(text, name)
    if content is None:
        return ConfigFile()
    if not isinstance(content, dict):
        raise InputError(
            f"{name}: a mapping is expected at the top.", hint="Start with a key such as target:."
        )
    lines = dict(_lines(node, (), set()))
    problems = list(_duplicates(node, set()))
    config: ConfigFile | None = None
    try:
        config = ConfigFile.model_validate(content)
    except ValidationError as error:
        problems += [(_line_of(lines, loc), message) for loc, message in validation_problems(error)]
    problems += [(_line_of(lines, loc), message) for loc, message in _unknown_names(content)]
    if problems or config is None:
        ordered = [f"{name}:{line}: {message}" for line, message in sorted(set(problems))]
        raise InputError("\n".join(ordered), hint="Mend the lines above; nothing was run.")
    return config


def _yaml(text: str, name: str) -> tuple[yaml.Node | None, Any]:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or "no YAML"
    except ValueError as error:
        # A date that does not exist, a number of thousands of digits.
        where, problem = name, str(error)
    except RecursionError:
        where, problem = name, "nested too deeply"
    raise InputError(f"{where}: {problem}.", hint="Mend the YAML; nothing was run.")


def validation_problems(error: ValidationError) -> Iterator[tuple[Path_, str]]:
    """Yield place and message of each problem that pydantic found."""
    for problem in error.errors(include_url=False, include_input=False):
        loc = tuple(part for part in problem["loc"] if part not in {"function-before", "[key]"})
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "unknown key"
        yield loc, f"{'.'.join(str(part) for part in loc)}: {message}" if loc else message


def _unknown_names(content: dict[str, Any]) -> Iterator[tuple[Path_, str]]:
    from tartware_loadtest.scenario.catalogue import COMMANDS, READS  # noqa: PLC0415 - keeps the cycle away

    mix, reads = content.get("mix"), content.get("reads")
    for name in mix if isinstance(mix, dict) else ():
        if name not in COMMANDS:
            yield ("mix", name), f"mix: unknown command {name!r}; known: {', '.join(COMMANDS)}"
    for index, name in enumerate(reads if isinstance(reads, list) else ()):
        if name not in READS:
            yield ("reads", index), f"reads: unknown read {name!r}; known: {', '.join(READS)}"


def _lines(node: yaml.Node | None, path: Path_, seen: set[int]) -> Iterator[tuple[Path_, int]]:
    # An alias leads to a node that was met before, and may lead to one that it is part of.
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, str(key.value)), seen)
            yield (*path, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, (*path, index), seen)


def _line_of(lines: dict[Path_, int], loc: Path_) -> int:
    for length in range(len(loc), -1, -1):
        if loc[:length] in lines:
            return lines[loc[:length]]
    return 1


def _duplicates(node: yaml.Node | None, met: set[int]) -> Iterator[tuple[int, str]]:
    if node is None or id(node) in met:
        return
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"{key.value} stands twice"
            seen.add(key.value)
            yield from _duplicates(value, met)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicates(item, met)
