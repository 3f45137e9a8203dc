"""Who gets which complaint: the one rule, for who takes the next by hand and for what is assigned by itself.

A reviewer fits a case whose language they read and whose queue is theirs, which is no case of their own, and on which they have
not said the last word before. Of those who fit, whoever has the smallest share of a day's work open gets it. What somebody
leaves lying, or leaves behind, goes back to all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Membership, User
from accounts.roles import StaffRole
from complaints import queue, services
from complaints.deciders import barred
from complaints.models import Complaint, Decision, Message, ReviewerProfile, StaffNote
from core import clock, ledger
from core.errors import Forbidden, Invalid
from core.lifecycle import lock
from core.models import LedgerEntry
from core.obligations import each_due

State = Complaint.State
#: a case on which nothing was done for so long goes back to all
LEFT_LYING = timedelta(hours=48)
#: steps of a day are looked for among so many of the newest entries of the ledger
NEWEST_ENTRIES = 200_000
#: so many of the most urgent cases are looked at for one that somebody may take
LOOKED_AT = 50
#: entries of a case that somebody gave back by hand
GIVEN_BACK = Q(kind="complaint.assigned", payload__to=None)
REVIEWERS = (StaffRole.REVIEWER, StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR)
_QUEUE_OF = {State.SUBMITTED: "door", State.ACCEPTED: "decide"}


# --- the rule ----------------------------------------------------------------------------------------------


@dataclass
class Worker:
    """Somebody who is at work: what they take, and how much of a day's work they have."""

    person: User
    profile: ReviewerProfile
    #: cases open on their desk, and those they worked off today
    load: int = 0

    @property
    def has_room(self) -> bool:
        return self.load < self.profile.daily_capacity

    @property
    def share(self) -> float:
        """How much of a day's work that is; 1 is all of it."""
        return self.load / self.profile.daily_capacity if self.profile.daily_capacity else 1.0


def least_loaded(workers: Iterable[Worker], *, queue: str, language: str) -> list[Worker]:
    """Who fits a case and has room for it, the one with the smallest share of a day's work first."""
    fitting = [w for w in workers if w.has_room and w.profile.fits(queue, language)]
    return sorted(fitting, key=lambda w: (w.share, w.person.pk))


def narrowed(free: QuerySet, profile: ReviewerProfile | None) -> QuerySet:
    """Of some complaints those that fit what somebody reads and takes; all where nothing is known of that."""
    if profile is None:
        return free
    return free.filter(in_languages(profile.languages), state__in=_states(profile.queues))


def in_languages(languages: Collection[str]) -> Q:
    """Complaints that were written in one of these."""
    chinese = Q(language__startswith="zh")
    both = {"zh": chinese, "en": ~chinese}
    if both.keys() <= set(languages):
        # All of them; nothing to ask of a row, and still true beside an "or".
        return ~Q(pk__in=[])
    parts = [both[code] for code in languages if code in both]
    wanted = Q(pk__in=[])
    for part in parts:
        wanted |= part
    return wanted


def _states(queues: Iterable[str]) -> list[str]:
    return [state for state, name in _QUEUE_OF.items() if name in queues]


def profile_of(user: User) -> ReviewerProfile | None:
    return ReviewerProfile.objects.filter(person=user).first()


def free_for(user: User, taken: Callable[[QuerySet], QuerySet] | None = None) -> Complaint | None:
    """The most urgent case that nobody has, that fits somebody and from which they are not barred.

    `taken` locks what is found; without it somebody only looks.
    """
    waiting = narrowed(queue.free_for(user), profile_of(user))
    if taken is not None:
        found = taken(waiting)[:LOOKED_AT]
    else:
        # Keys alone are sorted from their index, however many wait.
        found = waiting.filter(pk__in=list(waiting.values_list("pk", flat=True)[:LOOKED_AT]))
    first = list(found[:1])
    if first and user.public_id not in barred(first)[first[0].public_id]:
        return first[0]
    others = list(found) if first else []
    known = barred(others)
    return next((case for case in others if user.public_id not in known[case.public_id]), None)


def colleagues_for(complaint: Complaint) -> list[tuple[User, bool]]:
    """To whom a senior may hand a case, and whether they read its language and take its queue, those first."""
    name = _QUEUE_OF.get(State(complaint.state), "")
    not_to = barred([complaint])[complaint.public_id]
    parties = Membership.objects.filter(complaint.of_parties).values("user")
    people = reviewers().distinct().exclude(public_id__in=not_to).exclude(pk__in=parties)
    found = []
    for person in people.select_related("reviewer_profile").order_by("pk"):
        if person.pk == complaint.assigned_to_id:
            continue
        profile = getattr(person, "reviewer_profile", None)
        fits = profile is None or (profile.fits(name, complaint.language) and not profile.is_away(clock.today()))
        found.append((person, fits))
    return sorted(found, key=lambda one: not one[1])


# --- by itself -----------------------------------------------------------------------------------------------


def at_work() -> list[Worker]:
    """Everybody to whom cases are assigned by themselves and who is not away, with their load."""
    today = clock.today()
    found = ReviewerProfile.objects.filter(is_assigned_automatically=True, daily_capacity__gt=0)
    rows = found.filter(person__in=reviewers()).select_related("person").order_by("person")
    profiles = [row for row in rows if not row.is_away(today)]
    load = loads([row.person for row in profiles])
    return [Worker(row.person, row, load[row.person_id]) for row in profiles]


#: by the key of each person the public ids of cases
Work = dict[int, set[str]]


def loads(people: Collection[User]) -> Counter[int]:
    """How many cases lie on each desk or were worked off since midnight, each once, of every room (`ippro.wiring.WORK`)."""
    midnight = timezone.make_aware(datetime.combine(clock.today(), time.min))
    work: dict[int, set[str]] = defaultdict(set)
    for name in import_string(settings.IPPRO_WORK) if people else ():
        for person, cases in import_string(name)(people, midnight).items():
            work[person] |= cases
    return Counter({person: len(cases) for person, cases in work.items()})


def work_on_complaints(people: Collection[User], since: datetime) -> Work:
    """The complaints on each desk, and those that somebody decided, returned, rejected or passed on since then."""
    on_desk = Complaint.objects.awaiting_staff().filter(assigned_to__in=people)
    decided = Decision.objects.filter(decided_at__gte=since, decided_by__in=people, on_appeal="")
    return together(
        on_desk.values_list("assigned_to", "public_id"),
        decided.values_list("decided_by", "complaint__public_id"),
        steps_taken(people, ("complaint.accept", "complaint.return", "complaint.reject"), since),
    )


def steps_taken(people: Collection[User], kinds: Collection[str], since: datetime) -> list[tuple[int, str]]:
    """By whom of some people such a step was taken since then, and in which case."""
    keys = {person.public_id: person.pk for person in people}
    newest = LedgerEntry.objects.aggregate(n=Max("pk"))["n"] or 0
    recent = LedgerEntry.objects.filter(pk__gt=newest - NEWEST_ENTRIES, kind__in=kinds, at__gte=since, actor__in=keys)
    return [(keys[actor], subject) for actor, subject in recent.values_list("actor", "subject")]


def together(*parts: Iterable[tuple[int, str]]) -> Work:
    work: Work = defaultdict(set)
    for person, case in chain(*parts):
        work[person].add(case)
    return work


def reviewers() -> QuerySet[User]:
    """Everybody who may decide cases now."""
    may = Q(is_superuser=True) | Q(groups__name__in=REVIEWERS)
    return User.objects.filter(may, is_active=True, is_staff=True)


def assign_waiting(limit: int = 200) -> int:
    """Give what nobody has to whoever fits and has least to do, the most urgent first; returns how many were given."""
    workers = at_work()
    if not any(worker.has_room for worker in workers):
        return 0
    wanted = Q(pk__in=[])
    for worker in workers:
        if worker.has_room:
            wanted |= in_languages(worker.profile.languages) & Q(state__in=_states(worker.profile.queues))
    free = Complaint.objects.awaiting_staff().filter(wanted, assigned_to=None)
    waiting = list(queue.in_order(free).order_by(*queue.QUEUE_ORDER)[:limit])
    known, left = barred(waiting), left_by(waiting, "complaint.assigned", GIVEN_BACK)
    return sum(_give(case, workers, known[case.public_id] | left[case.public_id]) for case in waiting)


def left_by(cases: Sequence[Any], kind: str, given_back: Q) -> dict[str, set[str]]:
    """By public id of each case, who left it lying or gave it back before: by itself it does not come to them again, by hand it may."""
    found: dict[str, set[str]] = {case.public_id: set() for case in cases}
    entries = LedgerEntry.objects.filter(subject__in=found)
    for subject, payload in entries.filter(kind=kind, payload__why="idle").values_list("subject", "payload"):
        found[subject].add(payload.get("from", ""))
    for subject, actor in entries.filter(given_back).exclude(actor=ledger.SYSTEM).values_list("subject", "actor"):
        found[subject].add(actor)
    return found


def _give(complaint: Complaint, workers: Sequence[Worker], not_to: set[str]) -> bool:
    name = _QUEUE_OF[State(complaint.state)]
    for worker in least_loaded(workers, queue=name, language=complaint.language):
        if worker.person.public_id in not_to or complaint.has_party(worker.person):
            continue
        if assign_by_itself(complaint=complaint, to=worker.person):
            worker.load += 1
            return True
        return False
    return False


@transaction.atomic
def assign_by_itself(*, complaint: Complaint, to: User) -> bool:
    """Assign a case that nobody has; False if somebody was faster, or it waits no longer."""
    complaint = lock(complaint)
    if complaint.assigned_to_id is not None or complaint.state not in Complaint.WAITING:
        return False
    services.put_on_desk(complaint=complaint, to=to, by=None, why="load")
    return True


# --- going back to all ----------------------------------------------------------------------------------------


def release_left(limit: int = 500) -> int:
    """Take cases from the desks of who is away or has left, and what was left lying; returns how many went back."""
    return sum(
        each_due(which, lambda case, why=why: release(complaint=case, why=why), limit=limit)  # type: ignore[misc]
        for why, which in _GOES_BACK.items()
    )


def _on_desks() -> QuerySet[Complaint]:
    return Complaint.objects.awaiting_staff().filter(assigned_to__isnull=False).order_by("pk")


def _of_who_left() -> QuerySet[Complaint]:
    return _on_desks().exclude(assigned_to__in=reviewers())


def who_is_away() -> QuerySet[ReviewerProfile]:
    today = clock.today()
    away = ReviewerProfile.objects.filter(away_from_on__lte=today)
    return away.filter(Q(away_until_on=None) | Q(away_until_on__gte=today))


def _of_who_is_away() -> QuerySet[Complaint]:
    return _on_desks().filter(assigned_to__in=who_is_away().values("person"))


def _left_lying() -> QuerySet[Complaint]:
    """Nothing was decided, written or noted by who has it since it came to them, and that is long ago."""
    since = clock.now() - LEFT_LYING
    noted = StaffNote.objects.filter(complaint=OuterRef("pk"), author=OuterRef("assigned_to"), created_at__gt=since)
    written = Message.objects.filter(complaint=OuterRef("pk"), author=OuterRef("assigned_to"), created_at__gt=since)
    lying = _on_desks().annotate(came_at=Coalesce(F("assigned_at"), F("state_since_at")))
    return lying.filter(~Exists(noted), ~Exists(written), came_at__lte=since, state_since_at__lte=since)


#: why a case goes back to all, and which do
_GOES_BACK = {"left": _of_who_left, "away": _of_who_is_away, "idle": _left_lying}


@transaction.atomic
def release(*, complaint: Complaint, why: str) -> bool:
    """Put one case back for all, under its lock; False if somebody took it or worked on it in the meantime."""
    complaint = lock(complaint)
    if not _GOES_BACK[why]().filter(pk=complaint.pk).exists():
        return False
    services.put_on_desk(complaint=complaint, to=None, by=None, why=why)
    return True


# --- profiles ----------------------------------------------------------------------------------------------------


@transaction.atomic
def save_profile(*, profile: ReviewerProfile, by: User) -> ReviewerProfile:
    """Keep how somebody works: seniors for everybody, a reviewer for when they are away. Raises Forbidden, Invalid."""
    is_own = profile.person_id == by.pk
    if not roles.is_reviewer(by) or not (roles.is_senior(by) or is_own):
        raise Forbidden(_("Senior reviewers say how others work; say yourself when you are away."))
    if not roles.is_reviewer(profile.person):
        raise Invalid(_("Choose somebody who decides cases."), field="person")
    if profile.away_until_on and (profile.away_from_on is None or profile.away_from_on > profile.away_until_on):
        raise Invalid(_("The first day away comes before the last one."), field="away_until_on")
    for name, known in (("languages", ReviewerProfile.Language), ("queues", ReviewerProfile.Queue)):
        if not set(getattr(profile, name)) <= set(known.values):  # type: ignore[attr-defined]
            raise Invalid(_("Choose among what is offered."), field=name)
    if not roles.is_senior(by):
        # Of their own they change when they are away, and nothing of what others count on.
        kept = ReviewerProfile.objects.filter(pk=profile.pk).first()
        for name in ("languages", "queues", "daily_capacity", "is_assigned_automatically"):
            if kept is None or getattr(kept, name) != getattr(profile, name):
                raise Forbidden(_("Senior reviewers say what you take. You say when you are away."))
    profile.changed_by, profile.changed_at = by, clock.now()
    profile.save()
    ledger.record(
        kind="reviewer.changed", subject=profile.public_id, actor=by,
        payload={
            "person": profile.person.public_id, "languages": sorted(profile.languages), "queues": sorted(profile.queues),
            "capacity": profile.daily_capacity, "is_automatic": profile.is_assigned_automatically,
        },
    )  # fmt: skip
    return profile
