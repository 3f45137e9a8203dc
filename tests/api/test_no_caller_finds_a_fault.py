"""schemathesis as every role: no server error, no way past the door, nothing that the description does not say.

`make fuzz` does the same for as long as it is told to, see docs/how-to/run-the-tests.md.
"""

import os
from functools import partial

import pytest

from core import fetch
from core.api import PublicThrottle
from tests.api.callers import CALLERS
from tests.api.fuzzing import Depth, described, faults
from tests.test_foreign_ids_look_unknown import holder, things  # noqa: F401  fixtures
from tests.test_keys_open_what_their_scopes_say import NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
#: in the suite the callers share the operations; each has a tenth of them, and goes through all values of a few
TRIED, COVERED = 10, 2 * len(CALLERS)


def depth(who):
    if SECONDS:
        return Depth(examples=100, seconds=SECONDS)
    return Depth(examples=1, steps=2, tried=TRIED, covered=COVERED, number=list(CALLERS).index(who))


@pytest.fixture(scope="module")
def schema():
    return described()


@pytest.fixture(autouse=True)
def quiet(settings, monkeypatch):
    """Nobody is counted, and no name is looked up in the internet."""
    settings.API_CALLS_A_MINUTE = 0
    monkeypatch.setattr(PublicThrottle, "rate", "1000000/min")
    monkeypatch.setattr(fetch, "check", partial(fetch.check, resolve=lambda host, port: ["93.184.216.34"]))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("who", CALLERS)
def test_no_caller_finds_a_fault(who, schema, things):  # noqa: F811
    caller = CALLERS[who](things)
    known = {part.replace("/", "-"): [things[name]] for part, name in NAMES.items()}
    found = [fault for fault in faults(schema, caller, known, depth(who)) if fault is not None]
    said = {}
    for fault in found:
        said.setdefault((fault.operation, fault.title), fault)
    assert not said, "\n\n".join(map(str, said.values()))
