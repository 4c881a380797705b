from enum import Enum


class VerificationDelivery(str, Enum):
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
