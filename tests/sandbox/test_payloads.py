from __future__ import annotations

import json
from typing import Any

import pytest

from tartware_loadtest.sandbox.gateway.payloads import validate_payload
from tartware_loadtest.sandbox.gateway.problems import Problem

ID = "11111111-1111-1111-1111-111111111111"
GUEST = {"first_name": "A", "last_name": "B", "email": "a@b.example"}
STAY = {
    "property_id": ID,
    "guest_id": ID,
    "room_type_id": ID,
    "check_in_date": "2031-01-01",
    "check_out_date": "2031-01-02",
    "total_amount": 1,
}
CAPTURE = {
    "payment_reference": "ref-1",
    "property_id": ID,
    "reservation_id": ID,
    "amount": 5,
    "payment_method": "CREDIT_CARD",
}


def refusal(command: str, payload: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        validate_payload(command, payload)
    return caught.value


def test_unknown_keys_are_dropped_and_strings_trimmed() -> None:
    assert validate_payload("guest.register", {**GUEST, "first_name": " A ", "shoe_size": 43}) == GUEST


@pytest.mark.parametrize(
    ("command", "payload"),
    [
        (
            "guest.register",
            {**GUEST, "phone": "+1 (555) 000-1111", "preferences": {"vip_status": "VIP1", "x": 1}},
        ),
        (
            "reservation.create",
            {**STAY, "total_amount": "120.5", "check_in_date": "2031-01-01T00:00:00.000Z"},
        ),
        ("reservation.create", {**STAY, "check_in_date": 1924992000000, "status": "WAITLISTED"}),
        ("reservation.modify", {"reservation_id": ID, "notes": "x"}),
        ("reservation.cancel", {"reservation_id": ID}),
        ("billing.payment.capture", CAPTURE),
        ("housekeeping.task.assign", {"task_id": ID, "assigned_to": ID, "priority": "HIGH"}),
        ("housekeeping.task.complete", {"task_id": ID, "inspection": {"passed": True}}),
    ],
)
def test_what_the_deployment_takes_is_taken(command: str, payload: dict[str, Any]) -> None:
    assert validate_payload(command, payload)


def test_dates_become_days_in_utc() -> None:
    kept = validate_payload("reservation.create", {**STAY, "check_out_date": "2031-01-02T23:30:00-02:00"})

    assert (kept["check_in_date"], kept["check_out_date"]) == ("2031-01-01", "2031-01-03")


@pytest.mark.parametrize(
    ("command", "payload", "field"),
    [
        ("guest.register", {**GUEST, "first_name": ""}, "first_name"),
        ("guest.register", {**GUEST, "email": "nobody"}, "email"),
        ("guest.register", {**GUEST, "phone": "12345"}, "phone"),
        ("guest.register", {**GUEST, "preferences": {"vip_status": True}}, "preferences"),
        ("reservation.create", {**STAY, "guest_id": "x"}, "guest_id"),
        ("reservation.create", {**STAY, "check_in_date": "tomorrow"}, "check_in_date"),
        ("reservation.create", {**STAY, "total_amount": -1}, "total_amount"),
        ("reservation.create", {**STAY, "source": "FRIEND"}, "source"),
        ("reservation.create", {key: STAY[key] for key in STAY if key != "guest_id"}, "guest_id"),
        ("billing.payment.capture", {**CAPTURE, "payment_method": "CARD"}, "payment_method"),
        ("billing.payment.capture", {**CAPTURE, "amount": 0}, "amount"),
        ("housekeeping.task.assign", {"task_id": ID}, "assigned_to"),
    ],
)
def test_a_wrong_field_is_named_in_the_issues(command: str, payload: dict[str, Any], field: str) -> None:
    problem = refusal(command, payload)

    assert (problem.status, problem.code) == (400, "COMMAND_PAYLOAD_INVALID")
    assert [issue["path"][0] for issue in json.loads(problem.detail)] == [field]


@pytest.mark.parametrize("change", [{}, {"total_amount": 0}, {"rate_code": "BAR"}])
def test_a_modify_that_changes_nothing_is_refused(change: dict[str, Any]) -> None:
    assert "At least one" in refusal("reservation.modify", {"reservation_id": ID, **change}).detail


def test_a_capture_belongs_to_a_reservation_or_a_folio() -> None:
    lonely = {key: CAPTURE[key] for key in CAPTURE if key != "reservation_id"}

    assert refusal("billing.payment.capture", lonely).status == 400
    assert validate_payload("billing.payment.capture", {**lonely, "folio_id": ID})


def test_a_command_without_validator_says_so_in_its_detail() -> None:
    assert refusal("guest.juggle", {}).detail.startswith("COMMAND_VALIDATOR_MISSING")
