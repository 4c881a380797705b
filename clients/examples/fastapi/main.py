"""A back end that signs people in by SMS: POST /codes sends a code, POST /sessions takes it, and GET /me knows the number."""

import os
import secrets
import uuid

import httpx
from fastapi import FastAPI, Header, HTTPException, Request
from otp_proof import verify_proof
from pydantic import BaseModel

OTP_URL = os.environ.get("OTP_URL", "http://127.0.0.1:4000")
JWKS_URL = f"{OTP_URL}/.well-known/jwks.json"
OTP_AUDIENCE = os.environ.get("OTP_AUDIENCE", "https://api.example.com")  # the setting `audience`
otp = httpx.Client(base_url=OTP_URL, headers={"x-api-key": os.environ.get("OTP_API_KEY", "local-back-end")}, timeout=10)
app, sessions = FastAPI(), {}


class Number(BaseModel):
    phoneNumber: str


class Guess(BaseModel):
    id: str
    code: str


def ask(path, body):
    answer = otp.post(path, json=body, headers={"idempotency-key": str(uuid.uuid4())})
    if answer.is_success:
        return answer.json()
    wait = {"retry-after": answer.headers["retry-after"]} if "retry-after" in answer.headers else None
    raise HTTPException(answer.status_code, answer.json()["code"], wait)


@app.post("/codes", status_code=201)
def send_code(number: Number, request: Request):
    end_user = {"ipAddress": request.client.host}  # behind a proxy: uvicorn --proxy-headers
    sent = ask("/v1/verifications", {"phoneNumber": number.phoneNumber, "purpose": "login", "endUser": end_user})
    return {name: sent[name] for name in ("id", "codeLength", "expiresAt", "resendAvailableAt")}


@app.post("/sessions", status_code=201)
def sign_in(guess: Guess):
    if not guess.id.replace("-", "").replace("_", "").isalnum():
        raise HTTPException(404, "verification-not-found")  # it may not become another path
    checked = ask(f"/v1/verifications/{guess.id}/check", {"code": guess.code})
    if checked["status"] != "approved":
        raise HTTPException(422, "wrong-code")
    claims = verify_proof(checked["proof"], jwks_url=JWKS_URL, audience=OTP_AUDIENCE, purpose="login")
    session = secrets.token_urlsafe()
    sessions[session] = claims["phone_number"]
    return {"session": session}


@app.get("/me")
def me(authorization: str = Header("")):
    if (phone_number := sessions.get(authorization.removeprefix("Bearer "))) is None:
        raise HTTPException(401, "Sign in first.")
    return {"phoneNumber": phone_number}
