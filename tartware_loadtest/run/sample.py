"""The sample of a run, where there is one."""

from __future__ import annotations

from pathlib import Path

from tartware_loadtest.config.models import Settings
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.writers.data_file import read_data_file

__all__ = ["sample_or_none"]


def sample_or_none(settings: Settings) -> Sample | None:
    """Read the data file; None where there is none yet.

    Raises:
        InputError: There is one, and it cannot be used.
    """
    path = Path(settings.data)
    return read_data_file(path) if path.exists() else None
