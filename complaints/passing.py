"""Whose words and data go to the other side: only what the regime names, and each time an entry in the ledger.

The entry says who got which kinds of data under which rule; of the data itself it keeps a salted digest.
"""

import json
from typing import Any

from accounts.models import Organisation
from complaints.counter_lifecycle import regime_for
from complaints.models import CounterNotice
from complaints.redaction import without_persons
from complaints.regimes import Document, Party
from core import ledger
from core.crypto import digest


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
    rules = [
        p.source
        for p in regime_for(answer).passes
        if (p.document, p.to) == (Document.COUNTER_NOTICE, Party.COMPLAINANT)
    ]
    ledger.record(
        kind="counter_notice.passed",
        subject=answer.public_id,
        actor=by,
        payload={
            "to": to.public_id,
            "kinds": sorted(data),
            "rule": "; ".join(str(rule) for rule in rules),
            "digest": digest(json.dumps(data, sort_keys=True), salt=answer.salt),
        },
    )
