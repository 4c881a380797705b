from enum import Enum


class VerificationStatus(str, Enum):
    APPROVED = "approved"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FAILED = "failed"
    PENDING = "pending"

    def __str__(self) -> str:
        return str(self.value)
