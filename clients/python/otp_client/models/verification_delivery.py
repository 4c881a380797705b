from enum import Enum


class VerificationDelivery(str, Enum):
    ACCEPTED = "accepted"
    UNCONFIRMED = "unconfirmed"

    def __str__(self) -> str:
        return str(self.value)
