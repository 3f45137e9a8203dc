"""What is done with bought goods: ordered, received, handed on, judged; every change of hands is a ledger entry.

Papers are kept before these services are called (`core.files.keep`); the ledger names them by their SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.letters import readers
from core import clock, crypto, mail
from core.errors import Invalid
from core.lifecycle import lock
from core.models import LedgerEntry, PrivateFile
from patrol.models import Custody, TestBuy, TestBuyFile, WatchProfile
from patrol.sampled import open_candidate
from patrol.sampling_lifecycle import TEST_BUYS

Kind = TestBuyFile.Kind
Keeper = Custody.Keeper


@transaction.atomic
def order(
    *, test_buy: TestBuy, by: Any, order_number: str, paid: Decimal | None, receipts: Sequence[PrivateFile]
) -> TestBuy:
    """It was ordered; the receipt shows when and for how much. Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "order", by)
    if not receipts:
        raise Invalid(_("Add the receipt or a picture of the order."), field="files")
    if not order_number.strip():
        raise Invalid(_("Write the number of the order."), field="order_number")
    test_buy.order_number, test_buy.paid = order_number.strip(), paid
    payload = _attach(test_buy, Kind.RECEIPT, receipts, by)
    TEST_BUYS.fire(test_buy, "order", actor=by, payload=payload, writes=["order_number", "paid"])
    return test_buy


@transaction.atomic
def receive(*, test_buy: TestBuy, by: Any, who: str, photographs: Sequence[PrivateFile]) -> TestBuy:
    """The parcel came and was photographed as it was opened; `who` keeps it. Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "receive", by)
    if not photographs:
        raise Invalid(_("Add photographs of the parcel and the goods as they were opened."), field="files")
    payload = _attach(test_buy, Kind.PHOTOGRAPH, photographs, by) | _keep(test_buy, Keeper.PLATFORM, who, by)
    TEST_BUYS.fire(test_buy, "receive", actor=by, payload=payload)
    return test_buy


@transaction.atomic
def hand_over(*, test_buy: TestBuy, by: Any, who: str, profile: WatchProfile | None = None) -> TestBuy:
    """The brand has it now, and is asked for its verdict. Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "hand_over", by)
    test_buy.profile = test_buy.profile or profile
    if test_buy.profile is None:
        raise Invalid(_("Say under which watch profile: its brand judges the goods."), field="profile")
    payload = _keep(test_buy, Keeper.BRAND, who, by) | {"profile": test_buy.profile.public_id}
    TEST_BUYS.fire(test_buy, "hand_over", actor=by, payload=payload, writes=["profile"])
    filing = test_buy.profile.filing
    for reader in readers(filing.organisation_id, filing.created_by_id):
        mail.write_to(
            reader, template="test_buy_handed", dedupe_key=f"test_buy_handed:{test_buy.public_id}", about=test_buy.public_id,
            context={"buy": test_buy},
        )  # fmt: skip
    return test_buy


@transaction.atomic
def pass_on(*, test_buy: TestBuy, by: Any, keeper: str, who: str) -> TestBuy:
    """Another one keeps it from now on. Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "pass_on", by)
    if keeper not in Keeper.values:
        raise Invalid(_("Choose who keeps it from now on."), field="keeper")
    TEST_BUYS.fire(test_buy, "pass_on", actor=by, payload=_keep(test_buy, keeper, who, by))
    return test_buy


@transaction.atomic
def add_paper(*, test_buy: TestBuy, by: Any, kind: str, papers: Sequence[PrivateFile]) -> TestBuy:
    """Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "add_paper", by)
    if kind not in Kind.values:
        raise Invalid(_("Choose what it is."), field="kind")
    if not papers:
        raise Invalid(_("Add a file."), field="files")
    TEST_BUYS.fire(test_buy, "add_paper", actor=by, payload=_attach(test_buy, kind, papers, by))
    return test_buy


@transaction.atomic
def judge(*, test_buy: TestBuy, by: Any, verdict: str, note: str, reports: Sequence[PrivateFile] = ()) -> TestBuy:
    """The brand's verdict, from its own contact or as staff had it from the brand. Raises Forbidden, WrongState, Invalid.

    What is pirated becomes a candidate that a person decides on: the sample itself takes nothing down.
    """
    test_buy = _taken(test_buy, "judge", by)
    if verdict not in TestBuy.Verdict.values:
        raise Invalid(_("Choose a verdict."), field="verdict")
    if not note.strip():
        raise Invalid(_("Say what the verdict rests on; if somebody else gave it, who and when."), field="note")
    test_buy.verdict, test_buy.verdict_note, test_buy.judged_by = verdict, note.strip(), by
    payload = {"verdict": verdict} | _attach(test_buy, Kind.REPORT, reports, by)
    TEST_BUYS.fire(test_buy, "judge", actor=by, payload=payload, writes=["verdict", "verdict_note", "judged_by"])
    if verdict == TestBuy.Verdict.PIRATED:
        open_candidate(test_buy=test_buy)
    return test_buy


@transaction.atomic
def give_up(*, test_buy: TestBuy, by: Any, reason: str) -> TestBuy:
    """It could not be bought: sold out, gone, not delivered, or lost before the brand had it. Raises Forbidden, WrongState, Invalid."""
    test_buy = _taken(test_buy, "give_up", by)
    if not reason.strip():
        raise Invalid(_("Say why it could not be bought."), field="note")
    test_buy.why_not = reason.strip()
    TEST_BUYS.fire(test_buy, "give_up", actor=by, writes=["why_not"])
    return test_buy


def _taken(test_buy: TestBuy, name: str, by: Any) -> TestBuy:
    """Locked, and checked before anything is written."""
    test_buy = lock(test_buy)
    TEST_BUYS.check(test_buy, name, by)
    return test_buy


def _attach(test_buy: TestBuy, kind: str, papers: Sequence[PrivateFile], by: Any) -> dict[str, Any]:
    at = clock.now()
    TestBuyFile.objects.bulk_create(
        TestBuyFile(test_buy=test_buy, kind=kind, file=paper, added_by=by, added_at=at) for paper in papers
    )
    return {"papers": [{"kind": str(kind), "sha256": paper.sha256} for paper in papers]} if papers else {}


def _keep(test_buy: TestBuy, keeper: str, who: str, by: Any) -> dict[str, Any]:
    """A change of hands, and what the ledger says of it: no names, a digest that proves the words later."""
    if not who.strip():
        raise Invalid(_("Say who keeps it, where, and under which seal."), field="who")
    made = Custody.objects.create(test_buy=test_buy, keeper=keeper, who=who.strip(), by=by)
    return {"custody": made.public_id, "keeper": str(keeper), "who": crypto.digest(made.who, salt=made.salt)}


@dataclass(frozen=True)
class Event:
    """One line of the timeline of a test buy; `custody` where it changed hands."""

    at: datetime
    title: Any
    actor: str = ""
    tone: str = ""
    custody: Custody | None = None


def timeline(test_buy: TestBuy) -> list[Event]:
    """What happened with it, from the ledger, with who kept it from then on in the words of whoever handed it on."""
    entries = LedgerEntry.objects.filter(subject=test_buy.public_id, kind__startswith="test_buy.").order_by("pk")
    labels = {f"test_buy.{t.name}": t.label for t in TEST_BUYS.transitions}
    hands = {made.public_id: made for made in test_buy.custody.all()}
    return [Event(e.at, labels.get(e.kind, e.kind), custody=hands.get(e.payload.get("custody", ""))) for e in entries]
