from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.resend_request_channel_type_0 import ResendRequestChannelType0
from ..types import UNSET, Unset

T = TypeVar("T", bound="ResendRequest")


@_attrs_define
class ResendRequest:
    """
    Attributes:
        channel (None | ResendRequestChannelType0 | Unset): `sms` or `voice`, as for a request. Without it, that of the
            last send. The body may be left out.
    """

    channel: None | ResendRequestChannelType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        channel: None | str | Unset
        if isinstance(self.channel, Unset):
            channel = UNSET
        elif isinstance(self.channel, ResendRequestChannelType0):
            channel = self.channel.value
        else:
            channel = self.channel

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if channel is not UNSET:
            field_dict["channel"] = channel

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_channel(data: object) -> None | ResendRequestChannelType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                channel_type_0 = ResendRequestChannelType0(data)

                return channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ResendRequestChannelType0 | Unset, data)

        channel = _parse_channel(d.pop("channel", UNSET))

        resend_request = cls(
            channel=channel,
        )

        return resend_request
