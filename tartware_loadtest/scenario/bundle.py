"""The bundle: every file that k6 needs, as text. Touches no network; reads the hand-written modules only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tartware_loadtest import __version__
from tartware_loadtest.config.models import Age, Dialect, Settings
from tartware_loadtest.errors import InputError
from tartware_loadtest.planning.plan import Plan, ScenarioPlan
from tartware_loadtest.resources import k6_directory
from tartware_loadtest.scenario.catalogue import CANCEL, COMMANDS, MODIFY, READS
from tartware_loadtest.scenario.pools import Pools
from tartware_loadtest.scenario.stay import FIRST_DAY, NIGHTS, SPREAD_DAYS
from tartware_loadtest.scenario.submetrics import declared_submetrics, k6_thresholds, slow_rates

__all__ = ["CANARY", "ENTRY", "Bundle", "build_bundle", "environment_bundle"]

ENTRY = "command-pipeline.js"
CANARY = "canary.js"
_SHARED_FROM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bundle:
    """File name to text; all files lie in one directory."""

    files: Mapping[str, str]


def build_bundle(settings: Settings, plan: Plan, pools: Pools) -> Bundle:
    """Render the scenario for a sample; the same input gives the same bytes.

    Raises:
        InputError: The dialect cannot send a command of the mix, or a pool that it needs is empty.
    """
    _refuse_empty(plan, pools)
    data = json.dumps(pools, separators=(",", ":"))
    where = "small" if len(data) < _SHARED_FROM_BYTES else "shared"
    return Bundle({**_modules(), "plan.json": _plan_json(settings, plan, where), "data.json": data + "\n"})


def environment_bundle(settings: Settings, plan: Plan) -> Bundle:
    """Render the scenario without data: it takes the ID lists from the environment when it runs.

    Lists cannot say which IDs belong together; a bundle with tuples can.
    """
    return Bundle({**_modules(), "plan.json": _plan_json(settings, plan, "environment")})


def _modules() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(k6_directory().glob("*.js"))}


def _refuse_empty(plan: Plan, pools: Pools) -> None:
    for scenario in plan.of_kind("command"):
        pool = "reservations" if scenario.subject == CANCEL else COMMANDS[scenario.subject].pool
        if not pools[pool]:
            raise InputError(
                f"The sample has no {pool}, and {scenario.subject} needs them.",
                hint=f"Run bootstrap on a database that has some, or give {scenario.subject} the weight 0.",
            )


def _wrappers(settings: Settings, plan: Plan) -> dict[str, str]:
    if settings.target.dialect is Dialect.EXECUTE:
        return {}
    wrappers = {}
    for subject in {subject for _, subject in plan.series()}:
        command = COMMANDS[subject]
        at_h = settings.target.age is Age.H
        template = command.wrapper or (command.wrapper_at_h if at_h else "")
        if template:
            wrappers[subject] = template
        elif not at_h:
            raise InputError(
                f"{subject} cannot be sent in dialect rest at age S: its REST route always answers "
                "400 RESERVATION_ID_REQUIRED, and the gateway has no generic endpoint.",
                hint=f"Set the weight of {subject} to 0, or send to the command center with dialect execute.",
            )
    return dict(sorted(wrappers.items()))


def _url_name(subject: str, wrappers: Mapping[str, str]) -> str:
    return wrappers.get(subject) or f"/v1/commands/{subject}/execute"


def _scenario_json(scenario: ScenarioPlan, wrappers: Mapping[str, str]) -> dict[str, object]:
    common: dict[str, object] = {
        "name": scenario.name,
        "kind": scenario.kind,
        "subject": scenario.subject,
        "rate": {"count": scenario.rate.count, "seconds": scenario.rate.seconds},
        "vus": scenario.vus,
    }
    if scenario.kind == "command":
        return {
            **common,
            "url_name": _url_name(scenario.subject, wrappers),
            "consumes": scenario.subject == CANCEL,
        }
    if scenario.kind == "read":
        path = READS[scenario.subject].path
        return {**common, "url_name": path, "path": path}
    return {**common, "url_name": "/health" if scenario.kind == "health" else "generator probe"}


def _plan_json(settings: Settings, plan: Plan, data: str) -> str:
    profile, wrappers = settings.profile, _wrappers(settings, plan)
    document = {
        "base_url": settings.target.base_url.rstrip("/"),
        "token_variable": settings.target.token_variable,
        "verify_tls": settings.target.verify_tls,
        "user_agent": f"tartware-lt/{__version__}",
        "seed": settings.seed,
        "data": data,
        "command_rate": profile.command_rate,
        "read_rate": profile.read_rate,
        "ramp_up_seconds": profile.ramp_up,
        "steady_seconds": profile.steady,
        "ramp_down_seconds": profile.ramp_down,
        "request_timeout_ms": round(settings.generator.request_timeout * 1000),
        "stay": {"first_day": FIRST_DAY, "spread_days": SPREAD_DAYS, "nights": NIGHTS},
        "wrappers": wrappers,
        "consuming": [CANCEL],
        "modify_url_name": _url_name(MODIFY, wrappers),
        "slow": slow_rates(settings.slos),
        "scenarios": [_scenario_json(scenario, wrappers) for scenario in plan.scenarios],
        "achieved_share": _achieved_share(settings),
        "declared": declared_submetrics(settings, plan),
        "thresholds": k6_thresholds(settings, plan),
    }
    return json.dumps(document, indent=2) + "\n"


def _achieved_share(settings: Settings) -> float:
    return max((c.limit for c in settings.slos if c.metric == "achieved_rate" and c.blocking), default=0.0)
