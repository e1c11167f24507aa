"""The dotenv file: our variables replaced or added, every other byte as it was. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from dotenv.parser import parse_stream

from tartware_loadtest.sampling.writers.variables import VARIABLES, check_value

__all__ = ["read_dotenv", "render_dotenv"]

_LEAD = re.compile(r"\s*(?:export[^\S\r\n]+)?")
_HEADER = (
    "# Written by tartware-lt bootstrap: it renews the lists of IDs and leaves every other line as it is.\n"
    "# For a shell: set -a; . ./.env.loadtest; set +a\n"
)
_HINTS: Mapping[str, str] = {
    "GATEWAY_BASE_URL": "http://localhost:8080",
    "API_TOKEN": "",
    "COMMAND_TARGET_RATE": "1000",
    "READ_RATE": "1000",
    "TEST_DURATION": "2m",
}


def render_dotenv(existing: str | None, owned: Mapping[str, str]) -> str:
    """Return the file with the owned variables set.

    Lines of owned variables are replaced where they stand (an ``export`` before them stays), missing ones
    are added at the end. A file that did not exist gets the other variables of the guide as commented hints:
    values that bootstrap does not know are never made up.

    Args:
        existing: The file's text with its own line ends, or None.
        owned: Variables and values.

    Raises:
        InputError: A value would not be read alike by shell, Docker and python-dotenv.
    """
    for name, value in owned.items():
        check_value(name, value)
    if not existing:
        return _HEADER + "".join(_fresh_line(name, owned) for name in VARIABLES)
    mark = "\ufeff" if existing.startswith("\ufeff") else ""
    present: set[str] = set()
    pieces: list[str] = [mark]
    for binding in parse_stream(io.StringIO(existing)):
        text = binding.original.string
        if binding.key is not None and binding.key in owned:
            present.add(binding.key)
            lead = _LEAD.match(text)
            text = f"{lead.group() if lead else ''}{binding.key}={owned[binding.key]}\n"
        pieces.append(text)
    kept = "".join(pieces)
    added = "".join(f"{name}={value}\n" for name, value in owned.items() if name not in present)
    return kept + (_separator(kept) + added if added else "")


def read_dotenv(text: str) -> dict[str, str]:
    """Return the variables of a dotenv file as they stand, without looking at the process's environment."""
    return {
        binding.key: binding.value or ""
        for binding in parse_stream(io.StringIO(text))
        if binding.key is not None
    }


def _fresh_line(name: str, owned: Mapping[str, str]) -> str:
    return f"{name}={owned[name]}\n" if name in owned else f"# {name}={_HINTS.get(name, '')}\n"


def _separator(kept: str) -> str:
    ended = kept.endswith("\n")
    # A shell joins a line that ends in a backslash with the next one: an empty line takes the joining.
    if kept.rstrip("\r\n").endswith("\\"):
        return "\n" if ended else "\n\n"
    return "" if ended else "\n"
