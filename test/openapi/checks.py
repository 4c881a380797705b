"""The checks and the questions that all fuzzed routes share."""

import atexit
import json
import os

import schemathesis
from schemathesis import GenerationMode


def is_positive(case, location):
    """Whether the schema allows this part. A part that it forbids stays as it was made."""
    info = case.meta.components.get(location) if case.meta else None
    return info is not None and info.mode == GenerationMode.POSITIVE


@schemathesis.check
def problem_of_the_route(ctx, response, case):
    """A status has several problems. The document has an example of each that the route answers, and of no other."""
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    media = described.get("content", {}).get(response.headers.get("content-type", [""])[0].split(";")[0])
    if response.status_code < 400 or media is None:
        return
    code = response.json()["code"]
    assert code in media["examples"], f"The problem {code} is not described for the status {response.status_code}."


def write_at_end(figures):
    """Writes what was counted into the file that the suite names."""

    def write():
        with open(os.environ["FIGURES"], "w", encoding="utf-8") as file:
            json.dump(figures, file)

    atexit.register(write)
