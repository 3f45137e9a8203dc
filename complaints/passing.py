"""Whose words and data go to the other side: only what the regime names, and each time an entry in the ledger.

The entry says who got which kinds of data under which rule; of the data itself it keeps a salted digest.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Organisation
from complaints.counter_lifecycle import regime_for
from complaints.lifecycle import regime_of
from complaints.models import Complaint, ComplaintTarget, CounterNotice, StatementOfReasons
from complaints.redaction import without_persons
from complaints.regimes import Document, Party, Regime
from core import ledger
from core.crypto import digest

# --- the notice, to the merchant --------------------------------------------------------------------------


def description_for_merchant(complaint: Complaint) -> str:
    """What the complainant described, without what identifies a person."""
    return without_persons(complaint.description, names=(complaint.signature, complaint.filed_by.name))


def record_notices(statements: Mapping[StatementOfReasons, Sequence[ComplaintTarget]], *, by: Any) -> None:
    """Put on record that a notice goes to the shops whose links were taken down, each with what of it; needs a transaction.

    To a merchant without an account the marketplace's address for it is all there is: the shop stands for it.
    """
    if not statements:
        return
    complaint = next(iter(statements)).decision.complaint
    regime, right = regime_of(complaint), complaint.filing
    shown = regime.passed(Document.NOTICE, to=Party.MERCHANT)
    carried: dict[str, Any] = {
        "filing": [right.title, right.registration_number, right.owner_name],
        "infringement": complaint.infringement,
        "description": description_for_merchant(complaint),
        "evidence": list(
            complaint.evidence.filter(is_shown_to_merchant=True).order_by("pk").values_list("file__sha256", flat=True)
        ),
    }
    rule = _rules(regime, Document.NOTICE, Party.MERCHANT)
    entries = []
    for statement, rows in statements.items():
        links = sorted(row.target.public_id for row in rows)
        data = {field: value for field, value in (carried | {"links": links}).items() if value and field in shown}
        to = statement.shop.operator or statement.shop
        payload = _passed(data, to=to.public_id, rule=rule, salt=statement.salt)
        entries.append(ledger.entry(kind="statement.passed", subject=statement.public_id, actor=by, payload=payload))
    ledger.record_all(entries)


# --- the counter-notice, to the complainant -----------------------------------------------------------------


def passed_on(answer: CounterNotice) -> frozenset[str]:
    """The fields of a counter-notice that its complainant gets to see."""
    return frozenset(regime_for(answer).passed(Document.COUNTER_NOTICE, to=Party.COMPLAINANT))


def statement_for_complainant(answer: CounterNotice) -> str:
    """What the merchant stated, without what identifies a person where the regime keeps that from the complainant."""
    shown = passed_on(answer)
    if {"signature", "name", "phone"} <= shown:
        return answer.description
    return without_persons(answer.description, names=(answer.signature, answer.name, answer.filed_by.name))


def data_passed(answer: CounterNotice) -> dict[str, Any]:
    """What a counter-notice carries of these fields, by the regime's names."""
    links = [row.complaint_target.target.public_id for row in answer.links.select_related("complaint_target__target")]
    evidence = answer.evidence.filter(is_passed_on=True).select_related("file")
    carried: dict[str, Any] = {
        "statement": statement_for_complainant(answer),
        "signature": answer.signature,
        "name": answer.name,
        "address": answer.address,
        "phone": answer.phone,
        "targets": sorted(links),
        "evidence": [row.file.sha256 for row in evidence],
        "good_faith": answer.good_faith_at.isoformat() if answer.good_faith_at else "",
        "jurisdiction": answer.jurisdiction_at.isoformat() if answer.jurisdiction_at else "",
    }
    return {field: value for field, value in carried.items() if value and field in passed_on(answer)}


def record_passing(answer: CounterNotice, *, to: Organisation, by: Any) -> None:
    """Put on record that a counter-notice goes to the complainant, with what of it."""
    data = data_passed(answer)
    if not data:
        return
    rule = _rules(regime_for(answer), Document.COUNTER_NOTICE, Party.COMPLAINANT)
    payload = _passed(data, to=to.public_id, rule=rule, salt=answer.salt)
    ledger.record(kind="counter_notice.passed", subject=answer.public_id, actor=by, payload=payload)


def _passed(data: dict[str, Any], *, to: str, rule: str, salt: str) -> dict[str, Any]:
    """What the ledger keeps of a passing: kinds, and a digest of the data."""
    said = digest(json.dumps(data, sort_keys=True), salt=salt)
    return {"to": to, "kinds": sorted(data), "rule": rule, "digest": said}


def _rules(regime: Regime, document: Document, to: str) -> str:
    """Under which rules of law a document goes to its other party."""
    return "; ".join(str(p.source) for p in regime.passes if (p.document, p.to) == (document, to))
