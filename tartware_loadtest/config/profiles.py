"""Named profiles, and in what a run differs from the one that it names."""

from __future__ import annotations

from typing import Any

from tartware_loadtest.config.file import ConfigFile, ProfileFile, builtin
from tartware_loadtest.config.models import Profile, Settings
from tartware_loadtest.config.slo import Criterion
from tartware_loadtest.errors import InputError

__all__ = ["Profiles", "merged_slos"]

_PLAIN = tuple(name for name in ProfileFile.model_fields if name not in {"extends", "slos"})


def merged_slos(*layers: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Join criteria; a later one replaces an earlier one with the same subject."""
    by_subject: dict[str, Criterion] = {}
    for layer in layers:
        for criterion in layer:
            by_subject[criterion.subject] = criterion
    return tuple(by_subject.values())


class Profiles:
    """The built-in profiles and those of a configuration file."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file
        self._all = {**builtin().profiles, **file.profiles}

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the built-in ones first."""
        return tuple(self._all)

    def _chain(self, name: str) -> list[ProfileFile]:
        chain: list[ProfileFile] = []
        seen: list[str] = []
        current: str | None = name
        while current is not None:
            profile = self._all.get(current)
            if profile is None:
                raise InputError(
                    f"There is no profile {current!r}.", hint=f"Choose one of: {', '.join(self._all)}."
                )
            if current in seen:
                raise InputError(
                    f"The profiles {' -> '.join([*seen, current])} extend each other in a circle."
                )
            seen.append(current)
            chain.insert(0, profile)
            extends = profile.extends
            if extends is None and current in self._file.profiles and current in builtin().profiles:
                chain.insert(0, builtin().profiles[current])
            current = extends
        return chain

    def values(self, name: str) -> dict[str, Any]:
        """Return the plain fields of a profile, those of the profiles that it extends included."""
        values: dict[str, Any] = {
            key: field.default for key, field in Profile.model_fields.items() if not field.is_required()
        }
        values.pop("slos")
        for profile in self._chain(name):
            values |= {key: getattr(profile, key) for key in _PLAIN if getattr(profile, key) is not None}
        return values

    def slos(self, name: str) -> tuple[Criterion, ...]:
        """Return the criteria that a profile adds."""
        return merged_slos(*(profile.slos for profile in self._chain(name)))

    def differences(self, settings: Settings) -> tuple[str, ...]:
        """Say in words in what the settings differ from the profile that they name.

        A built-in profile stands for the built-in mix and criteria; one of the file for the file's.
        """
        name = settings.profile_name
        own = name in self._file.profiles and name not in builtin().profiles
        origin = self if own else Profiles(ConfigFile())
        found = [
            f"{key} {getattr(settings.profile, key):g} instead of {value:g}"
            for key, value in origin.values(name).items()
            if getattr(settings.profile, key) != value
        ]
        defaults, file = builtin(), self._file if own else ConfigFile()
        if settings.mix != (file.mix or defaults.mix):
            found.append("another mix")
        if settings.reads != (defaults.reads if file.reads is None else file.reads):
            found.append("other reads")
        expected = {c.text: c for c in merged_slos(defaults.slos, file.slos, origin.slos(name))}
        actual = {c.text: c for c in settings.slos}
        found += [f"without {text}" for text in expected if actual.get(text) != expected[text]]
        found += [f"with {text}" for text in actual if expected.get(text) != actual[text]]
        return tuple(found)
