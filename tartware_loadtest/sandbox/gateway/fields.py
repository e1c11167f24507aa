"""The field types of the commands' payloads: what the deployment's validators take."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

__all__ = [
    "UUID",
    "Amount",
    "Currency",
    "Date",
    "Email",
    "Name",
    "Phone",
    "Positive",
    "Reference",
    "Text3",
    "Text20",
    "Text50",
    "Text100",
    "Text120",
    "Text150",
    "Text255",
    "Text500",
    "Text2000",
    "is_uuid",
]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_PHONE = re.compile(r"[+\d ().-]{7,25}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")


def is_uuid(value: object) -> bool:
    """Whether ``value`` is spelled like a UUID of any version."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _uuid(value: str) -> str:
    if not is_uuid(value):
        raise ValueError("Invalid uuid")
    return value


def _email(value: str) -> str:
    if len(value) > 255 or not _EMAIL.fullmatch(value):
        raise ValueError("Invalid email")
    return value


def _phone(value: str) -> str:
    value = value.strip()
    if not _PHONE.fullmatch(value) or not 10 <= sum(letter.isdigit() for letter in value) <= 15:
        raise ValueError("Invalid phone number")
    return value


def _date(value: object) -> str:
    """Take what JavaScript's Date takes in practice, and return the day in UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value).isoformat()
        if isinstance(value, str):
            parsed = _instant(value)
            return (parsed if parsed.tzinfo is None else parsed.astimezone(UTC)).date().isoformat()
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError("Invalid date")


def _instant(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return parsedate_to_datetime(value)


def _number(value: object) -> object:
    if isinstance(value, str):
        return float(value.strip() or 0)
    if value is None or isinstance(value, bool):
        return float(value or 0)
    return value


UUID = Annotated[str, AfterValidator(_uuid)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
Date = Annotated[str, BeforeValidator(_date)]
Amount = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(min_length=3, max_length=3)]

# Trimmed, as every string of the deployment's validators.
Text3 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=3)]
Text20 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)]
Text50 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)]
Text100 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Text120 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Text150 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150)]
Text255 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]
Text500 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Text2000 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100)]
