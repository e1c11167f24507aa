"""The data file: the sample as JSON, the same bytes for the same sample, checked when it is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from tartware_loadtest.errors import InputError
from tartware_loadtest.files import write_atomically
from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample

__all__ = ["SCHEMA", "VERSION", "parse_data", "read_data_file", "render_data", "write_data_file"]

SCHEMA = "tartware-lt/sample"
VERSION = 1

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HINT = "Write it anew with: tartware-lt bootstrap."
T = TypeVar("T")


def render_data(sample: Sample) -> str:
    """Return the sample as JSON."""
    return json.dumps({"schema": SCHEMA, "version": VERSION, **asdict(sample)}, indent=1) + "\n"


def write_data_file(sample: Sample, path: Path) -> None:
    """Write the sample atomically, readable by its owner alone.

    Raises:
        InputError: The directory may not be written to.
        EngineError: The disk is full or failed; what was there before is untouched.
    """
    write_atomically(path, render_data(sample))


def read_data_file(path: Path) -> Sample:
    """Read a sample.

    Raises:
        InputError: The file is missing, no JSON, of another schema version, or holds what is no UUID or
            stands there twice; names the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"There is no data file {path}.", hint=_HINT) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {path}: {error}.", hint=_HINT) from error
    return parse_data(text, str(path))


def parse_data(text: str, name: str) -> Sample:
    """Return the sample in ``text``; ``name`` stands in messages.

    Raises:
        InputError: As ``read_data_file``.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"{name} is broken JSON: {error}.", hint=_HINT) from None
    except RecursionError:
        raise InputError(f"{name} is broken JSON: nested too deeply.", hint=_HINT) from None
    reader = _Reader(name)
    top = reader.mapping(document, "the document")
    if top.get("schema") != SCHEMA:
        raise InputError(f"{name} is no data file of tartware-lt (schema {SCHEMA}).", hint=_HINT)
    if top.get("version") != VERSION:
        raise InputError(f"{name} has version {top.get('version')!r}; this is version {VERSION}.", hint=_HINT)
    return Sample(
        tenants=reader.unique(reader.each(top, "tenants", "tenants", reader.tenant), "tenants", "tenant_id"),
        seed=reader.typed(top, "seed", "seed", int),
        taken_at=reader.typed(top, "taken_at", "taken_at", str),
        source=reader.typed(top, "source", "source", str),
    )


class _Reader:
    """Reads values and names the place of the first that is wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reservations: set[str] = set()

    def tenant(self, value: Any, place: str) -> TenantSample:
        one = self.mapping(value, place)
        return TenantSample(
            tenant_id=self.uuid(one, "tenant_id", place),
            stays=self.unique(self.each(one, "stays", f"{place}.stays", self.stay), f"{place}.stays"),
            guests=self.unique(self.each(one, "guests", f"{place}.guests", self.plain), f"{place}.guests"),
            reservations=self.unique(
                self.each(one, "reservations", f"{place}.reservations", self.reservation),
                f"{place}.reservations",
                "reservation_id",
            ),
            tasks=self.unique(
                self.each(one, "tasks", f"{place}.tasks", self.task), f"{place}.tasks", "task_id"
            ),
        )

    def stay(self, value: Any, place: str) -> Stay:
        one = self.mapping(value, place)
        return Stay(self.uuid(one, "property_id", place), self.uuid(one, "room_type_id", place))

    def task(self, value: Any, place: str) -> Task:
        one = self.mapping(value, place)
        return Task(self.uuid(one, "task_id", place), self.uuid(one, "staff_id", place))

    def reservation(self, value: Any, place: str) -> Reservation:
        one = self.mapping(value, place)
        read = Reservation(
            self.uuid(one, "reservation_id", place),
            self.uuid(one, "property_id", place),
            self.uuid(one, "guest_id", place),
            self.typed(one, "cancellable", f"{place}.cancellable", bool),
        )
        if read.reservation_id in self._reservations:
            raise self._wrong(f"{place}.reservation_id: {read.reservation_id} stands there twice")
        self._reservations.add(read.reservation_id)
        return read

    def each(
        self, holder: dict[str, Any], key: str, place: str, read: Callable[[Any, str], T]
    ) -> tuple[T, ...]:
        values = self.typed(holder, key, place, list)
        return tuple(read(value, f"{place}[{position}]") for position, value in enumerate(values))

    def unique(self, values: tuple[T, ...], place: str, key: str = "") -> tuple[T, ...]:
        seen: set[object] = set()
        for position, value in enumerate(values):
            identity = getattr(value, key) if key else value
            if identity in seen:
                raise self._wrong(f"{place}[{position}]: stands there twice")
            seen.add(identity)
        return values

    def uuid(self, holder: dict[str, Any], key: str, place: str) -> str:
        return self.plain(self.typed(holder, key, f"{place}.{key}", str), f"{place}.{key}")

    def plain(self, value: Any, place: str) -> str:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise self._wrong(f"{place}: {value!r:.60} is no UUID")
        return value.lower()

    def mapping(self, value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(f"{place}: not an object")
        return value

    def typed(self, holder: dict[str, Any], key: str, place: str, kind: type[T]) -> T:
        value = holder.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            found = "missing" if key not in holder else f"{type(value).__name__}, not {kind.__name__}"
            raise self._wrong(f"{place}: {found}")
        return value

    def _wrong(self, problem: str) -> InputError:
        return InputError(f"{self._name}: {problem}.", hint=_HINT)
