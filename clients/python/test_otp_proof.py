"""python -m unittest, with PyJWT[crypto] installed."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import unittest
import unittest.mock

import jwt
import otp_proof
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from otp_proof import MemoryReplay, ProofError, verify_proof

KEY = ec.generate_private_key(ec.SECP256R1())
JWK = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key())), "kid": "k", "alg": "ES256", "use": "sig"}
GOOD = json.dumps({"keys": [JWK]})


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def by_rsa(key):
    return lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def by_ec(text):
    r, s = decode_dss_signature(KEY.sign(text, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Service:
    """A key set with one answer, which counts how often it is asked."""

    def __init__(self, status=200, body=GOOD):
        service = self
        self.fetches = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                service.fetches += 1
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def proof_of(service, jti, kid="k", **more):
    claims = {"iss": service.url, "aud": "api", "sub": "s", "phone_number": "+919876543210", "purpose": "login"}
    dates = {"iat": int(time.time()), "exp": int(time.time()) + 300}
    headers = {"typ": "otp-proof+jwt", "kid": kid}
    return jwt.encode({**claims, **dates, "jti": jti, **more}, KEY, algorithm="ES256", headers=headers)


class VerifyProof(unittest.TestCase):
    def serve(self, *answer):
        service = Service(*answer)
        self.addCleanup(service.stop)
        return service

    def verdict(self, service, proof, **more):
        expected = {"jwks_url": f"{service.url}/.well-known/jwks.json", "audience": "api", "purpose": "login", **more}
        try:
            verify_proof(proof, **expected)
            return "accepted"
        except ProofError as refused:
            return refused.code

    def test_one_of_many_parallel_uses_is_accepted(self):
        service, verdicts = self.serve(), []
        proof = proof_of(service, "raced")
        threads = [threading.Thread(target=lambda: verdicts.append(self.verdict(service, proof))) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(verdicts), ["accepted"] + ["used-before"] * 29)

    def test_a_proof_that_is_refused_is_not_used_up(self):
        service = self.serve()
        proof = proof_of(service, "kept")
        verdicts = [self.verdict(service, proof, purpose="account-change"), self.verdict(service, proof)]
        self.assertEqual(verdicts, ["wrong-purpose", "accepted"])

    def test_a_proof_that_is_not_enough_alone_is_taken_if_asked_for(self):
        service = self.serve()
        proof = proof_of(service, "step-up", phone_number_verified=False)
        verdicts = [self.verdict(service, proof), self.verdict(service, proof, accept_step_up=True)]
        self.assertEqual(verdicts, ["step-up-required", "accepted"])

    def test_unknown_keys_do_not_flood_the_service(self):
        service = self.serve()
        verdicts = {self.verdict(service, proof_of(service, "j", kid="other")) for _ in range(20)}
        self.assertEqual((verdicts, service.fetches), ({"bad-signature"}, 1))

    def test_unknown_keys_do_not_flood_a_service_that_is_down(self):
        service = self.serve()
        self.assertEqual(self.verdict(service, proof_of(service, "first")), "accepted")
        keys = otp_proof._key_sets[f"{service.url}/.well-known/jwks.json"]
        with unittest.mock.patch.object(keys, "fetch_data", side_effect=jwt.PyJWKClientError("503")) as fetch:
            keys._kept_at -= 60
            verdicts = {self.verdict(service, proof_of(service, "j", kid="other")) for _ in range(20)}
            self.assertEqual((verdicts, fetch.call_count), ({"cannot-tell"}, 1))
            self.assertEqual(self.verdict(service, proof_of(service, "last")), "accepted")

    def test_an_outage_is_no_verdict(self):
        for answer in [(503, ""), (200, "<html>"), (200, "[]"), (200, '{"keys": []}'), (200, '{"keys": 7}')]:
            service = self.serve(*answer)
            self.assertEqual(self.verdict(service, proof_of(service, "j")), "cannot-tell", answer)

    def test_a_clock_that_is_behind_is_named_and_not_the_proof(self):
        service, now = self.serve(), int(time.time())
        verdicts = [
            self.verdict(service, proof_of(service, f"ahead {ahead}", iat=now + ahead, exp=now + ahead + 300))
            for ahead in (20, 600, -600)
        ]
        self.assertEqual(verdicts, ["accepted", "not-yet-valid", "expired"])

    def test_a_list_of_audiences_is_another_audience(self):
        service = self.serve()
        self.assertEqual(self.verdict(service, proof_of(service, "several", aud=["api"])), "wrong-audience")

    def test_a_proof_is_taken_under_the_one_algorithm_that_its_key_declares(self):
        good, weak = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(good.public_key()))
        short = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key()))
        pem = good.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        bare = {name: JWK[name] for name in ("kty", "crv", "x", "y")}
        public = {name: public[name] for name in ("kty", "n", "e")}
        keys = [
            {**bare, "kid": "ec", "alg": "ES256", "use": "sig"},
            {**public, "kid": "rsa", "alg": "RS256", "use": "sig"},
            {**public, "kid": "pss", "alg": "PS256", "use": "sig"},
            {**public, "kid": "undeclared", "use": "sig"},
            {**public, "kid": "rsa-as-ec", "alg": "ES256", "use": "sig"},
            {**bare, "kid": "ec-as-rsa", "alg": "RS256", "use": "sig"},
            {**short, "kid": "weak", "alg": "RS256", "use": "sig"},
            {"kty": "oct", "k": part(b"secret"), "kid": "oct", "alg": "HS256", "use": "sig"},
            {"kty": "RSA", "n": 7, "e": "AQAB", "kid": "odd", "alg": "RS256", "use": "sig"},
            "no key",
        ]
        service = self.serve(200, json.dumps({"keys": keys}))

        def verdict(sign, **header):
            now = int(time.time())
            claims = {"iss": service.url, "aud": "api", "sub": "s", "phone_number": "+919876543210", "purpose": "login"}
            dates = {"iat": now, "exp": now + 300, "jti": json.dumps(header)}
            text = f"{part({'typ': 'otp-proof+jwt', **header})}.{part({**claims, **dates})}".encode()
            return self.verdict(service, f"{text.decode()}.{part(sign(text))}")

        self.assertEqual(verdict(by_ec, alg="ES256", kid="ec"), "accepted")
        self.assertEqual(verdict(by_rsa(good), alg="RS256", kid="rsa"), "accepted")

        def mac(secret):
            return lambda text: hmac.new(secret, text, hashlib.sha256).digest()

        forged = [
            (by_ec, {"alg": "RS256", "kid": "ec"}),
            (by_rsa(good), {"alg": "ES256", "kid": "rsa"}),
            (by_rsa(weak), {"alg": "RS256", "kid": "rsa"}),
            (by_rsa(weak), {"alg": "RS256", "kid": "rsa", "jwk": short}),
            (by_rsa(weak), {"alg": "RS256", "kid": "weak"}),
            (by_rsa(good), {"alg": "RS256", "kid": "pss"}),
            (by_rsa(good), {"alg": "PS256", "kid": "pss"}),
            (by_rsa(good), {"alg": "PS256", "kid": "rsa"}),
            (by_rsa(good), {"alg": "RS256", "kid": "undeclared"}),
            (by_rsa(good), {"alg": "ES256", "kid": "rsa-as-ec"}),
            (by_ec, {"alg": "RS256", "kid": "ec-as-rsa"}),
            (by_ec, {"alg": "ES256", "kid": "ec-as-rsa"}),
            (mac(pem), {"alg": "HS256", "kid": "rsa"}),
            (mac(b"secret"), {"alg": "HS256", "kid": "oct"}),
            (lambda _: b"", {"alg": "none", "kid": "rsa"}),
            (by_rsa(good), {"alg": "RS256", "kid": "odd"}),
        ]
        for sign, header in forged:
            self.assertEqual(verdict(sign, **header), "bad-signature", header)

    def test_text_that_is_no_proof_is_malformed(self):
        service = self.serve()
        for text in ["", "proof", "a.b.c", "..", None, 7]:
            self.assertEqual(self.verdict(service, text), "malformed", text)

    def test_a_payment_of_another_shape_is_another_payment(self):
        service = self.serve()
        paid = {"amount": "1499.00", "currency": "INR", "payee": "Acme"}
        for jti, claimed in enumerate(["all", {}, {**paid, "amount": "many"}, {**paid, "amount": "NaN"}, [], 0]):
            proof = proof_of(service, f"p{jti}", transaction=claimed)
            self.assertEqual(self.verdict(service, proof, transaction=paid), "wrong-transaction", claimed)

    def test_the_error_shows_nothing_of_the_proof(self):
        service = self.serve()
        proof = proof_of(service, "shown", exp=int(time.time()) - 600)
        with self.assertRaises(ProofError) as caught:
            verify_proof(proof, jwks_url=f"{service.url}/.well-known/jwks.json", audience="api")
        self.assertNotIn("9876543210", repr(caught.exception))
        self.assertIsNone(caught.exception.__cause__)

    def test_an_incomplete_configuration_is_a_mistake(self):
        for wrong in [{"jwks_url": "https://otp/keys"}, {"audience": ""}, {"audience": None}]:
            with self.assertRaises(ValueError):
                verify_proof("", **{"jwks_url": "https://otp/.well-known/jwks.json", "audience": "api", **wrong})

    def test_the_memory_forgets_expired_proofs_only(self):
        now = [0]
        memory = MemoryReplay(lambda: now[0])
        memory.use("short", 100)
        memory.use("long", 1000)
        now[0] = 500
        self.assertEqual([memory.use("long", 1000), memory.use("short", 1000)], [False, True])


if __name__ == "__main__":
    unittest.main()
