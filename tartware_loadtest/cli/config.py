"""``tartware-lt config``: where each value comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from tartware_loadtest.cli import options
from tartware_loadtest.cli.options import OutputFormat, with_settings

if TYPE_CHECKING:
    from tartware_loadtest.config.loader import Loaded

__all__ = ["app"]

app = typer.Typer(help="Show the settings.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    pass


@app.command(epilog="Example: tartware-lt config show --profile peak")
@with_settings(
    "profile", "config", "env_file", "target", "rate", "read_rate", "duration", "slo", "dialect", "age"
)
def show(
    *,
    loaded: Loaded,
    output: options.OutputFlag = OutputFormat.TEXT,
) -> None:
    """Show each setting and where it comes from: flag > profile > environment > dotenv > YAML > built-in.

    The token is only said to be there or not.
    """
    from tartware_loadtest.cli.console import write_data

    rows = _rows(loaded.settings.model_dump(mode="json"), loaded.origins)
    token = ("set", loaded.origins["token"]) if loaded.token else ("not set", "nowhere")
    rows.append((loaded.settings.target.token_variable, *token))
    if output is OutputFormat.JSON:
        document = {
            "settings": [{"name": name, "value": value, "origin": origin} for name, value, origin in rows],
            "conflicts": list(loaded.conflicts),
            "modified": list(loaded.settings.modified),
        }
        write_data(json.dumps(document, indent=2) + "\n")
        return
    width = max(len(name) for name, _, _ in rows)
    write_data("".join(f"{name:<{width}}  {value}  ({origin})\n" for name, value, origin in rows))
    for conflict in loaded.conflicts:
        typer.echo(f"conflict: {conflict}", err=True)
    if loaded.settings.modified:
        typer.echo(f"MODIFIED: not gate evidence: {'; '.join(loaded.settings.modified)}", err=True)


def _rows(document: dict[str, Any], origins: Any) -> list[tuple[str, str, str]]:
    from tartware_loadtest.config.slo import Criterion

    rows = [("profile", document["profile_name"], origins["profile"])]
    for section in ("target", "profile", "generator"):
        for key, value in document[section].items():
            if key != "slos":
                name = f"{section}.{key}"
                rows.append((name, _text(value), origins.get(name, "built-in")))
    rows += [(f"mix.{name}", _text(weight), origins["mix"]) for name, weight in document["mix"].items()]
    rows.append(("reads", ", ".join(document["reads"]), origins["reads"]))
    rows += [(key, _text(document[key]), origins[key]) for key in ("data", "runs", "seed")]
    for item in document["slos"]:
        criterion = Criterion.model_validate(item)
        advisory = "" if criterion.blocking else "advisory: "
        origin = origins[f"slos.{criterion.subject}"]
        rows.append((f"slo {criterion.subject}", f"{advisory}{criterion.text}", origin))
    return rows


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
