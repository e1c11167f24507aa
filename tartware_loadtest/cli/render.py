"""``tartware-lt render``: write the bundle to look at, to commit, or to run with plain k6."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tartware_loadtest.cli.options import with_settings

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = ["EPILOG", "render"]

EPILOG = "Example: tartware-lt render --profile demo --out bundle && k6 run bundle/command-pipeline.js"


@with_settings(
    "profile",
    "config",
    "env_file",
    "target",
    "rate",
    "read_rate",
    "duration",
    "slo",
    "dialect",
    "age",
    "data",
    "seed",
)
def render(
    *,
    loaded: Loaded,
    out: Annotated[Path, typer.Option("--out", help="Directory for the files; made if absent.")],
    lists: Annotated[
        bool, typer.Option("--lists", help="Take the ID lists from the environment instead of the data file.")
    ] = False,
) -> None:
    """Write the k6 bundle; it runs under plain k6 too, with API_TOKEN and GATEWAY_BASE_URL set.

    The same input gives the same bytes; each run of the bundle sends keys of its own.
    """
    from tartware_loadtest.cli.console import stderr
    from tartware_loadtest.files import write_atomically
    from tartware_loadtest.run.preparation import prepare_plan
    from tartware_loadtest.runners.machine import this_machine
    from tartware_loadtest.sampling.writers.data_file import read_data_file
    from tartware_loadtest.scenario.bundle import build_bundle, environment_bundle
    from tartware_loadtest.scenario.pools import build_pools

    if lists:
        bundle = environment_bundle(loaded.settings, prepare_plan(loaded, None, this_machine()))
        stderr().print("IDs will come from separate lists: nothing then says which of them belong together.")
    else:
        sample = read_data_file(Path(loaded.settings.data))
        bundle = build_bundle(
            loaded.settings, prepare_plan(loaded, sample, this_machine()), build_pools(sample)
        )
    for name, text in bundle.files.items():
        write_atomically(out / name, text)
    stderr().print(f"wrote {len(bundle.files)} files to {out}", soft_wrap=True, markup=False)
