from enum import Enum


class ResendRequestChannelType0(str, Enum):
    SMS = "sms"
    VOICE = "voice"

    def __str__(self) -> str:
        return str(self.value)
