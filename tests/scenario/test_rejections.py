"""Each way to refuse falls into its class: told apart by k6 from real answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.gateway import Answer, Seen, serve
from tests.support.k6 import start, write_bundle
from tests.support.samples import bundle_of, settings_of


def problem(**members: str) -> str:
    return json.dumps({"type": "about:blank", **members})


CASES = {
    "limiter-h-by-body": (403, problem(detail="Rate limit exceeded, retry in 58 seconds"), {}, "rate_limit"),
    "limiter-s-by-body": (403, problem(message="Rate limit exceeded, retry in 1 minute"), {}, "rate_limit"),
    "limiter-by-header": (403, problem(title="Forbidden"), {"x-ratelimit-remaining": "0"}, "rate_limit"),
    "limit-not-reached": (403, problem(title="Forbidden"), {"x-ratelimit-remaining": "12"}, "other"),
    "too-many-requests": (429, "{}", {}, "rate_limit"),
    "role": (403, problem(code="TENANT_ROLE_INSUFFICIENT"), {}, "role"),
    "module-of-the-command": (403, problem(code="COMMAND_MODULES_NOT_ENABLED"), {}, "module"),
    "module-of-the-tenant": (403, problem(code="TENANT_MODULE_NOT_ENABLED"), {}, "module"),
    "membership-denied": (403, problem(code="TENANT_ACCESS_DENIED"), {}, "tenant"),
    "membership-inactive": (403, problem(code="TENANT_ACCESS_INACTIVE"), {}, "tenant"),
    "forbidden-html": (403, "<html>Forbidden</html>", {}, "other"),
    "forbidden-empty": (403, "", {}, "other"),
    "unauthenticated": (401, problem(code="AUTHENTICATION_REQUIRED"), {}, "unauthenticated"),
    "payload": (400, problem(code="COMMAND_PAYLOAD_INVALID"), {}, "payload"),
    "unprocessable": (422, "{}", {}, "payload"),
    "feature": (409, problem(code="FEATURE_DISABLED"), {}, "feature_disabled"),
    "key-seen-before": (409, problem(code="COMMAND_IDEMPOTENCY_CONFLICT"), {}, "conflict"),
    "internal": (500, "", {}, "5xx"),
    "no-kafka": (502, problem(detail="Unable to publish command to Kafka."), {}, "5xx"),
    "unavailable": (503, "", {"retry-after": "1"}, "5xx"),
    "ok-instead-of-accepted": (200, "{}", {}, "other"),
    "created": (201, "{}", {}, "other"),
    "no-content": (204, "", {}, "other"),
    "not-found": (404, problem(code="COMMAND_NOT_FOUND"), {}, "other"),
    "not-modified": (304, "", {}, "other"),
    "teapot": (418, "", {}, "other"),
    "no-answer": (0, "", {}, "transport"),
}

SCRIPT = """
import http from 'k6/http';
import { parameters } from './commands.js';
import { rejection } from './rejection.js';
export const options = { vus: 1, iterations: 1, maxRedirects: 0 };
export default function () {
  for (const name of __ENV.CASES.split(',')) {
    const res = http.post(`${__ENV.GATEWAY_BASE_URL}/${name}`, '{}', parameters());
    console.log(`CLASS ${name}=${rejection(res)}.`);
  }
}
"""


def answer(seen: Seen) -> Answer:
    status, body, headers, _ = CASES[seen.path.strip("/")]
    return Answer(status, body, headers)


@pytest.fixture(scope="module")
def classes(k6: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = write_bundle(bundle_of(settings_of()), tmp_path_factory.mktemp("rejections"))
    (directory / "classes.js").write_text(SCRIPT, encoding="utf-8")
    with serve(answer) as gateway:
        result = start(
            k6, directory, gateway.url, entry="classes.js", environment={"CASES": ",".join(CASES)}
        ).wait()
    assert result.exit_code == 0, result.log
    return dict(re.findall(r"CLASS ([\w-]+)=(\w+)\.", result.log))


@pytest.mark.k6
@pytest.mark.parametrize("case", CASES)
def test_an_answer_falls_into_its_class(classes: dict[str, str], case: str) -> None:
    assert classes[case] == CASES[case][3]
