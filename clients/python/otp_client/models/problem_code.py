from enum import Enum


class ProblemCode(str, Enum):
    ATTEMPTS_EXHAUSTED = "attempts-exhausted"
    CODE_ALREADY_USED = "code-already-used"
    CODE_EXPIRED = "code-expired"
    DELIVERY_FAILED = "delivery-failed"
    DESTINATION_NOT_ALLOWED = "destination-not-allowed"
    DESTINATION_SUSPENDED = "destination-suspended"
    END_USER_NOT_ACCEPTED = "end-user-not-accepted"
    FORBIDDEN = "forbidden"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    INTERNAL_ERROR = "internal-error"
    INVALID_PHONE_NUMBER = "invalid-phone-number"
    INVALID_REQUEST = "invalid-request"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NOT_FOUND = "not-found"
    NUMBER_AT_RISK = "number-at-risk"
    NUMBER_OPTED_OUT = "number-opted-out"
    PAYLOAD_TOO_LARGE = "payload-too-large"
    REQUEST_IN_PROGRESS = "request-in-progress"
    RESEND_TOO_SOON = "resend-too-soon"
    SENDING_STOPPED = "sending-stopped"
    SOURCE_IP_NOT_ALLOWED = "source-ip-not-allowed"
    SPEND_CAP_REACHED = "spend-cap-reached"
    TEMPORARILY_UNAVAILABLE = "temporarily-unavailable"
    TOO_MANY_REQUESTS = "too-many-requests"
    UNAUTHORIZED = "unauthorized"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    VERIFICATION_CANCELED = "verification-canceled"
    VERIFICATION_NOT_FOUND = "verification-not-found"

    def __str__(self) -> str:
        return str(self.value)
