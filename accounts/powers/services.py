"""What both sides, staff and the clock do with a power of attorney. One function, one transaction, one ledger entry."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import roles
from accounts.errors import NotVerified, OwnOrganisation
from accounts.models import Organisation, PowerDocument, PowerOfAttorney, User
from accounts.powers import letters
from accounts.powers.lifecycle import LIFECYCLE, REMINDER_DAYS, agent, either_side, holder, until_review
from accounts.requirements import CHINA, clean_uscc
from core import clock, files, ledger
from core.errors import Forbidden, Invalid, NotYours
from core.ids import next_number
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.obligations import each_due
from core.outbox import publish
from core.pace import keep_pace
from core.preconditions import still_as_seen

State, Side = PowerOfAttorney.State, PowerOfAttorney.Side
Kind = Organisation.Kind
MOST_DOCUMENTS = 10
#: of one pair that wait or are in force: more would not be looked at one by one any more
MOST_AT_ONCE = 20
LONGEST_YEARS = 10
#: rights holders that one agency names in a day, each of which may get a letter
NAMED_A_DAY = 20


@dataclass(frozen=True)
class Scope:
    """What a power is limited to, by public ids and codes; an empty list limits nothing."""

    rights: Sequence[str] = ()
    infringements: Sequence[str] = ()
    scenes: Sequence[str] = ()
    marketplaces: Sequence[str] = ()

    def as_lists(self) -> dict[str, list[str]]:
        return {name: sorted(set(codes)) for name, codes in asdict(self).items()}


@dataclass(frozen=True)
class Days:
    """From which calendar day until which, where the platform is; both belong to it."""

    first: date
    last: date


# --- the other side ----------------------------------------------------------------------------------


@transaction.atomic
def holder_named(*, name: str, country: str, number: str, by: User) -> Organisation:
    """The rights holder that an agency names: the verified one of this number, or else one without an account.

    `number` is a credit code, a company number or our own reference. One without an account is put down with what the
    agency says of it; it becomes nothing more by that, and staff compare it with the paper. Other agencies name it as well, so where it is
    written to stands in each power. Raises Forbidden, NotVerified, TooOften, Invalid.
    """
    keep_pace(what="power", who=_who_asks(by).public_id, most=NAMED_A_DAY, seconds=24 * 60 * 60)
    number, name, country = number.strip(), name.strip(), country.strip().upper()
    if not number:
        raise Invalid(_("Enter the holder's credit code, company number, or its reference here."), field="number")
    holders = Organisation.objects.filter(kind=Kind.RIGHTS_HOLDER)
    same = Q(number__iexact=number) | Q(uscc__iexact=number) | Q(registration_number__iexact=number, country=country)
    found = holders.filter(same, state=Organisation.State.VERIFIED).order_by("pk").first()
    found = found or holders.filter(same, memberships__isnull=True).order_by("pk").first()
    if found is not None:
        return found
    if not name:
        raise Invalid(_("Enter the holder's name as it stands on the paper."), field="name")
    at, numbers = clock.now(), {"registration_number": number}
    if country == CHINA:
        try:
            numbers = {"uscc": clean_uscc(number)}
        except ValueError as wrong:
            raise Invalid(str(wrong), field="number") from wrong
    made = Organisation.objects.create(
        number=next_number("O", at.year), kind=Kind.RIGHTS_HOLDER, name=name, country=country, state_since_at=at, created_at=at, **numbers,
    )  # fmt: skip
    ledger.record(
        kind="organisation.named", subject=made.public_id, actor=by, payload={"to": made.state, "number": made.number}
    )
    return made


def agency_named(*, number: str, by: User) -> Organisation:
    """The agency that a rights holder names by its reference or credit code. Raises Forbidden, Invalid."""
    _who_grants(by)
    same = Q(number__iexact=number.strip()) | Q(uscc__iexact=number.strip())
    agencies = Organisation.objects.filter(same, kind=Kind.AGENCY, state=Organisation.State.VERIFIED)
    found = agencies.first() if number.strip() else None
    if found is None:
        raise Invalid(
            _(
                "No verified agency has this reference or credit code. Ask the agency for it; it looks like O-2026-000123."
            ),
            field="number",
        )
    return found


def _who_asks(by: User) -> Organisation:
    m = by.membership
    if m is None or m.organisation.kind != Kind.AGENCY or m.role not in roles.MAY_HOLD_POWERS:
        raise Forbidden()
    if not m.organisation.is_verified:
        raise NotVerified()
    return m.organisation


def _who_grants(by: User) -> Organisation:
    m = by.membership
    if m is None or m.organisation.kind != Kind.RIGHTS_HOLDER or m.role not in roles.MAY_GRANT_POWERS:
        raise Forbidden()
    return m.organisation


# --- the paper ---------------------------------------------------------------------------------------


def keep_documents(*, uploads: Sequence[Any], by: User) -> list[PrivateFile]:
    """Check and store the pages of a power; with no transaction open, since that takes its time. Raises Invalid, TooLarge."""
    if by.organisation is None:
        raise Forbidden()
    if len(uploads) > MOST_DOCUMENTS:
        raise Invalid(_("At most %(n)d files. Put the pages into one PDF.") % {"n": MOST_DOCUMENTS}, field="document")
    return [files.keep(upload=u, purpose=FilePurpose.POWER, by=by, organisation=by.organisation) for u in uploads]


def _attach(power: PowerOfAttorney, kept: Sequence[PrivateFile], by: User) -> None:
    if any(f.uploaded_by_id != by.pk or f.purpose != FilePurpose.POWER for f in kept):
        raise NotYours()
    if power.documents.count() + len(kept) > MOST_DOCUMENTS:
        raise Invalid(_("At most %(n)d files. Put the pages into one PDF.") % {"n": MOST_DOCUMENTS}, field="document")
    if PowerDocument.objects.filter(file__in=kept).exists():
        raise Invalid(_("One of the files belongs to another paper. Upload it anew."), field="document")
    PowerDocument.objects.bulk_create(
        [PowerDocument(power=power, file=f, created_at=power.state_since_at) for f in kept]
    )


# --- handing in --------------------------------------------------------------------------------------


@transaction.atomic
def submit_power(
    *, holder: Organisation, agency: Organisation, scope: Scope, days: Days, kept: Sequence[PrivateFile], by: User,
    holder_email: str = "",
) -> PowerOfAttorney:  # fmt: skip
    """Hand a power to review, by the agency that got it or the holder that grants it; the other side gets a letter.

    `holder_email` is where a holder without an account is written to about this power, as its agency says. Granted by the holder it is confirmed from the start, and needs no paper. Raises Forbidden, Invalid (by field).
    """
    made = PowerOfAttorney(
        holder=holder, agency=agency, valid_from_on=days.first, valid_until_on=days.last, submitted_by=by,
        **scope.as_lists(),
    )  # fmt: skip
    is_granted = _side_of(made, by) == Side.HOLDER
    # Held until the end, so that a double click does not hand in two.
    Organisation.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if twin := _same_before(made):
        return twin
    _check(made, kept, needs_paper=not is_granted)
    at = clock.now()
    made.number, made.state, made.state_since_at, made.created_at = next_number("PA", at.year), State.SUBMITTED, at, at
    made.deadline_at = until_review(made)
    if is_granted:
        made.confirmed_at, made.confirmed_by = at, by
    else:
        made.holder_email = holder_email.strip()
    made.save(force_insert=True)
    _attach(made, kept, by)
    ledger.record(
        kind="power.submit", subject=made.public_id, actor=by,
        payload={"to": made.state, "number": made.number, "is_granted": is_granted, **_what_it_says(made)},
    )  # fmt: skip
    letters.submitted(made)
    publish("power.moved", made.public_id)
    return made


def _side_of(power: PowerOfAttorney, by: User) -> str:
    """By which side somebody hands it in. Raises Forbidden for one that is neither, or is not what it should be."""
    if power.holder.kind != Kind.RIGHTS_HOLDER or power.agency.kind != Kind.AGENCY:
        raise Forbidden()
    if holder(power, by):
        return Side.HOLDER
    if agent(power, by):
        return Side.AGENCY
    raise Forbidden()


def _same_before(made: PowerOfAttorney) -> PowerOfAttorney | None:
    """The power that says the same and still waits: sent twice it is one."""
    return PowerOfAttorney.objects.filter(
        holder=made.holder, agency=made.agency, state=State.SUBMITTED, valid_from_on=made.valid_from_on,
        valid_until_on=made.valid_until_on, rights=made.rights, infringements=made.infringements, scenes=made.scenes,
        marketplaces=made.marketplaces,
    ).first()  # fmt: skip


def _check(power: PowerOfAttorney, kept: Sequence[PrivateFile], *, needs_paper: bool) -> None:
    errors: dict[str, list[Any]] = _faults_of_days(power)
    if needs_paper and not kept:
        errors["document"] = [_("Attach the signed power of attorney, every page of it.")]
    live = PowerOfAttorney.objects.filter(holder=power.holder, agency=power.agency).exclude(state__in=power.OVER)
    if live.count() >= MOST_AT_ONCE:
        errors["agency"] = [_("Too many powers between these two are open. Revoke those that are not needed.")]
    if errors:
        raise Invalid(errors=errors)


def _faults_of_days(power: PowerOfAttorney) -> dict[str, list[Any]]:
    if power.valid_until_on < power.valid_from_on:
        return {"valid_until_on": [_("It ends before it begins. Compare both days with the paper.")]}
    if power.valid_until_on < clock.today():
        return {"valid_until_on": [_("Its last day has passed. Ask for a new power.")]}
    if power.valid_until_on.year - power.valid_from_on.year > LONGEST_YEARS:
        return {"valid_until_on": [_("A power lasts %(n)d years at most.") % {"n": LONGEST_YEARS}]}
    return {}


def _what_it_says(power: PowerOfAttorney) -> dict[str, Any]:
    """What the ledger remembers of a power that goes to review."""
    papers = power.documents.order_by("pk").values_list("file__sha256", flat=True)
    return {
        "holder": power.holder.public_id,
        "agency": power.agency.public_id,
        "days": [power.valid_from_on.isoformat(), power.valid_until_on.isoformat()],
        **{name: getattr(power, name) for name in Scope().as_lists()},
        "papers": list(papers),
    }


@transaction.atomic
def supplement_power(
    *, power: PowerOfAttorney, scope: Scope, days: Days, kept: Sequence[PrivateFile], by: User
) -> PowerOfAttorney:  # fmt: skip
    """Send a returned power again, with what was mended. What the agency changed the holder confirms anew.

    Raises Forbidden, WrongState, Invalid.
    """
    power = _of_a_side(power, by)
    power.valid_from_on, power.valid_until_on = days.first, days.last
    for name, codes in scope.as_lists().items():
        setattr(power, name, codes)
    if faults := _faults_of_days(power):
        raise Invalid(errors=faults)
    is_granted = holder(power, by)
    power.confirmed_at, power.confirmed_by = (clock.now(), by) if is_granted else (None, None)
    LIFECYCLE.check(power, "supplement", by)
    _attach(power, kept, by)
    LIFECYCLE.fire(
        power, "supplement", actor=by, payload={"is_granted": is_granted, **_what_it_says(power)},
        writes=["valid_from_on", "valid_until_on", "confirmed_at", "confirmed_by", *scope.as_lists()],
    )  # fmt: skip
    letters.submitted(power)
    publish("power.moved", power.public_id)
    return power


@transaction.atomic
def confirm_power(*, power: PowerOfAttorney, by: User, seen: str = "") -> PowerOfAttorney:
    """The rights holder says that a power which an agency handed in is its own, as the page showed it (its tag, `seen`).

    Raises Forbidden, WrongState (also when the agency sent it again since).
    """
    power = _of_a_side(power, by)
    still_as_seen(power, seen)
    LIFECYCLE.fire(power, "confirm", actor=by)
    power.confirmed_at, power.confirmed_by = clock.now(), by
    power.save(update_fields=["confirmed_at", "confirmed_by"])
    publish("power.moved", power.public_id)
    return power


def _of_a_side(power: PowerOfAttorney, by: User) -> PowerOfAttorney:
    power = lock(power)
    if not either_side(power, by):
        raise Forbidden()
    return power


# --- review ------------------------------------------------------------------------------------------


@transaction.atomic
def approve_power(*, power: PowerOfAttorney, by: User) -> PowerOfAttorney:
    """The paper shows what the data say: the agency acts by it on its days. Raises Forbidden, OwnOrganisation, WrongState."""
    power = _to_review(power, by)
    power.review_note = ""
    LIFECYCLE.fire(power, "approve", actor=by, writes=["review_note", "reviewed_by"], payload=_what_it_says(power))
    letters.approved(power)
    publish("power.moved", power.public_id)
    return power


@transaction.atomic
def return_power(*, power: PowerOfAttorney, by: User, missing: str) -> PowerOfAttorney:
    """Send a power back with the words that say what is missing. Raises Invalid without them."""
    missing = _said(missing, "note")
    power = _to_review(power, by)
    power.review_note = missing
    LIFECYCLE.fire(power, "return", actor=by, writes=["review_note", "reviewed_by"], payload=_digest(missing))
    letters.returned(power)
    publish("power.moved", power.public_id)
    return power


def _to_review(power: PowerOfAttorney, by: User) -> PowerOfAttorney:
    power = lock(power)
    if by.memberships.filter(organisation__in=[power.holder_id, power.agency_id]).exists():
        raise OwnOrganisation()
    power.reviewed_by = by
    return power


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise Invalid(_("Say why, in words that the other side can act on."), field=field)
    return text.strip()[:5_000]


def _digest(text: str) -> dict[str, str]:
    return {"note_sha256": hashlib.sha256(text.encode()).hexdigest()}


# --- the end -----------------------------------------------------------------------------------------


@transaction.atomic
def revoke_power(*, power: PowerOfAttorney, by: User, reason: str) -> PowerOfAttorney:
    """End a power at once, by either side or the platform, with the reason that both sides read.

    From this moment the agency acts by it no more. Raises Forbidden, WrongState, Invalid without a reason.
    """
    power = lock(power)
    LIFECYCLE.check(power, "revoke", by)
    reason = _said(reason, "reason")
    power.revoked_because = reason
    power.revoked_by_side = Side.HOLDER if holder(power, by) else Side.AGENCY if agent(power, by) else Side.STAFF
    LIFECYCLE.fire(
        power, "revoke", actor=by, writes=["revoked_because", "revoked_by_side"],
        payload={"by": power.revoked_by_side, **_digest(reason)},
    )  # fmt: skip
    letters.revoked(power)
    publish("power.moved", power.public_id)
    return power


def _due() -> QuerySet[PowerOfAttorney]:
    """Powers for which a day has come: their last one has passed, or a reminder is owed."""
    today = clock.today()
    live = PowerOfAttorney.objects.exclude(state__in=PowerOfAttorney.OVER)
    due = Q(valid_until_on__lt=today) | Q(state=State.RETURNED, deadline_at__lte=clock.now())
    for days in REMINDER_DAYS:
        unsaid = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
        due |= Q(state=State.APPROVED, valid_until_on__lte=today + timedelta(days=days)) & unsaid
    return live.filter(due).order_by("valid_until_on", "pk")


def pass_days(limit: int = 500) -> int:
    """Remind both sides of what ends soon, and expire what has ended; returns how many moved."""
    return each_due(_due, lambda power: pass_day(power=power), limit=limit)


@transaction.atomic
def pass_day(*, power: PowerOfAttorney) -> bool:
    """Do what the calendar asks of one power; running it twice does it once."""
    power = lock(power)
    if power.state in PowerOfAttorney.OVER:
        return False
    lapsed = power.state == State.RETURNED and power.deadline_at is not None and power.deadline_at <= clock.now()
    if lapsed or power.valid_until_on < clock.today():
        LIFECYCLE.fire(power, "expire", actor=None)
        letters.expired(power)
        publish("power.moved", power.public_id)
        return True
    return _remind(power)


def _remind(power: PowerOfAttorney) -> bool:
    """One reminder at each of `REMINDER_DAYS`; whoever comes late gets the one that fits, and no arrears."""
    left = (power.valid_until_on - clock.today()).days
    reached = [days for days in REMINDER_DAYS if left <= days]
    if power.state != State.APPROVED or not reached:
        return False
    if power.reminded_days is not None and power.reminded_days <= min(reached):
        return False
    power.reminded_days = min(reached)
    power.save(update_fields=["reminded_days"])
    ledger.record(kind="power.reminded", subject=power.public_id, payload={"days": power.reminded_days})
    letters.expiring(power, days_left=left)
    return True
