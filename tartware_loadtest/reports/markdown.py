"""The evidence document: one page of Markdown that a person can sign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tartware_loadtest.printable import printable
from tartware_loadtest.resources import template_directory

__all__ = ["evidence"]

# What would end the cell, begin a tag, a link or code; "p95 < 500ms" stays readable.
_SPECIAL = re.compile(r"[|`\[]|<(?=[A-Za-z/!?])")


def evidence(record: Mapping[str, Any]) -> str:
    """Render ``evidence.md`` from the record of a finished run."""
    from jinja2 import FileSystemLoader, StrictUndefined  # noqa: PLC0415 - slow to import, needed at the end
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415 - as above

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(template_directory() / "reports"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    template = environment.get_template("evidence.md.j2")
    return template.render(record=record, verdict=record["verdict"], facts=record["facts"])


def _cell(value: object) -> str:
    """Return text that stays in its table cell and is text: what a server answered may stand in it."""
    text = printable(" ".join(str(value).split()))
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
