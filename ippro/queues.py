"""Every queue of the staff in one table: what waits, what is promised and why, and by which steps it is worked off.

Where parties have a lane (`complaints/lanes.py`) each has a level of its own; everywhere else all wait alike: a merchant
who answers, or a holder whose right is reviewed, does not pay for how somebody else complained. `core/servicelevels.py`
counts; a new queue is a new entry here.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.lifecycle import REVIEW_TAKES
from accounts.models import Organisation, PowerOfAttorney
from accounts.powers.lifecycle import REVIEW as POWER_REVIEW
from complaints.lanes import in_time
from complaints.models import AbuseFinding, Complaint, CounterNotice, Lane, Message, Removal
from complaints.regimes import REGIMES
from core import clock
from core.servicelevels import Level, Queue
from filings.lifecycle import REVIEW
from filings.models import Filing, FilingConflict
from governance.models import Appeal, Penalty, SecondLook, ShopLink
from governance.penalties.offences import DECISION
from imageguard.lifecycle import CONFLICT_REVIEW, MATCH_REVIEW
from imageguard.models import Conflict, Match
from marketplace.models import Restriction
from patrol.models import Candidate
from rulebook.models import RuleChange

#: the share of cases that is to be in time, by lane
_SHARES = {Lane.FAST: 0.99, Lane.NORMAL: 0.95, Lane.SLOW: 0.90}
_OWN = REGIMES["cn"]


def _by_lane(length: timedelta) -> tuple[Level, ...]:
    return tuple(Level(in_time(length, lane), _SHARES[lane], lane.value, lane.label) for lane in Lane)


def _one(length: timedelta, share: float = 0.95) -> tuple[Level, ...]:
    return (Level(length, share),)


def _in(model: type, *states: str) -> Callable[[], QuerySet]:
    return lambda: model._default_manager.filter(state__in=states)  # type: ignore[attr-defined]


def _heard() -> QuerySet:
    """Penalties whose shop has said something, or let its time go by: they can be confirmed."""
    is_heard = Q(stated_at__isnull=False) | Q(deadline_at__lte=clock.now())
    heard = Penalty.objects.filter(is_heard, state=Penalty.State.HEARING)
    return heard.annotate(heard_at=Coalesce("stated_at", "deadline_at"))


_BY_LAW_AND_LANE: str | Promise = _(
    "“In time” of the E-Commerce Law art. 42 and of DSA art. 16(6); the platform's own time, by lane"
)
_OWN_TIME: str | Promise = _("the platform's own time")

QUEUES = (
    Queue(
        "door", _("Complaints at the door"), "complaints_complaint", "desk=door",
        _in(Complaint, Complaint.State.SUBMITTED), _by_lane(_OWN.admission), _BY_LAW_AND_LANE,
        ("complaint.accept", "complaint.return", "complaint.reject"), due="deadline_at", lane="lane",
        arrivals=("complaint.submit", "complaint.supplement"),
    ),
    Queue(
        "decide", _("Complaints to decide"), "complaints_complaint", "desk=decide",
        _in(Complaint, Complaint.State.ACCEPTED), _by_lane(_OWN.decision), _BY_LAW_AND_LANE,
        ("complaint.uphold", "complaint.dismiss"), due="deadline_at", lane="lane",
        arrivals=("complaint.accept", "complaint.readmit"),
    ),
    Queue(
        "messages", _("Messages to read"), "complaints_complaint", "desk=messages",
        Message.objects.unread_by_staff, _by_lane(timedelta(days=2)),
        _("DSA art. 12: to be reached without undue delay; the platform's own time, by lane"),
        ("complaint.messages_read",), since="created_at", lane="complaint__lane",
    ),
    Queue(
        "answers", _("Counter-notices to check"), "complaints_counternotice", "desk=check",
        _in(CounterNotice, CounterNotice.State.SUBMITTED), _one(_OWN.admission, 0.99),
        _("Forwarded at once: E-Commerce Law art. 43, 17 U.S.C. § 512(g)(2)(B)"),
        ("counter_notice.forward", "counter_notice.take_up", "counter_notice.return"), due="deadline_at",
        arrivals=("counter_notice.submit", "counter_notice.supplement"),
    ),
    Queue(
        "anew", _("Counter-notices to decide anew"), "complaints_counternotice", "desk=review",
        _in(CounterNotice, CounterNotice.State.IN_REVIEW), _one(timedelta(days=7), 0.99),
        _("DSA art. 20(4): in a timely manner"), ("counter_notice.decide",), due="deadline_at",
        arrivals=("counter_notice.take_up",),
    ),
    Queue(
        "removals", _("Removals to review"), "complaints_removal", "review=waits",
        Removal.objects.to_review, _one(timedelta(days=3), 0.99),
        _("Nobody of the platform has looked at it yet; the platform's own time"),
        # Those that a review reverses are not counted: appeals write the same entry, and a pace that is too high hides
        # what will be late.
        ("complaint.removal_confirmed",), since="at",
    ),
    Queue(
        "abuse", _("Findings of abuse"), "complaints_abusefinding", "state__exact=open",
        _in(AbuseFinding, AbuseFinding.State.OPEN), _one(timedelta(days=7)),
        _("DSA art. 23(3): in a timely manner"), ("abuse.confirmed", "abuse.dismissed"), since="found_at",
        arrivals=("abuse.found",),
    ),
    Queue(
        "appeals", _("Appeals to look at"), "governance_appeal", "", _in(Appeal, *Appeal.WAITING), _one(timedelta(days=7), 0.99),
        _("DSA art. 20(4): in a timely manner; the platform's own time"),
        ("appeal.return", "appeal.uphold", "appeal.reverse", "appeal.reverse_in_part"), due="deadline_at",
        arrivals=("appeal.submit", "appeal.supplement"),
    ),
    Queue(
        "second_looks", _("Second looks"), "governance_secondlook", "state__exact=open", SecondLook.objects.waiting,
        _one(timedelta(days=14)), _OWN_TIME, ("second_look.made",), since="drawn_at",
        arrivals=("second_look.drawn",),
    ),
    Queue(
        "filings", _("Filings to review"), "filings_filing", "", _in(Filing, Filing.State.SUBMITTED), _one(REVIEW),
        _OWN_TIME, ("filing.approve", "filing.return", "filing.reject", "filing.decline_renewal"), due="deadline_at",
        arrivals=("filing.submit",),
    ),
    Queue(
        "filing_conflicts", _("Filing conflicts"), "filings_filingconflict", "", FilingConflict.objects.open,
        _one(timedelta(days=7)), _OWN_TIME, ("filing.conflict_settled",), since="opened_at",
        arrivals=("filing.conflict_opened",),
    ),
    Queue(
        "candidates", _("Candidates of patrol"), "patrol_candidate", "state__exact=open",
        Candidate.objects.awaiting_decision, _one(timedelta(days=3)),
        _("E-Commerce Law art. 45: who should know acts in time; the platform's own time"),
        ("candidate.uphold", "candidate.dismiss", "candidate.ask_brand", "candidate.hand_over"),
        arrivals=("candidate.found",),
    ),
    Queue(
        "rivals", _("First-publication conflicts"), "imageguard_conflict", "", Conflict.objects.open,
        _one(CONFLICT_REVIEW), _OWN_TIME, ("original.conflict_settled",), since="opened_at",
        due="original__deadline_at",
    ),
    Queue(
        "matches", _("Copies to look at"), "imageguard_match", "", Match.objects.awaiting_review, _one(MATCH_REVIEW),
        _OWN_TIME, ("match.confirm", "match.dismiss"), due="deadline_at",
        arrivals=("match.find",),
    ),
    Queue(
        "organisations", _("Organisations to verify"), "accounts_organisation", "",
        _in(Organisation, Organisation.State.SUBMITTED), _one(REVIEW_TAKES), _OWN_TIME,
        ("organisation.verify", "organisation.return", "organisation.reject"), due="deadline_at",
        arrivals=("organisation.submit",),
    ),
    Queue(
        "powers", _("Powers of attorney to review"), "accounts_powerofattorney", "state__exact=submitted",
        _in(PowerOfAttorney, PowerOfAttorney.State.SUBMITTED), _one(POWER_REVIEW), _OWN_TIME,
        ("power.approve", "power.return"), due="deadline_at",
        arrivals=("power.submit",),
    ),
    Queue(
        "penalties_proposed", _("Penalties proposed"), "governance_penalty", "state__exact=proposed",
        _in(Penalty, Penalty.State.PROPOSED), _one(DECISION), _OWN_TIME, ("penalty.hear", "penalty.drop"),
        arrivals=("penalty.propose",),
    ),
    Queue(
        "penalties_heard", _("Penalties to confirm"), "governance_penalty", "state__exact=hearing", _heard,
        _one(DECISION), _OWN_TIME, ("penalty.confirm", "penalty.drop"), since="heard_at",
        arrivals=("penalty.stated",),
    ),
    Queue(
        "penalties_confirmed", _("Penalties for a second person"), "governance_penalty", "state__exact=confirmed",
        _in(Penalty, Penalty.State.CONFIRMED), _one(DECISION), _OWN_TIME, ("penalty.begin",), due="deadline_at",
        arrivals=("penalty.confirm",),
    ),
    Queue(
        "shop_links", _("Links between shops"), "governance_shoplink", "state__exact=candidate",
        _in(ShopLink, ShopLink.State.CANDIDATE), _one(timedelta(days=7)), _OWN_TIME,
        ("shop_link.confirmed", "shop_link.dismissed"), since="found_at",
    ),
    Queue(
        "by_hand", _("Restrictions by hand"), "marketplace_restriction", "is_by_hand__exact=1",
        lambda: Restriction.objects.filter(is_by_hand=True), _one(timedelta(days=1)),
        _("A penalty that is in force has its effect; the platform's own time"), ("restriction.by_hand",),
        since="done_at",
    ),
    Queue(
        "rule_changes", _("Changes of rules"), "rulebook_rulechange", "",
        _in(RuleChange, RuleChange.State.PROPOSED), _one(timedelta(days=14)), _OWN_TIME,
        ("rule_change.approve", "rule_change.decline"),
        arrivals=("rule_change.propose",),
    ),
)  # fmt: skip
