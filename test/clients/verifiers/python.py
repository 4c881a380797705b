"""Asks the Python package of this project, which uses PyJWT, and Authlib about proofs."""

import json
import sys
import urllib.request
from decimal import Decimal

from authlib.jose import JsonWebToken
from authlib.jose.errors import JoseError
from otp_proof import ProofError, verify_proof

asked = json.load(sys.stdin)
jwks = json.load(urllib.request.urlopen(asked["jwksUrl"]))


def with_pyjwt(case):
    verify_proof(
        case["proof"],
        jwks_url=asked["jwksUrl"],
        audience=asked["audience"],
        purpose=case["purpose"],
        phone_number=case["phoneNumber"],
        transaction=case.get("transaction"),
        application=case.get("application"),
    )


def is_same(paid, expected):
    if paid is None or expected is None:
        return paid is expected
    return {**paid, "amount": Decimal(paid["amount"])} == {**expected, "amount": Decimal(expected["amount"])}


def with_authlib(case):
    options = {
        "iss": {"essential": True, "value": asked["issuer"]},
        "aud": {"essential": True, "value": asked["audience"]},
        "exp": {"essential": True},
    }
    claims = JsonWebToken([asked["algorithm"]]).decode(case["proof"], jwks, claims_options=options)
    claims.validate(leeway=30)
    meant = (
        claims.header.get("typ") == "otp-proof+jwt"
        and claims["purpose"] == case["purpose"]
        and claims["phone_number"] == case["phoneNumber"]
        and is_same(claims.get("transaction"), case.get("transaction"))
        and ("application" not in case or claims.get("azp") == case["application"])
    )
    if not meant:
        raise ValueError("The proof is for something else.")


def verdict_of(verify, case):
    try:
        verify(case)
        return "accepted"
    except (ProofError, JoseError, ValueError) as refused:
        return f"refused: {getattr(refused, 'code', '')} {refused}"


verifiers = {"PyJWT": with_pyjwt, "Authlib": with_authlib}
verdicts = {name: {case["name"]: verdict_of(verify, case) for case in asked["cases"]} for name, verify in verifiers.items()}
print(json.dumps(verdicts))
