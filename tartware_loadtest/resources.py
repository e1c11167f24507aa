"""Where the hand-written k6 modules and the templates are: in the checkout, or in the installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["k6_directory", "template_directory"]

_PACKAGE = Path(__file__).resolve().parent


@cache
def _data(name: str) -> Path:
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


def k6_directory() -> Path:
    """Return the directory of the k6 modules and of the pinned engine build."""
    return _data("k6")


def template_directory() -> Path:
    """Return the directory of the Jinja templates."""
    return _data("templates")
