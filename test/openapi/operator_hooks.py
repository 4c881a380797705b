"""Facts that Schemathesis cannot know about routes of operators: groups, ids of what exists, and acts that come too often."""

import collections
import itertools
import os

import requests
import schemathesis
from checks import is_positive, write_at_end
from schemathesis.core.parameters import ParameterLocation

GROUPS = [
    {"country": "IN"},
    {"country": "us"},
    {"prefix": "+91 9876"},
    {"range": "+91 98765 4xxxx"},
    {"number": "+91 98765 43210"},
    {"ip": "198.51.100.7"},
    {"ip": "2001:db8:42::7"},
]
STOPS = ["all", {"country": "IN"}, {"application": "web"}]
ENDS = {"until", "forMinutes"}

calls = itertools.count()
#: Ids that answers gave, by the first part of the path.
known = collections.defaultdict(lambda: collections.deque(maxlen=8))
known["findings"].append(os.environ["FINDING"])
figures = collections.Counter()


def room_of(path):
    return path.split("/")[2]


def with_facts(path, body, at):
    """A text of a group, a number or a time is nearly never one that the service takes. Three of four become one."""
    if at % 4 == 0:
        return body
    facts = dict(body)
    if "reason" in facts and at % 3 != 0:
        facts["reason"] = f"fuzzed {at}"
    if "what" in facts:
        launched = GROUPS[:3] if room_of(path) == "launches" else GROUPS
        facts["what"] = STOPS[at % 3] if "/sending/" in path else launched[at % len(launched)]
    if path.endswith("/lift") and at % 5 == 0:
        facts["what"] = {"finding": known["findings"][0]}
    if room_of(path) in ("blocks", "launches") and not path.endswith("/lift"):
        facts = {name: value for name, value in facts.items() if name not in ENDS} | {"forMinutes": 1 + at % 4000}
    if "number" in facts:
        facts = {name: value for name, value in facts.items() if name != "cursor"} | {"number": f"+9198765{at % 100000:05}"}
        if "order" in facts:
            facts["order"] = f"FUZZ-{at}"
    if "from" in facts:
        facts |= {"from": "2026-01-01", "to": "2026-01-02T03:04:05+05:30"}
    return facts


@schemathesis.hook
def before_call(context, case, kwargs):
    at = next(calls)
    ids = known[room_of(case.path)]
    if at % 4 != 0 and ids and "{id}" in case.path and is_positive(case, ParameterLocation.PATH):
        case.path_parameters["id"] = ids[at % len(ids)]
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY):
        case.body = with_facts(case.path, case.body, at)


def move_on():
    """Reading and erasing numbers has a limit an hour, for all operators together. The next hour takes as many again."""
    requests.post(f"{os.environ['OTP_URL']}/_local/clock", json={"advanceSeconds": 3660}, timeout=10)


@schemathesis.hook
def after_call(context, case, response):
    """Counts what the calls have reached, and keeps the ids of what there is."""
    operation = case.operation.definition.raw["operationId"]
    figures["calls"] += 1
    figures[f"{operation} {response.status_code}"] += 1
    if operation in ("announceLaunch", "startExport") and response.status_code in (201, 202):
        known[room_of(case.path)].append(response.json()["id"])
    if response.status_code == 429:
        move_on()


write_at_end(figures)
