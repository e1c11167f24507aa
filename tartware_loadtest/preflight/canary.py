"""One command and one read of each kind for each tenant, sent by k6 with the very code of the load."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tartware_loadtest.preflight.check import Check, CheckState
from tartware_loadtest.verdict.causes import REJECTION_ADVICE

__all__ = ["Answer", "check_canaries", "read_answers"]

_LINE = re.compile(r"CANARY ([A-Za-z0-9+/=]+)")
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said to one canary.

    Attributes:
        tenant: Its tenant.
        kind: ``command`` or ``read``.
        subject: The command or read.
        status: HTTP status, 0 without an answer, -1 where the sample had no row for it.
        rejection: Its class, empty if it was accepted.
        headers: The few that tell of limits, in lower case.
        body: The beginning of the body of a refusal.
        spent: The reservation that it cancelled, empty if none.
        milliseconds: How long it took.
    """

    tenant: str
    kind: str
    subject: str
    status: int
    rejection: str
    headers: Mapping[str, str]
    body: str
    spent: str
    milliseconds: float

    @property
    def problem(self) -> str:
        """The problem code and detail that the body names, else the body itself."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return self.body[:200]
        if not isinstance(document, dict):
            return self.body[:200]
        words = [str(document[key]) for key in ("code", "error", "detail", "message") if document.get(key)]
        return ": ".join(dict.fromkeys(words))[:300]


def read_answers(log: str, secrets: Sequence[str]) -> list[Answer]:
    """Read the canaries' answers from k6's log; secrets that a body echoes are blotted out.

    A line that was cut off counts as no answer.
    """
    answers = []
    for match in _LINE.finditer(log):
        try:
            text = base64.b64decode(match[1], validate=True).decode("utf-8", "replace")
            answers.append(_answer(json.loads(_blotted(text, secrets))))
        except (ValueError, KeyError, TypeError):
            continue
    return answers


def _blotted(text: str, secrets: Sequence[str]) -> str:
    for secret in filter(None, secrets):
        # As it is, and as JSON in JSON writes it: a body is a string of the line, and mostly JSON itself.
        once = json.dumps(secret)[1:-1]
        for form in (json.dumps(once)[1:-1], once, secret):
            text = text.replace(form, "***")
    return text


def _answer(document: Mapping[str, Any]) -> Answer:
    return Answer(
        tenant=str(document["tenant"]),
        kind=str(document["kind"]),
        subject=str(document["subject"]),
        status=int(document["status"]),
        rejection=str(document.get("rejection", "")),
        headers=dict(document.get("headers", {})),
        body=str(document.get("body", "") or document.get("error", "")),
        spent=str(document.get("spent", "")),
        milliseconds=float(document.get("milliseconds", 0.0)),
    )


def check_canaries(answers: Sequence[Answer], expected: int) -> Check:
    """Judge the canaries: all accepted, or each refusal with its usual cause.

    Args:
        answers: What came back.
        expected: How many were to be sent.
    """
    refused = [answer for answer in answers if answer.rejection]
    sent = [answer for answer in answers if answer.status >= 0]
    if len(answers) < expected:
        detail = f"only {len(answers)} of {expected} canaries were answered"
        return Check(
            "canary", CheckState.FAILED, detail, "Look at the gateway: it may have gone away meanwhile."
        )
    if not refused:
        detail = f"{len(sent)} canaries accepted, over {len({a.tenant for a in answers})} tenants"
        return Check("canary", CheckState.OK, detail)
    lines = _grouped(refused)
    worst = REJECTION_ADVICE[refused[0].rejection]
    return Check(
        "canary", CheckState.FAILED, "; ".join(lines), f"Usual cause: {worst.cause}. Try: {worst.first_try}."
    )


def _grouped(refused: Sequence[Answer]) -> list[str]:
    """Say each refusal once, with the commands and the number of tenants that it met."""
    groups: dict[str, list[Answer]] = {}
    for answer in refused:
        groups.setdefault(f"{answer.status or 'no answer'} {answer.problem}".rstrip(), []).append(answer)
    lines = []
    for problem, answers in list(groups.items())[:_NAMED]:
        subjects = ", ".join(dict.fromkeys(answer.subject for answer in answers))
        tenants = list(dict.fromkeys(answer.tenant for answer in answers))
        where = f"tenant {tenants[0]}" if len(tenants) == 1 else f"{len(tenants)} tenants"
        lines.append(f"{problem} ({subjects}; {where})")
    if len(groups) > _NAMED:
        lines.append(f"and {len(groups) - _NAMED} more kinds of refusal")
    return lines
