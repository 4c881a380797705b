from enum import Enum


class VerificationDeliveryReason(str, Enum):
    BLOCKED_BY_CARRIER = "blocked-by-carrier"
    BLOCKED_BY_PROTECT = "blocked-by-protect"
    EXPIRED = "expired"
    INVALID_NUMBER = "invalid-number"
    OPTED_OUT = "opted-out"
    UNREACHABLE = "unreachable"

    def __str__(self) -> str:
        return str(self.value)
