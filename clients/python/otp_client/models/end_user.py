from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="EndUser")


@_attrs_define
class EndUser:
    """
    Attributes:
        ip_address (None | str): The IP of the person who asked your server. Never pass on a header that the visitor can
            set.
    """

    ip_address: None | str

    def to_dict(self) -> dict[str, Any]:
        ip_address: None | str
        ip_address = self.ip_address

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ipAddress": ip_address,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_ip_address(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ip_address = _parse_ip_address(d.pop("ipAddress"))

        end_user = cls(
            ip_address=ip_address,
        )

        return end_user
