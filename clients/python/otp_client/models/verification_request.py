from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.verification_request_channel_type_0 import VerificationRequestChannelType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.end_user import EndUser
    from ..models.transaction import Transaction


T = TypeVar("T", bound="VerificationRequest")


@_attrs_define
class VerificationRequest:
    """
    Attributes:
        phone_number (str): International with a leading `+`, in any usual spelling; or national, together with
            `defaultCountry`. A `tel:` URI is a spelling, too.
        default_country (None | str | Unset): ISO 3166-1 code of the country that a national number is read in, in
            either letter case.
        purpose (None | str | Unset): One of the purposes in the settings. Shipped: `verify-number` (the default),
            `login`, `transaction`, `account-change`.
        channel (None | Unset | VerificationRequestChannelType0): `sms` (default), or `voice`: a call speaks the code.
            Only if the settings call its country; never for `transaction` or `account-change`.
        locale (None | str | Unset): A hint, such as a BCP 47 tag: the nearest text is taken, or else the default one.
        transaction (None | Transaction | Unset):
        end_user (EndUser | None | Unset):
        app_hash (None | str | Unset): Hash of your Android app: the SMS Retriever API then reads the code. It has to be
            listed in `appHashes` in the settings.
        origin (None | str | Unset): Web origin that may fill the code in (WebOTP). It has to be listed in `origins` in
            the settings, and has no port.
    """

    phone_number: str
    default_country: None | str | Unset = UNSET
    purpose: None | str | Unset = UNSET
    channel: None | Unset | VerificationRequestChannelType0 = UNSET
    locale: None | str | Unset = UNSET
    transaction: None | Transaction | Unset = UNSET
    end_user: EndUser | None | Unset = UNSET
    app_hash: None | str | Unset = UNSET
    origin: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.end_user import EndUser
        from ..models.transaction import Transaction

        phone_number = self.phone_number

        default_country: None | str | Unset
        if isinstance(self.default_country, Unset):
            default_country = UNSET
        else:
            default_country = self.default_country

        purpose: None | str | Unset
        if isinstance(self.purpose, Unset):
            purpose = UNSET
        else:
            purpose = self.purpose

        channel: None | str | Unset
        if isinstance(self.channel, Unset):
            channel = UNSET
        elif isinstance(self.channel, VerificationRequestChannelType0):
            channel = self.channel.value
        else:
            channel = self.channel

        locale: None | str | Unset
        if isinstance(self.locale, Unset):
            locale = UNSET
        else:
            locale = self.locale

        transaction: dict[str, Any] | None | Unset
        if isinstance(self.transaction, Unset):
            transaction = UNSET
        elif isinstance(self.transaction, Transaction):
            transaction = self.transaction.to_dict()
        else:
            transaction = self.transaction

        end_user: dict[str, Any] | None | Unset
        if isinstance(self.end_user, Unset):
            end_user = UNSET
        elif isinstance(self.end_user, EndUser):
            end_user = self.end_user.to_dict()
        else:
            end_user = self.end_user

        app_hash: None | str | Unset
        if isinstance(self.app_hash, Unset):
            app_hash = UNSET
        else:
            app_hash = self.app_hash

        origin: None | str | Unset
        if isinstance(self.origin, Unset):
            origin = UNSET
        else:
            origin = self.origin

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "phoneNumber": phone_number,
            }
        )
        if default_country is not UNSET:
            field_dict["defaultCountry"] = default_country
        if purpose is not UNSET:
            field_dict["purpose"] = purpose
        if channel is not UNSET:
            field_dict["channel"] = channel
        if locale is not UNSET:
            field_dict["locale"] = locale
        if transaction is not UNSET:
            field_dict["transaction"] = transaction
        if end_user is not UNSET:
            field_dict["endUser"] = end_user
        if app_hash is not UNSET:
            field_dict["appHash"] = app_hash
        if origin is not UNSET:
            field_dict["origin"] = origin

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.end_user import EndUser
        from ..models.transaction import Transaction

        d = dict(src_dict)
        phone_number = d.pop("phoneNumber")

        def _parse_default_country(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        default_country = _parse_default_country(d.pop("defaultCountry", UNSET))

        def _parse_purpose(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        purpose = _parse_purpose(d.pop("purpose", UNSET))

        def _parse_channel(data: object) -> None | Unset | VerificationRequestChannelType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                channel_type_0 = VerificationRequestChannelType0(data)

                return channel_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VerificationRequestChannelType0, data)

        channel = _parse_channel(d.pop("channel", UNSET))

        def _parse_locale(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        locale = _parse_locale(d.pop("locale", UNSET))

        def _parse_transaction(data: object) -> None | Transaction | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                transaction_type_0 = Transaction.from_dict(data)

                return transaction_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Transaction | Unset, data)

        transaction = _parse_transaction(d.pop("transaction", UNSET))

        def _parse_end_user(data: object) -> EndUser | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                end_user_type_0 = EndUser.from_dict(data)

                return end_user_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EndUser | None | Unset, data)

        end_user = _parse_end_user(d.pop("endUser", UNSET))

        def _parse_app_hash(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        app_hash = _parse_app_hash(d.pop("appHash", UNSET))

        def _parse_origin(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        origin = _parse_origin(d.pop("origin", UNSET))

        verification_request = cls(
            phone_number=phone_number,
            default_country=default_country,
            purpose=purpose,
            channel=channel,
            locale=locale,
            transaction=transaction,
            end_user=end_user,
            app_hash=app_hash,
            origin=origin,
        )

        return verification_request
