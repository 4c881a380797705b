from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.ec_public_key import EcPublicKey
    from ..models.rsa_public_key import RsaPublicKey


T = TypeVar("T", bound="KeySet")


@_attrs_define
class KeySet:
    """
    Attributes:
        keys (list[EcPublicKey | RsaPublicKey]):
    """

    keys: list[EcPublicKey | RsaPublicKey]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.ec_public_key import EcPublicKey

        keys = []
        for keys_item_data in self.keys:
            keys_item: dict[str, Any]
            if isinstance(keys_item_data, EcPublicKey):
                keys_item = keys_item_data.to_dict()
            else:
                keys_item = keys_item_data.to_dict()

            keys.append(keys_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "keys": keys,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ec_public_key import EcPublicKey
        from ..models.rsa_public_key import RsaPublicKey

        d = dict(src_dict)
        keys = []
        _keys = d.pop("keys")
        for keys_item_data in _keys:

            def _parse_keys_item(data: object) -> EcPublicKey | RsaPublicKey:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_public_key_type_0 = EcPublicKey.from_dict(data)

                    return componentsschemas_public_key_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_public_key_type_1 = RsaPublicKey.from_dict(data)

                return componentsschemas_public_key_type_1

            keys_item = _parse_keys_item(keys_item_data)

            keys.append(keys_item)

        key_set = cls(
            keys=keys,
        )

        key_set.additional_properties = d
        return key_set

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
