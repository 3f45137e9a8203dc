"""Which steps of cases become messages to organisations' systems, to whom, and what these say.

Each function below listens to one event of the house (`ippro/wiring.py`) and owes it to whoever is a party and may
know of it by then. A message says ids, numbers and states as they are when it is written, and nothing of people: its
reader asks the API for the rest.
"""

from collections.abc import Callable, Collection
from typing import Any

from accounts.models import Organisation, PowerOfAttorney
from accounts.webhooks.events import Event
from accounts.webhooks.services import owe
from complaints.models import Complaint, ComplaintTarget, CounterNotice, Decision, StatementOfReasons
from core.errors import NotYours
from filings.models import Filing
from governance.models import Appeal, Penalty
from imageguard.models import Match, Original
from marketplace.models import Enforcement
from patrol.models import Candidate

Listener = Callable[[str], None]
#: what is said of a thing, and to which organisations
Told = tuple[dict[str, Any], Collection[int | None]]


def _listener(event: Event, told: Callable[[Any], Told], model: Any, *related: str) -> Listener:
    """Owes `event` about the thing of `model` that is the subject. A thing that is gone is told of no more."""

    def listen(subject: str) -> None:
        thing = model.objects.select_related(*related).filter(public_id=subject).first()
        if thing is None:
            raise NotYours()
        data, organisations = told(thing)
        owe(event=event, subject=subject, data=data, organisations=organisations)

    return listen


def _case(kind: str, thing: Any, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": thing.public_id, "number": thing.number, "state": thing.state, **more}


# --- organisations, rights and images ------------------------------------------------------------------------


def _organisation(organisation: Organisation) -> Told:
    return _case("organisation", organisation), [organisation.pk]


def _power(power: PowerOfAttorney) -> Told:
    return _case("power", power), [power.holder_id, power.agency_id]


def _filing(filing: Filing) -> Told:
    return _case("filing", filing), [filing.organisation_id]


def _original(original: Original) -> Told:
    return _case("original", original), [original.organisation_id]


def _match(match: Match) -> Told:
    data = _case("match", match, original=match.original.public_id, target=match.target.public_id)
    return data, [match.original.organisation_id] if match.is_known_to_holder else []


def _candidate(candidate: Candidate) -> Told:
    return _case("candidate", candidate, profile=candidate.profile.public_id), [
        candidate.profile.filing.organisation_id
    ]


organisation_verified = _listener(Event.ORGANISATION_VERIFIED, _organisation, Organisation)
power_moved = _listener(Event.POWER_MOVED, _power, PowerOfAttorney)
filing_approved = _listener(Event.FILING_APPROVED, _filing, Filing)
filing_returned = _listener(Event.FILING_RETURNED, _filing, Filing)
filing_rejected = _listener(Event.FILING_REJECTED, _filing, Filing)
filing_ended = _listener(Event.FILING_ENDED, _filing, Filing)
original_certified = _listener(Event.ORIGINAL_CERTIFIED, _original, Original)
original_in_conflict = _listener(Event.ORIGINAL_IN_CONFLICT, _original, Original)
original_refused = _listener(Event.ORIGINAL_REFUSED, _original, Original)
original_ended = _listener(Event.ORIGINAL_ENDED, _original, Original)
match_confirmed = _listener(Event.MATCH_CONFIRMED, _match, Match, "original", "target")
match_dismissed = _listener(Event.MATCH_DISMISSED, _match, Match, "original", "target")
candidate_brand_asked = _listener(Event.CANDIDATE_BRAND_ASKED, _candidate, Candidate, "profile__filing")


# --- complaints -------------------------------------------------------------------------------------------------


def _side(complaint: Complaint) -> set[int | None]:
    """Who complained, and the rights holder for whom an agency did."""
    return {complaint.organisation_id, complaint.holder_id}


def _complaint(complaint: Complaint) -> Told:
    return _case("complaint", complaint), _side(complaint)


def _decided_anew(decision: Decision) -> Told:
    return _complaint(decision.complaint)


complaint_submitted = _listener(Event.COMPLAINT_SUBMITTED, _complaint, Complaint)
complaint_accepted = _listener(Event.COMPLAINT_ACCEPTED, _complaint, Complaint)
complaint_returned = _listener(Event.COMPLAINT_RETURNED, _complaint, Complaint)
complaint_rejected = _listener(Event.COMPLAINT_REJECTED, _complaint, Complaint)
complaint_decided = _listener(Event.COMPLAINT_DECIDED, _complaint, Complaint)
complaint_decided_anew = _listener(Event.COMPLAINT_DECIDED_ANEW, _decided_anew, Decision, "complaint")
complaint_ordered = _listener(Event.COMPLAINT_ORDERED, _complaint, Complaint)
complaint_withdrawn = _listener(Event.COMPLAINT_WITHDRAWN, _complaint, Complaint)


def notices_sent(subject: str) -> None:
    """The parties of a complaint were told how it was decided: each shop of its statement of reasons."""
    statements = StatementOfReasons.objects.filter(decision__complaint__public_id=subject).select_related("shop")
    for statement in statements.order_by("pk"):
        data = {
            "kind": "notice",
            "id": statement.public_id,
            "number": statement.number,
            "shop": statement.shop.public_id,
        }
        owe(event=Event.NOTICE_SENT, subject=statement.public_id, data=data, organisations=[statement.shop.operator_id])


def links_settled(subject: str) -> None:
    """The marketplace confirmed where a target stands, or it was given up: to everybody who complained of it."""
    order = Enforcement.objects.filter(target__public_id=subject).first()
    decided = ComplaintTarget.objects.filter(target__public_id=subject).exclude(outcome=ComplaintTarget.Outcome.PENDING)
    for link in decided.select_related("complaint").order_by("pk"):
        data = {
            "kind": "link", "id": link.public_id, "complaint": link.complaint.public_id, "target": subject,
            "outcome": link.outcome, "confirmed": order.confirmed if order else "",
            "is_given_up": order is not None and order.dead_at is not None,
        }  # fmt: skip
        owe(event=Event.LINK_SETTLED, subject=link.public_id, data=data, organisations=_side(link.complaint))


# --- counter-notices, appeals, penalties ----------------------------------------------------------------------


def _counter_notice(answer: CounterNotice) -> Told:
    """The merchant's own; the complainant hears of it once it was passed on."""
    parties: set[int | None] = {answer.organisation_id}
    if answer.forwarded_at is not None:
        parties |= _side(answer.complaint)
    return _case("counter_notice", answer, complaint=answer.complaint.public_id), parties


def _appeal(appeal: Appeal) -> Told:
    return _case("appeal", appeal, against=appeal.subject), [appeal.organisation_id, appeal.beside_id]


def _penalty(penalty: Penalty) -> Told:
    return _case("penalty", penalty, shop=penalty.shop.public_id), [penalty.shop.operator_id]


counter_notice_submitted = _listener(Event.COUNTER_NOTICE_SUBMITTED, _counter_notice, CounterNotice, "complaint")
counter_notice_returned = _listener(Event.COUNTER_NOTICE_RETURNED, _counter_notice, CounterNotice, "complaint")
counter_notice_lapsed = _listener(Event.COUNTER_NOTICE_LAPSED, _counter_notice, CounterNotice, "complaint")
counter_notice_forwarded = _listener(Event.COUNTER_NOTICE_FORWARDED, _counter_notice, CounterNotice, "complaint")
counter_notice_waiting = _listener(Event.COUNTER_NOTICE_WAITING, _counter_notice, CounterNotice, "complaint")
counter_notice_settled = _listener(Event.COUNTER_NOTICE_SETTLED, _counter_notice, CounterNotice, "complaint")
counter_notice_withdrawn = _listener(Event.COUNTER_NOTICE_WITHDRAWN, _counter_notice, CounterNotice, "complaint")
appeal_submitted = _listener(Event.APPEAL_SUBMITTED, _appeal, Appeal)
appeal_returned = _listener(Event.APPEAL_RETURNED, _appeal, Appeal)
appeal_decided = _listener(Event.APPEAL_DECIDED, _appeal, Appeal)
appeal_moved = _listener(Event.APPEAL_MOVED, _appeal, Appeal)
penalty_begun = _listener(Event.PENALTY_BEGUN, _penalty, Penalty, "shop")
penalty_over = _listener(Event.PENALTY_OVER, _penalty, Penalty, "shop")
