from enum import Enum


class StillPendingHint(str, Enum):
    SUPERSEDED_CODE = "superseded-code"

    def __str__(self) -> str:
        return str(self.value)
