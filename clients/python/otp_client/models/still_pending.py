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

from ..models.still_pending_hint import StillPendingHint
from ..types import UNSET, Unset

T = TypeVar("T", bound="StillPending")


@_attrs_define
class StillPending:
    """
    Attributes:
        status (Literal['pending']):
        attempts_remaining (int): Wrong guesses that are left.
        expires_at (datetime.datetime): The code is worth nothing from then on.
        hint (StillPendingHint | Unset): The guess was a code that a resend replaced. It used no attempt.
    """

    status: Literal["pending"]
    attempts_remaining: int
    expires_at: datetime.datetime
    hint: StillPendingHint | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        attempts_remaining = self.attempts_remaining

        expires_at = self.expires_at.isoformat()

        hint: str | Unset = UNSET
        if not isinstance(self.hint, Unset):
            hint = self.hint.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "attemptsRemaining": attempts_remaining,
                "expiresAt": expires_at,
            }
        )
        if hint is not UNSET:
            field_dict["hint"] = hint

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = cast(Literal["pending"], d.pop("status"))
        if status != "pending":
            raise ValueError(f"status must match const 'pending', got '{status}'")

        attempts_remaining = d.pop("attemptsRemaining")

        expires_at = isoparse(d.pop("expiresAt"))

        _hint = d.pop("hint", UNSET)
        hint: StillPendingHint | Unset
        if isinstance(_hint, Unset):
            hint = UNSET
        else:
            hint = StillPendingHint(_hint)

        still_pending = cls(
            status=status,
            attempts_remaining=attempts_remaining,
            expires_at=expires_at,
            hint=hint,
        )

        still_pending.additional_properties = d
        return still_pending

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
