from enum import Enum


class VerificationRequestChannelType0(str, Enum):
    SMS = "sms"
    VOICE = "voice"

    def __str__(self) -> str:
        return str(self.value)
