"""The canaries' answers come back through k6's log, whatever is around them, and without secrets."""

from __future__ import annotations

import base64
import json

import pytest

from tartware_loadtest.preflight.canary import Answer, check_canaries, read_answers
from tartware_loadtest.preflight.check import CheckState
from tartware_loadtest.verdict.causes import REJECTION_ADVICE

CANARY = 'to"ken\\with/odd+signs'


def line(**members: object) -> str:
    answer = {"tenant": "t", "kind": "command", "subject": "guest.register", "status": 202} | members
    return "CANARY " + base64.b64encode(json.dumps(answer).encode()).decode()


def answer(**members: object) -> Answer:
    return read_answers(line(**members), [])[0]


def test_answers_are_found_among_what_else_k6_says() -> None:
    log = (
        "time=1 level=warning msg=hello\n"
        f'time=2 level=info msg="{line()}" source=console\n'
        f'{{"level":"info","msg":"{line(subject="rooms", kind="read", status=200, milliseconds=1.5)}"}}\n'
        "CANARY\n"
    )
    first, second = read_answers(log, [])
    assert (first.subject, first.status, first.rejection) == ("guest.register", 202, "")
    assert (second.kind, second.status, second.milliseconds) == ("read", 200, 1.5)


@pytest.mark.parametrize(
    "broken",
    ["CANARY abc", "CANARY " + line()[7:-9], "CANARY " + base64.b64encode(b"{}").decode(), "CANARY ===="],
    ids=["no-base64", "cut-off", "nothing-in-it", "padding-alone"],
)
def test_a_line_that_was_cut_off_is_no_answer(broken: str) -> None:
    answers = read_answers(f"{broken}\n{line()}\n", [])
    assert len(answers) == 1
    check = check_canaries(answers, 2)
    assert check.state is CheckState.FAILED
    assert "only 1 of 2" in check.detail


@pytest.mark.parametrize(
    "body",
    [CANARY, f"you sent {CANARY}!", json.dumps({"detail": f"token {CANARY} is bad"})],
    ids=["bare", "in-a-sentence", "in-json"],
)
def test_a_secret_that_a_body_echoes_is_blotted_out(body: str) -> None:
    found = read_answers(line(status=401, body=body, rejection="unauthenticated"), [CANARY, ""])[0]
    assert "***" in found.body
    assert "odd+signs" not in found.body + found.problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"code":"ROLE","detail":"too low"}', "ROLE: too low"),
        (
            '{"statusCode":403,"error":"Forbidden","message":"Rate limit exceeded"}',
            "Forbidden: Rate limit exceeded",
        ),
        ('{"error":"X","message":"X"}', "X"),
        ("{}", ""),
        ('["a"]', '["a"]'),
        ("<html>" + "x" * 500, "<html>" + "x" * 194),
        ("", ""),
    ],
    ids=["age-h", "age-s", "said-twice", "says-nothing", "a-list", "html", "empty"],
)
def test_the_problem_is_what_the_body_names(body: str, problem: str) -> None:
    assert answer(status=403, body=body).problem == problem


def test_accepted_canaries_are_counted_over_their_tenants() -> None:
    check = check_canaries([answer(tenant=str(n % 3)) for n in range(9)], 9)
    assert (check.state, check.detail) == (CheckState.OK, "9 canaries accepted, over 3 tenants")


def test_a_row_that_the_sample_lacks_is_no_refusal() -> None:
    check = check_canaries([answer(), answer(status=-1)], 2)
    assert (check.state, check.detail) == (CheckState.OK, "1 canaries accepted, over 1 tenants")


@pytest.mark.parametrize("rejection", REJECTION_ADVICE)
def test_a_refused_canary_stops_the_run_with_its_usual_cause(rejection: str) -> None:
    refused = answer(tenant="t-1", status=403, rejection=rejection, body='{"code":"WHY"}')
    check = check_canaries([answer(), refused], 2)
    assert check.state is CheckState.FAILED
    assert check.detail == "403 WHY (guest.register; tenant t-1)"
    assert REJECTION_ADVICE[rejection].cause in check.fix


def test_the_same_refusal_is_said_once_with_all_that_it_met() -> None:
    refused = [
        answer(tenant=tenant, subject=subject, status=500, rejection="5xx", body="boom")
        for tenant in "abc"
        for subject in ("guest.register", "reservation.cancel")
    ]
    assert check_canaries(refused, 6).detail == "500 boom (guest.register, reservation.cancel; 3 tenants)"


def test_many_kinds_of_refusal_are_summed_up() -> None:
    refused = [answer(status=500 + n, rejection="5xx") for n in range(20)]
    assert check_canaries(refused, 20).detail.endswith("; and 14 more kinds of refusal")


def test_no_answer_is_named_as_such() -> None:
    check = check_canaries([answer(status=0, rejection="transport", error="request timeout")], 1)
    assert check.detail == "no answer request timeout (guest.register; tenant t)"
