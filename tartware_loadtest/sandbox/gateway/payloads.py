"""What each command's payload must hold at age H; unknown keys are dropped, not refused."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tartware_loadtest.sandbox.gateway.fields import (
    UUID,
    Amount,
    Currency,
    Date,
    Email,
    Name,
    Phone,
    Positive,
    Reference,
    Text3,
    Text20,
    Text50,
    Text100,
    Text120,
    Text150,
    Text255,
    Text500,
    Text2000,
)
from tartware_loadtest.sandbox.gateway.problems import Problem

__all__ = ["validate_payload"]

_Code = Annotated[str, StringConstraints(min_length=2, max_length=50, pattern=r"^[A-Za-z0-9_-]+$")]
_Status = Literal[
    "INQUIRY",
    "QUOTED",
    "PENDING",
    "CONFIRMED",
    "WAITLISTED",
    "CHECKED_IN",
    "CHECKED_OUT",
    "CANCELLED",
    "NO_SHOW",
    "EXPIRED",
]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    metadata: dict[str, Any] | None = None
    idempotency_key: Text120 | None = None


class _Address(BaseModel):
    street: Text255 | None = None
    city: Text100 | None = None
    state: Text100 | None = None
    country: Text100 | None = None
    postal_code: Text20 | None = None


class _Preferences(BaseModel):
    model_config = ConfigDict(extra="allow")

    loyalty_tier: Text100 | None = None
    marketing_consent: bool | None = None
    vip_status: Literal["NONE", "VIP1", "VIP2", "VIP3", "VIP4", "VIP5", "VVIP"] | None = None
    tags: Annotated[list[Text50], Field(max_length=20)] | None = None
    notes: Text2000 | None = None


class _GuestRegister(_Payload):
    first_name: Name
    last_name: Name
    email: Email
    phone: Phone | None = None
    title: Text20 | None = None
    nationality: Text3 | None = None
    gender: Text20 | None = None
    date_of_birth: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    loyalty_tier: Text50 | None = None
    address: _Address | None = None
    preferences: _Preferences | None = None


class _ReservationCreate(_Payload):
    property_id: UUID
    guest_id: UUID
    room_type_id: UUID
    check_in_date: Date
    check_out_date: Date
    total_amount: Amount
    reservation_id: UUID | None = None
    booking_date: Date | None = None
    status: _Status | None = None
    source: Literal["DIRECT", "WEBSITE", "PHONE", "WALKIN", "OTA", "CORPORATE", "GROUP"] | None = None
    reservation_type: (
        Literal[
            "TRANSIENT",
            "CORPORATE",
            "GROUP",
            "WHOLESALE",
            "PACKAGE",
            "COMPLIMENTARY",
            "HOUSE_USE",
            "DAY_USE",
            "WAITLIST",
        ]
        | None
    ) = None
    currency: Currency | None = None
    rate_code: _Code | None = None
    allow_rate_fallback: bool | None = None
    eta: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2}$")] | None = None
    company_id: UUID | None = None
    travel_agent_id: UUID | None = None
    notes: Text2000 | None = None


class _ReservationModify(_Payload):
    reservation_id: UUID
    property_id: UUID | None = None
    guest_id: UUID | None = None
    room_type_id: UUID | None = None
    check_in_date: Date | None = None
    check_out_date: Date | None = None
    booking_date: Date | None = None
    status: _Status | None = None
    total_amount: Amount | None = None
    currency: Currency | None = None
    rate_code: _Code | None = None
    allow_rate_fallback: bool | None = None
    notes: Text2000 | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> _ReservationModify:
        # The deployment tests for truth: a total of 0 alone is no change, and neither is a rate code.
        changed = (
            self.property_id,
            self.guest_id,
            self.room_type_id,
            self.check_in_date,
            self.check_out_date,
            self.booking_date,
            self.status,
            self.total_amount,
            self.currency,
            self.notes,
        )
        if not any(changed):
            raise ValueError("At least one field must be provided to modify")
        return self


class _ReservationCancel(_Payload):
    reservation_id: UUID
    property_id: UUID | None = None
    reason: Text500 | None = None
    cancelled_by: UUID | None = None


class _PaymentGateway(BaseModel):
    name: Text100 | None = None
    reference: Text150 | None = None
    response: dict[str, Any] | None = None


class _PaymentCapture(_Payload):
    payment_reference: Reference
    property_id: UUID
    amount: Positive
    payment_method: Literal[
        "CASH",
        "CREDIT_CARD",
        "DEBIT_CARD",
        "BANK_TRANSFER",
        "CHECK",
        "DIGITAL_WALLET",
        "CRYPTOCURRENCY",
        "DIRECT_BILL",
        "LOYALTY_POINTS",
        "GIFT_CARD",
    ]
    reservation_id: UUID | None = None
    guest_id: UUID | None = None
    folio_id: UUID | None = None
    currency: Currency | None = None
    gateway: _PaymentGateway | None = None
    transaction_type: Literal["PAYMENT", "ADVANCE_DEPOSIT", "DEPOSIT_APPLIED", "SECURITY_DEPOSIT"] = "PAYMENT"
    exchange_rate: Positive | None = None
    original_currency: Currency | None = None

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> _PaymentCapture:
        if not self.folio_id and not self.reservation_id:
            raise ValueError("folio_id or reservation_id is required")
        return self


class _TaskAssign(_Payload):
    task_id: UUID
    assigned_to: UUID
    priority: Text20 | None = None
    notes: Text2000 | None = None


class _Inspection(BaseModel):
    inspected_by: UUID | None = None
    passed: bool | None = None
    notes: Text2000 | None = None


class _TaskComplete(_Payload):
    task_id: UUID
    completed_by: UUID | None = None
    notes: Text2000 | None = None
    inspection: _Inspection | None = None


class _GuestOnly(_Payload):
    guest_id: UUID


_MODELS: Mapping[str, type[BaseModel]] = MappingProxyType(
    {
        "guest.register": _GuestRegister,
        "reservation.create": _ReservationCreate,
        "reservation.modify": _ReservationModify,
        "reservation.cancel": _ReservationCancel,
        "billing.payment.capture": _PaymentCapture,
        "housekeeping.task.assign": _TaskAssign,
        "housekeeping.task.complete": _TaskComplete,
        # A validator without a template, as the deployment has some: it answers 404, not 400.
        "guest.gdpr.export": _GuestOnly,
    }
)


def validate_payload(command: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as it is queued: known keys only, dates as days.

    Raises:
        Problem: A 400 with the deployment's code; its detail is the JSON text of the issues.
    """
    model = _MODELS.get(command)
    if model is None:
        raise Problem(
            400,
            "COMMAND_PAYLOAD_INVALID",
            f"COMMAND_VALIDATOR_MISSING: no validator is registered for {command}",
        )
    try:
        return model.model_validate(payload).model_dump(exclude_none=True)
    except ValidationError as error:
        issues = [
            {
                "code": "invalid_type" if issue["type"] == "missing" else "custom",
                "path": list(issue["loc"]),
                "message": "Required"
                if issue["type"] == "missing"
                else issue["msg"].removeprefix("Value error, "),
            }
            for issue in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise Problem(400, "COMMAND_PAYLOAD_INVALID", orjson.dumps(issues).decode()) from None
