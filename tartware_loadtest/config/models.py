"""The settings of one run: frozen values, each validated once. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tartware_loadtest.config.slo import Criterion, parse_criterion
from tartware_loadtest.scenario.catalogue import COMMANDS, READS

__all__ = [
    "Age",
    "Criteria",
    "Dialect",
    "Duration",
    "FileName",
    "Frozen",
    "Generator",
    "Profile",
    "Settings",
    "Target",
    "Weight",
    "parse_duration",
]

_DURATION = re.compile(r"(?P<value>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(value: object) -> float:
    """Return seconds from k6's notation (``90s``, ``1m30s``, ``4h``) or from a plain number of seconds.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not re.fullmatch(
        rf"(?:{_DURATION.pattern.replace('?P<value>', '?:').replace('?P<unit>', '?:')})+", text
    ):
        raise ValueError(f"{text!r} is no duration; write it like 90s, 20m or 1h30m")
    return sum(float(part["value"]) * _SECONDS[part["unit"]] for part in _DURATION.finditer(text))


_LONGEST_SECONDS = 31 * 24 * 3600.0
Duration = Annotated[float, BeforeValidator(parse_duration), Field(ge=0, le=_LONGEST_SECONDS)]
Weight = Annotated[int, Field(ge=0, le=1_000_000)]
FileName = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]


class Frozen(BaseModel):
    """A value that never changes and has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Dialect(StrEnum):
    """How a command is sent: the generic endpoint, or its REST wrapper."""

    EXECUTE = "execute"
    REST = "rest"


class Age(StrEnum):
    """Which generation of Tartware answers; they differ in routes, bodies and codes."""

    H = "H"
    S = "S"


_URL = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9._~!$&'()*+,;=:%/-]*)?")


def _base_url(text: str) -> str:
    if not _URL.fullmatch(text) or not _has_host_and_port(text):
        # The part that is wrong may be a password, so the message does not repeat it.
        raise ValueError(
            "no base URL; write it like https://gateway.example.com:8080, without user, query or fragment"
        )
    return text


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
        return all(0 < len(label) < 64 for label in host.split(".")) and parts.port != 0
    except ValueError:
        return False


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Target(Frozen):
    """The deployment under test.

    The token is not part of it: ``token_variable`` names the environment variable that holds it.
    """

    base_url: BaseUrl = "http://127.0.0.1:8080"
    dialect: Dialect = Dialect.EXECUTE
    age: Age = Age.H
    token_variable: str = Field(default="API_TOKEN", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    verify_tls: bool = True


def _criterion(value: object) -> object:
    return parse_criterion(value) if isinstance(value, str) else value


Criteria = tuple[Annotated[Criterion, BeforeValidator(_criterion)], ...]


class Profile(Frozen):
    """What is asked of the target. Rates are per second, durations in seconds.

    ``strict`` says that the wiring itself is tested: a malformed request of ours is a failure, not an
    invalid run. ``slos`` replace or join the common ones.
    """

    command_rate: int = Field(gt=0, le=1_000_000)
    read_rate: int = Field(ge=0, le=1_000_000)
    health_rate: int = Field(default=100, ge=0, le=10_000)
    steady: Duration = Field(gt=0)
    ramp_up: Duration = 180.0
    ramp_down: Duration = 120.0
    strict: bool = False
    slos: Criteria = ()

    @property
    def total_seconds(self) -> float:
        """From the first to the last offered command."""
        return self.ramp_up + self.steady + self.ramp_down


class Generator(Frozen):
    """How k6 is set up, and what it is assumed to cost."""

    expected_latency: Duration = 0.25
    request_timeout: Duration = Field(default=10.0, gt=0)
    probe_limit_ms: float = Field(default=20.0, gt=0)
    gogc: int = Field(default=400, ge=25, le=2000)
    k6: str = ""


class Settings(Frozen):
    """Everything that a run is made from."""

    target: Target = Target()
    profile_name: str
    profile: Profile
    mix: dict[str, Weight]
    reads: tuple[str, ...]
    slos: Criteria
    generator: Generator = Generator()
    data: FileName = "loadtest-data.json"
    runs: FileName = "runs"
    seed: int = Field(default=1, ge=0, lt=2**31)
    modified: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        for name in self.mix:
            if name not in COMMANDS:
                raise ValueError(f"mix: unknown command {name!r}; known: {', '.join(COMMANDS)}")
        if not sum(self.mix.values()):
            raise ValueError("mix: all weights are 0")
        for name in self.reads:
            if name not in READS:
                raise ValueError(f"reads: unknown read {name!r}; known: {', '.join(READS)}")
        if len(set(self.reads)) < len(self.reads):
            raise ValueError("reads: a read stands twice; reads share the read rate evenly")
        return self
