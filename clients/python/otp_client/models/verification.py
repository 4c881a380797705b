from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.verification_delivery import VerificationDelivery
from ..models.verification_delivery_reason import VerificationDeliveryReason
from ..models.verification_status import VerificationStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="Verification")


@_attrs_define
class Verification:
    """
    Attributes:
        id (str): The only name of the verification. It is a secret of its caller.
        status (VerificationStatus): The verification has failed when its SMS was never sent, or when all attempts are
            used.
        purpose (str): The purpose of the request.
        code_length (int): Digits of the code.
        attempts_remaining (int): Wrong guesses that are left.
        expires_at (datetime.datetime): The code is worth nothing from then on.
        resend_available_at (datetime.datetime): The limits of the number allow the next SMS from then on.
        delivery (VerificationDelivery): What became of the last message. The SMS network took it, or did not answer.
            The others come by receipts, if the deployment notes them: it arrived, did not arrive, or nobody will know. The
            code is alive in any case.
        phone_number (str | Unset): The number with its last four digits at most.
        channel (Literal['voice'] | Unset): A call spoke the last code. Without it, the code went out by SMS.
        delivery_reason (VerificationDeliveryReason | Unset): Why the message did not arrive. Only with `failed`.
        hint (Literal['additional-verification-required'] | Unset): The code alone is not enough for the purpose: the
            SIM was swapped lately, the number was ported, or its operator cannot say.
    """

    id: str
    status: VerificationStatus
    purpose: str
    code_length: int
    attempts_remaining: int
    expires_at: datetime.datetime
    resend_available_at: datetime.datetime
    delivery: VerificationDelivery
    phone_number: str | Unset = UNSET
    channel: Literal["voice"] | Unset = UNSET
    delivery_reason: VerificationDeliveryReason | Unset = UNSET
    hint: Literal["additional-verification-required"] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        status = self.status.value

        purpose = self.purpose

        code_length = self.code_length

        attempts_remaining = self.attempts_remaining

        expires_at = self.expires_at.isoformat()

        resend_available_at = self.resend_available_at.isoformat()

        delivery = self.delivery.value

        phone_number = self.phone_number

        channel = self.channel

        delivery_reason: str | Unset = UNSET
        if not isinstance(self.delivery_reason, Unset):
            delivery_reason = self.delivery_reason.value

        hint = self.hint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "purpose": purpose,
                "codeLength": code_length,
                "attemptsRemaining": attempts_remaining,
                "expiresAt": expires_at,
                "resendAvailableAt": resend_available_at,
                "delivery": delivery,
            }
        )
        if phone_number is not UNSET:
            field_dict["phoneNumber"] = phone_number
        if channel is not UNSET:
            field_dict["channel"] = channel
        if delivery_reason is not UNSET:
            field_dict["deliveryReason"] = delivery_reason
        if hint is not UNSET:
            field_dict["hint"] = hint

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        status = VerificationStatus(d.pop("status"))

        purpose = d.pop("purpose")

        code_length = d.pop("codeLength")

        attempts_remaining = d.pop("attemptsRemaining")

        expires_at = isoparse(d.pop("expiresAt"))

        resend_available_at = isoparse(d.pop("resendAvailableAt"))

        delivery = VerificationDelivery(d.pop("delivery"))

        phone_number = d.pop("phoneNumber", UNSET)

        channel = cast(Literal["voice"] | Unset, d.pop("channel", UNSET))
        if channel != "voice" and not isinstance(channel, Unset):
            raise ValueError(f"channel must match const 'voice', got '{channel}'")

        _delivery_reason = d.pop("deliveryReason", UNSET)
        delivery_reason: VerificationDeliveryReason | Unset
        if isinstance(_delivery_reason, Unset):
            delivery_reason = UNSET
        else:
            delivery_reason = VerificationDeliveryReason(_delivery_reason)

        hint = cast(Literal["additional-verification-required"] | Unset, d.pop("hint", UNSET))
        if hint != "additional-verification-required" and not isinstance(hint, Unset):
            raise ValueError(f"hint must match const 'additional-verification-required', got '{hint}'")

        verification = cls(
            id=id,
            status=status,
            purpose=purpose,
            code_length=code_length,
            attempts_remaining=attempts_remaining,
            expires_at=expires_at,
            resend_available_at=resend_available_at,
            delivery=delivery,
            phone_number=phone_number,
            channel=channel,
            delivery_reason=delivery_reason,
            hint=hint,
        )

        verification.additional_properties = d
        return verification

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
