"""Verifies the proofs of a self-hosted OTP service in a back end, without a call to the service for each."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from unicodedata import category, normalize

import jwt
from jwt.utils import base64url_decode

__all__ = ["MemoryReplay", "ProofError", "Replay", "verify_proof"]

_SUFFIX = "/.well-known/jwks.json"
_INVISIBLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


class ProofError(Exception):
    """A proof that is refused. Nothing of the proof is in its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        #: malformed, bad-signature, wrong-type, wrong-issuer, wrong-audience, expired, not-yet-valid, wrong-purpose,
        #: wrong-number, wrong-transaction, wrong-application, step-up-required or used-before; cannot-tell if the keys could not be read.
        self.code = code


class Replay(Protocol):
    """Remembers used proofs."""

    def use(self, jti: str, until: float) -> bool:
        """Notes a jti until a time in epoch seconds. Returns False if it was noted before."""


class MemoryReplay:
    """Remembers used proofs in the memory of this process. Several processes need a store that they share."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._used: dict[str, float] = {}
        self._lock, self._now, self._swept_at = threading.Lock(), now, 0.0

    def use(self, jti: str, until: float) -> bool:
        """Notes a jti until a time in epoch seconds. Returns False if it was noted before."""
        now = self._now()
        with self._lock:
            if now - self._swept_at > 60:
                self._used, self._swept_at = {each: end for each, end in self._used.items() if end >= now}, now
            if jti in self._used:
                return False
            self._used[jti] = until
            return True


def _is_usable(key: Any) -> bool:
    """Whether a key says which algorithm it is for, one of two, and fits it. RFC 7518 asks for RSA keys of 2048 bits or more."""
    if not isinstance(key, dict):
        return False
    if key.get("alg") == "ES256":
        return key.get("kty") == "EC" and key.get("crv") == "P-256"
    try:
        bits = int.from_bytes(base64url_decode(key["n"]), "big").bit_length()
    except (KeyError, TypeError, AttributeError, ValueError):
        return False
    return key.get("alg") == "RS256" and key.get("kty") == "RSA" and bits >= 2048


class _Keys(jwt.PyJWKClient):
    """Keeps good keys for an hour, and nothing else. A key that is not known is looked for again every 30 seconds at most."""

    _kept: jwt.PyJWKSet | None = None
    _kept_at = 0.0
    _failed_at = float("-inf")

    def get_jwk_set(self, refresh: bool = False) -> jwt.PyJWKSet:
        if self._kept is None or time.monotonic() - self._kept_at > (30 if refresh else 3600):
            # Anybody can name a key that is not known, so that a look that failed counts as well.
            if self._kept is not None and refresh and time.monotonic() - self._failed_at <= 30:
                raise jwt.PyJWKClientConnectionError("The keys could not be read a moment ago.")
            try:
                found = self.fetch_data()
            except jwt.PyJWKClientError as outage:
                self._failed_at = time.monotonic()
                raise jwt.PyJWKClientConnectionError(str(outage)) from outage
            if not isinstance(found, dict):
                raise jwt.PyJWKSetError("The answer is no key set.")
            if isinstance(found.get("keys"), list):
                found = {**found, "keys": [each for each in found["keys"] if _is_usable(each)]}
            self._kept, self._kept_at = jwt.PyJWKSet.from_dict(found), time.monotonic()
        return self._kept


_OWN_MEMORY = MemoryReplay()
_key_sets: dict[str, _Keys] = {}


def fold(text: str) -> str:
    """A text in one spelling: equal for names that the service takes for one."""
    text = "".join(c for c in re.sub(_INVISIBLE, "", text) if category(c) != "Cf")
    text = normalize("NFKC", text.replace("´", "'"))  # NFKC would make ´ a space and an accent
    text = re.sub("[`\u02b9\u02bb-\u02bf\u02c8\u2018-\u201b\u2032\u2035\ua78c]", "'", text)
    text = re.sub("[\u02d7\u2043\u2212\u2500\u2796\u30fc]", "-", text)
    text = "".join("-" if category(c) == "Pd" else c for c in text)
    text = " ".join(text.split()).upper().lower()  # ß is SS, and ı is I
    return normalize("NFC", text.replace("i\u0307", "i"))  # İ


def _is_same_payment(paid: Any, expected: Mapping[str, str] | None) -> bool:
    if paid is None or expected is None:
        return paid is None and expected is None
    try:
        same = Decimal(str(paid["amount"])) == Decimal(str(expected["amount"]))
        return same and all(fold(str(paid[name])) == fold(str(expected[name])) for name in ("currency", "payee"))
    except (KeyError, TypeError, InvalidOperation):
        return False


def _key_for(token: str, jwks_url: str) -> jwt.PyJWK:
    keys = _key_sets.setdefault(jwks_url, _Keys(jwks_url, cache_jwk_set=False, timeout=5))
    try:
        return keys.get_signing_key_from_jwt(token)
    except jwt.DecodeError:
        raise ProofError("malformed", "The text is no proof.") from None
    except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError) as outage:
        raise ProofError("cannot-tell", "The keys of the service could not be read. Check jwks_url.") from outage
    except jwt.PyJWKClientError:
        raise ProofError("bad-signature", "The proof is under no key of the service.") from None


def _decode(token: str, key: jwt.PyJWK, issuer: str, audience: str, leeway: float) -> dict[str, Any]:
    """The header and the claims of a token that the service signed for this audience."""
    try:
        return jwt.decode_complete(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer,
            audience=audience,
            leeway=leeway,
            options={"require": ["iat", "exp", "jti", "sub"], "strict_aud": True},
        )
    except jwt.ExpiredSignatureError:
        raise ProofError("expired", "The proof has expired.") from None
    except jwt.ImmatureSignatureError:
        raise ProofError("not-yet-valid", "The proof is of the future. Set the clock of this machine.") from None
    except jwt.InvalidIssuerError:
        raise ProofError("wrong-issuer", "The proof is of another issuer.") from None
    except jwt.InvalidAudienceError:
        raise ProofError("wrong-audience", "The proof is for another audience.") from None
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
        raise ProofError("bad-signature", "The proof is not signed by the service.") from None
    except jwt.PyJWTError:
        raise ProofError("malformed", "The text is no proof.") from None


def verify_proof(
    token: str,
    *,
    jwks_url: str,
    audience: str,
    issuer: str | None = None,
    purpose: str = "verify-number",
    phone_number: str | None = None,
    transaction: Mapping[str, str] | None = None,
    application: str | None = None,
    accept_step_up: bool = False,
    leeway: float = 30,
    replay: Replay = _OWN_MEMORY,
) -> dict[str, Any]:
    """Verifies a proof and returns its claims, or raises a ProofError. It uses the proof up last, when all else is right.

    ``issuer`` is by default jwks_url without /.well-known/jwks.json. ``replay`` has a method ``use(jti, until)``, which
    returns False for a jti that it has noted before. By default it is in the memory of this process. ``accept_step_up`` takes a
    proof that is not enough alone (phone_number_verified is False), because you ask for something else as well.
    """
    if issuer is None and not jwks_url.endswith(_SUFFIX):
        raise ValueError(f"jwks_url does not end in {_SUFFIX}: say in issuer which service you trust.")
    if not audience:
        raise ValueError("audience is missing: it is a setting of the service.")
    decoded = _decode(token, _key_for(token, jwks_url), issuer or jwks_url[: -len(_SUFFIX)], audience, leeway)
    claims: dict[str, Any] = decoded["payload"]
    if decoded["header"].get("typ") != "otp-proof+jwt":
        raise ProofError("wrong-type", "The token is no proof.")
    if claims.get("purpose") != purpose:
        raise ProofError("wrong-purpose", "The proof is for another purpose.")
    if not isinstance(claims.get("phone_number"), str):
        raise ProofError("malformed", "The proof has no number.")
    if phone_number is not None and claims["phone_number"] != phone_number:
        raise ProofError("wrong-number", "The proof is for another number.")
    if not _is_same_payment(claims.get("transaction"), transaction):
        raise ProofError("wrong-transaction", "The proof is for another payment.")
    if application is not None and claims.get("azp") != application:
        raise ProofError("wrong-application", "Another application asked for the proof.")
    if claims.get("phone_number_verified", True) is not True and not accept_step_up:
        raise ProofError("step-up-required", "The code alone is not enough: the SIM may have been swapped.")
    if not replay.use(claims["jti"], claims["exp"] + leeway):
        raise ProofError("used-before", "The proof was used before.")
    return claims
