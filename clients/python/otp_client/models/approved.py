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

from ..types import UNSET, Unset

T = TypeVar("T", bound="Approved")


@_attrs_define
class Approved:
    """
    Attributes:
        status (Literal['approved']):
        proof (str): A JWT for your back end, signed by the algorithm that its key in the key set declares.
        phone_number (str): The number with its last four digits at most.
        purpose (str): The purpose of the request.
        approved_at (datetime.datetime): The first time that the right code was checked.
        hint (Literal['additional-verification-required'] | Unset): The code alone is not enough for the purpose: the
            SIM was swapped lately, the number was ported, or its operator cannot say.
    """

    status: Literal["approved"]
    proof: str
    phone_number: str
    purpose: str
    approved_at: datetime.datetime
    hint: Literal["additional-verification-required"] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        proof = self.proof

        phone_number = self.phone_number

        purpose = self.purpose

        approved_at = self.approved_at.isoformat()

        hint = self.hint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "proof": proof,
                "phoneNumber": phone_number,
                "purpose": purpose,
                "approvedAt": approved_at,
            }
        )
        if hint is not UNSET:
            field_dict["hint"] = hint

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = cast(Literal["approved"], d.pop("status"))
        if status != "approved":
            raise ValueError(f"status must match const 'approved', got '{status}'")

        proof = d.pop("proof")

        phone_number = d.pop("phoneNumber")

        purpose = d.pop("purpose")

        approved_at = isoparse(d.pop("approvedAt"))

        hint = cast(Literal["additional-verification-required"] | Unset, d.pop("hint", UNSET))
        if hint != "additional-verification-required" and not isinstance(hint, Unset):
            raise ValueError(f"hint must match const 'additional-verification-required', got '{hint}'")

        approved = cls(
            status=status,
            proof=proof,
            phone_number=phone_number,
            purpose=purpose,
            approved_at=approved_at,
            hint=hint,
        )

        approved.additional_properties = d
        return approved

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
