"""Contains all the data models used in inputs/outputs"""

from .approved import Approved
from .check_request import CheckRequest
from .ec_public_key import EcPublicKey
from .end_user import EndUser
from .fault import Fault
from .key_set import KeySet
from .problem import Problem
from .problem_code import ProblemCode
from .resend_request import ResendRequest
from .resend_request_channel_type_0 import ResendRequestChannelType0
from .rsa_public_key import RsaPublicKey
from .still_pending import StillPending
from .still_pending_hint import StillPendingHint
from .transaction import Transaction
from .verification import Verification
from .verification_delivery import VerificationDelivery
from .verification_delivery_reason import VerificationDeliveryReason
from .verification_request import VerificationRequest
from .verification_request_channel_type_0 import VerificationRequestChannelType0
from .verification_status import VerificationStatus

__all__ = (
    "Approved",
    "CheckRequest",
    "EcPublicKey",
    "EndUser",
    "Fault",
    "KeySet",
    "Problem",
    "ProblemCode",
    "ResendRequest",
    "ResendRequestChannelType0",
    "RsaPublicKey",
    "StillPending",
    "StillPendingHint",
    "Transaction",
    "Verification",
    "VerificationDelivery",
    "VerificationDeliveryReason",
    "VerificationRequest",
    "VerificationRequestChannelType0",
    "VerificationStatus",
)
