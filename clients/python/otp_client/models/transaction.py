from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Transaction")


@_attrs_define
class Transaction:
    """
    Attributes:
        amount (str): The amount as a decimal text with a point, above zero, in the digits of the currency. Zeros at the
            end do not count.
        currency (str): ISO 4217 code of a currency in use, in either letter case.
        payee (str): The name of the payee: Latin letters, digits, space, `&`, `'` and `-`. No telephone number and no
            address.
    """

    amount: str
    currency: str
    payee: str

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        currency = self.currency

        payee = self.payee

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "amount": amount,
                "currency": currency,
                "payee": payee,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount = d.pop("amount")

        currency = d.pop("currency")

        payee = d.pop("payee")

        transaction = cls(
            amount=amount,
            currency=currency,
            payee=payee,
        )

        return transaction
