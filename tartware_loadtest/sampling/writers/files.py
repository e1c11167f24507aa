"""The files of one bootstrap: opened before the database is asked, rendered in memory, written together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tartware_loadtest.sampling.report import FileReport, file_report
from tartware_loadtest.sampling.sample import Sample
from tartware_loadtest.sampling.writers.data_file import render_data
from tartware_loadtest.sampling.writers.dotenv import read_dotenv, render_dotenv
from tartware_loadtest.sampling.writers.kustomization import read_kustomization, render_kustomization
from tartware_loadtest.sampling.writers.outputs import Output, Target, check_targets, open_target, write_all
from tartware_loadtest.sampling.writers.variables import ID_VARIABLES, check_url, owned_variables

__all__ = ["Files", "write_all"]


@dataclass(frozen=True, slots=True)
class Files:
    """Where to write.

    Attributes:
        env_file: The dotenv file.
        data: The data file.
        kustomization: The kustomization, or None.
        gateway_url: Value of GATEWAY_BASE_URL, or None to leave it as it is.
    """

    env_file: Path
    data: Path
    kustomization: Path | None = None
    gateway_url: str | None = None

    def open(self, *, touch: bool = True) -> list[Target]:
        """Read what is there, and find what would go wrong with writing.

        Args:
            touch: Whether to try the directories with a temporary file.

        Raises:
            InputError: A file cannot be written, read or edited, or the URL is none.
        """
        paths = [self.env_file, self.data, *([self.kustomization] if self.kustomization else [])]
        check_targets(paths, touch=touch)
        if self.gateway_url:
            check_url(self.gateway_url)
        targets = [open_target(path) for path in paths]
        if self.kustomization:
            render_kustomization(targets[-1].before, dict.fromkeys(ID_VARIABLES, ""), str(self.kustomization))
        return targets

    def render(self, targets: Sequence[Target], sample: Sample) -> list[Output]:
        """Return the new texts of the targets that ``open`` returned.

        Raises:
            InputError: As ``open``.
        """
        owned = owned_variables(sample, self.gateway_url)
        texts = [render_dotenv(targets[0].before, owned), render_data(sample)]
        if self.kustomization:
            texts.append(render_kustomization(targets[2].before, owned, str(self.kustomization)))
        return [Output(target, text) for target, text in zip(targets, texts, strict=True)]

    def report(self, outputs: Sequence[Output]) -> tuple[FileReport, ...]:
        """Say what happens to each file."""
        readers = (read_dotenv, None, read_kustomization)
        return tuple(file_report(output, read) for output, read in zip(outputs, readers, strict=False))
