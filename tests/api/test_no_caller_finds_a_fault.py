"""schemathesis as every role: no server error, no way past the door, nothing that the description does not say.

`make fuzz` does the same for as long as it is told to, see docs/how-to/run-the-tests.md.
"""

import os
import sys
from functools import partial

import pytest

from complaints.models import Complaint
from core import fetch, files, pace
from core.api import PublicThrottle
from core.models import FilePurpose
from filings.models import Filing
from tests.api.callers import CALLERS
from tests.api.fuzzing import App, Depth, described, faults
from tests.complaints.test_wizard import png
from tests.factories import ListingFactory, ShopFactory, complaint
from tests.test_foreign_ids_look_unknown import holder, things  # noqa: F401  fixtures
from tests.test_keys_open_what_their_scopes_say import NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECONDS, SEED = int(os.environ.get("FUZZ_SECONDS", "0")), int(os.environ.get("FUZZ_SEED", "0")) or None
#: in the suite the callers share the operations; each has a tenth of them, and goes through all values of a few
TRIED, COVERED = 10, 2 * len(CALLERS)


def depth(who):
    if SECONDS:
        # In a quarter of an hour one goes through all values of each field; in less each goes through its share.
        share = max(1, 900 // SECONDS)
        return Depth(examples=10, seconds=SECONDS, covered=share, number=list(CALLERS).index(who), seed=SEED)
    return Depth(examples=1, steps=2, tried=TRIED, covered=COVERED, number=list(CALLERS).index(who))


@pytest.fixture(scope="module")
def schema():
    return described()


class Uncounted:
    """Every time is the first."""

    def add(self, *_args):
        return True


@pytest.fixture(autouse=True)
def quiet(settings, monkeypatch):
    """Nobody is counted, and no name is looked up in the internet."""
    settings.API_CALLS_A_MINUTE = 0
    monkeypatch.setattr(PublicThrottle, "rate", "1000000/min")
    monkeypatch.setattr(pace, "cache", Uncounted())
    monkeypatch.setattr(fetch, "check", partial(fetch.check, resolve=lambda host, port: ["93.184.216.34"]))


def in_bodies(things):  # noqa: F811
    """What bodies may name, by their fields: ids and addresses of what there is."""
    case, right = Complaint.objects.get(public_id=things["complaint"]), Filing.objects.get(public_id=things["filing"])
    holder = right.created_by  # noqa: F811
    proof = files.keep(upload=png(), purpose=FilePurpose.EVIDENCE, by=holder, organisation=holder.organisation)
    targets = [row.public_id for row in case.targets.all()]
    addresses = [listing.url for listing in ListingFactory.create_batch(20, shop=ShopFactory())]
    other = complaint(by=holder, filing=right)
    return {
        "body.right": [right.public_id],
        "body.filing": [right.public_id],
        "body.holder": [holder.organisation.public_id],
        "body.evidence": [proof.public_id],
        "body.files": [proof.public_id],
        "body.document": [proof.public_id],
        "body.notice": [things["notice"]],
        "body.shop": [things["shop"]],
        "body.against": [things["complaint"], things["penalty"], things["notice"], other.public_id],
        "body.party": [holder.organisation.public_id],
        "body.links": targets,
        "body.targets": targets,
        "complaints_submit.links": addresses,
        "complaints_remove.links": addresses,
        "marketplace_resolve.links": addresses,
        "body.rule": ["U1", "D1"],
    }


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("who", CALLERS)
def test_no_caller_finds_a_fault(who, schema, things, capsys):  # noqa: F811
    caller = CALLERS[who](things)
    known = {part.replace("/", "-"): [things[name]] for part, name in NAMES.items()}
    known |= {"marketplace-sheets": [things["market_sheet"]], **in_bodies(things)}
    came = list(faults(schema, caller, known, depth(who)))
    found = [fault for fault in came if fault is not None]
    if SECONDS:
        ways = came.count(None)
        with capsys.disabled():
            sys.stdout.write(
                f"\n{who}: calls by status {dict(App.answers)}, {ways} operations and ways through them, {len(found)} faults\n"
            )
    said = {}
    for fault in found:
        said.setdefault((fault.operation, fault.title), fault)
    assert not said, "\n\n".join(map(str, said.values()))
