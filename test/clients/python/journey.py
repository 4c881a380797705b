"""Uses the Python client against a running service, and prints what came of it. mypy reads it in strict mode."""

import asyncio
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
from otp_client import AuthenticatedClient, Client
from otp_client.api.proofs import get_key_set
from otp_client.api.verifications import (
    cancel_verification,
    check_verification,
    get_verification,
    request_verification,
    resend_verification,
)
from otp_client.models import (
    Approved,
    CheckRequest,
    EndUser,
    KeySet,
    Problem,
    ProblemCode,
    StillPending,
    Transaction,
    Verification,
    VerificationRequest,
)
from otp_proof import ProofError, verify_proof

URL, ORIGIN, NUMBERS = os.environ["OTP_URL"], os.environ["OTP_ORIGIN"], iter(os.environ["NUMBERS"].split())
client = AuthenticatedClient(
    URL, token="local", prefix="", auth_header_name="x-api-key", raise_on_unexpected_status=True
)


def last_code(phone_number: str) -> str:
    messages = httpx.get(f"{ORIGIN}/_local/messages", params={"to": phone_number}).json()
    found = re.search(r"\b\d{6}\b", messages[0]["text"])
    assert found is not None, messages
    return found[0]


def send(phone_number: str, purpose: str = "login", transaction: Transaction | None = None) -> Verification:
    body = VerificationRequest(phone_number, purpose=purpose, transaction=transaction)
    sent = request_verification.sync(client=client, body=body, idempotency_key=str(uuid4()))
    assert isinstance(sent, Verification), sent
    return sent


def said(answer: object) -> str:
    """The kind of an answer, in a word."""
    if isinstance(answer, Problem):
        return f"{answer.status} {answer.code}"
    if isinstance(answer, StillPending):
        return f"pending {answer.attempts_remaining} {answer.hint or ''}".strip()
    return type(answer).__name__


def check(id: str, code: str, transaction: Transaction | None = None) -> Approved | StillPending | Problem | None:
    return check_verification.sync(id, client=client, body=CheckRequest(code, transaction))


def verdict(proof: str, purpose: str = "login") -> str:
    jwks_url, audience = f"{URL}/.well-known/jwks.json", os.environ["OTP_AUDIENCE"]
    try:
        # The clock of the service is ahead, by the wait before the resend.
        claims = verify_proof(proof, jwks_url=jwks_url, audience=audience, purpose=purpose, leeway=120)
        return str(claims["phone_number"])
    except ProofError as refused:
        return refused.code


def proof_of(answer: object) -> str:
    assert isinstance(answer, Approved), answer
    return answer.proof


def sign_in() -> dict[str, object]:
    number = next(NUMBERS)
    sent = send(number)
    first = last_code(number)
    soon = resend_verification.sync_detailed(sent.id, client=client)
    httpx.post(f"{ORIGIN}/_local/clock", json={"advanceSeconds": 31})
    resent = resend_verification.sync(sent.id, client=client)
    code = last_code(number)
    seen = get_verification.sync(sent.id, client=client)
    assert isinstance(seen, Verification)
    steps = [check(sent.id, "000000"), check(sent.id, first), check(sent.id, "1")]
    proof = proof_of(check(sent.id, code))
    return {
        "number": number,
        "too soon": [said(soon.parsed), int(soon.headers["retry-after"]) > 0],
        "resent": said(resent),
        "seen": [str(seen.status), seen.code_length, (seen.expires_at - seen.resend_available_at).total_seconds() > 0],
        "checks": [said(step) for step in steps],
        "verdicts": [verdict(proof, "account-change"), verdict(proof), verdict(proof), verdict("proof")],
        "again": said(check(sent.id, code)),
    }


def race() -> dict[str, int]:
    number = next(NUMBERS)
    sent, code = send(number), last_code(number)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: said(check(sent.id, code)), range(8)))
    return {answer: answers.count(answer) for answer in sorted(set(answers))}


def pay() -> list[str]:
    number, paid = next(NUMBERS), Transaction("1499.00", "INR", "Acme")
    sent, code = send(number, "transaction", paid), last_code(number)
    other = Transaction("1500.00", "INR", "Acme")
    return [said(check(sent.id, code, other)), said(check(sent.id, code)), said(check(sent.id, code, paid))]


def cancel() -> list[str]:
    number = next(NUMBERS)
    sent, code = send(number), last_code(number)
    canceled = cancel_verification.sync_detailed(sent.id, client=client)
    return [str(canceled.status_code.value), said(check(sent.id, code))]


def refusals() -> dict[str, object]:
    stranger = AuthenticatedClient(URL, token="wrong", prefix="", auth_header_name="x-api-key")
    bad = request_verification.sync(client=client, body=VerificationRequest("nobody"))
    unknown = request_verification.sync(client=client, body=VerificationRequest(next(NUMBERS), origin="no origin"))
    assert isinstance(unknown, Problem)
    newer = {"type": "t", "title": "t", "status": 409, "detail": "d", "code": "of-a-later-version", "member": 1}
    return {
        "stranger": said(get_verification.sync("a" * 28, client=stranger)),
        "number": said(bad),
        "faults": [fault.pointer for fault in unknown.errors or []],
        "another path": said(get_verification.sync("../../.well-known/jwks.json", client=client)),
        "is typed": isinstance(bad, Problem) and bad.code is ProblemCode.INVALID_PHONE_NUMBER,
        "later": said(Problem.from_dict(newer)),
    }


async def in_an_event_loop() -> list[str]:
    number = next(NUMBERS)
    asked = VerificationRequest(number, purpose="login", end_user=EndUser("203.0.113.7"))
    sent = await request_verification.asyncio(client=client, body=asked)
    assert isinstance(sent, Verification)
    keys = await get_key_set.asyncio(client=Client(URL))
    assert isinstance(keys, KeySet)
    body = CheckRequest(last_code(number))
    checked = await check_verification.asyncio(sent.id, client=client, body=body)
    return [said(checked), keys.keys[0].alg]


def main() -> None:
    results = {
        "sign in": sign_in(),
        "race": race(),
        "payment": pay(),
        "cancel": cancel(),
        "refusals": refusals(),
        "event loop": asyncio.run(in_an_event_loop()),
    }
    print(json.dumps(results))


main()
