"""Facts that Schemathesis cannot know: callers have many IPs, numbers are real, and a test number has a fixed code."""

import collections
import itertools
import os

import requests
import schemathesis
from checks import is_positive, write_at_end
from schemathesis.core.parameters import ParameterLocation

TEST_NUMBER, TEST_CODE = "+12025550123", "271828"
#: Fields of which the settings list the values, and one that only some of these values allow.
OF_THE_SETTINGS = {"purpose", "origin", "appHash", "transaction"}

calls = itertools.count()
#: Ids of verifications that the service has opened, newest last. Each is called several times before newer ones push it out.
live = collections.deque(maxlen=40)
figures = collections.Counter()


def number_at(at):
    """The test number, or one that was never called, in a range of its own."""
    return TEST_NUMBER if at % 2 == 0 else f"+9198{at // 10000 % 100:02}{at % 10000:04}21"


def with_facts(body, at):
    """A text of a number, a purpose or a code is nearly never one that the service takes. Seven of eight become one."""
    if at % 8 == 0:
        return body
    if isinstance(body.get("phoneNumber"), str):
        kept = {name: value for name, value in body.items() if name not in OF_THE_SETTINGS}
        if "endUser" in kept:
            kept["endUser"] = {"ipAddress": f"198.51.100.{at % 250}"}
        return {**(body if at % 8 < 3 else kept), "phoneNumber": number_at(at)}
    if isinstance(body.get("code"), str):
        kept = {name: value for name, value in body.items() if name != "transaction"}
        return {**kept, "code": TEST_CODE if at % 4 == 3 else f"{at % 1000000:06}"}
    return body


def fresh_id():
    """The id of a verification that nobody has ended yet."""
    headers = {"x-api-key": os.environ["OTP_API_KEY"]}
    url = f"{os.environ['OTP_URL']}/v1/verifications"
    return requests.post(url, json={"phoneNumber": TEST_NUMBER}, headers=headers, timeout=10).json()["id"]


def known_id(case, at):
    """Checks and resends of verifications that have ended are all alike, so that one of two gets a fresh one."""
    if not live or (at % 2 == 0 and case.path.endswith(("/check", "/resend"))):
        live.append(fresh_id())
        return live[-1]
    return live[at % len(live)]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Each call comes from another IP, so that no limit of an IP refuses it."""
    at = next(calls)
    case.headers["x-local-source-ip"] = f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"
    is_linked = case.meta is not None and case.meta.phase.name.value == "stateful"
    if at % 4 != 0 and not is_linked and is_positive(case, ParameterLocation.PATH):
        case.path_parameters["id"] = known_id(case, at)
    if case.body is None and case.operation.definition.raw["operationId"] == "resendVerification":
        # A resend takes null for no body, which the document does not say. It may not succeed.
        case.path_parameters["id"] = "a" * 28
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY):
        case.body = with_facts(case.body, at)


@schemathesis.hook
def after_call(context, case, response):
    """Counts what the calls have reached."""
    operation = case.operation.definition.raw["operationId"]
    figures["calls"] += 1
    figures[f"{case.meta.phase.name.value if case.meta else 'other'} calls"] += 1
    figures[f"{operation} {response.status_code}"] += 1
    if operation == "requestVerification" and response.status_code == 201:
        live.append(response.json()["id"])


write_at_end(figures)
