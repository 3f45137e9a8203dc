"""What people and the clock do with filings. One function, one transaction, one ledger entry.

Uploads are checked and stored before the transaction that attaches them; what is never attached is swept.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import Departure, Organisation, PowerOfAttorney, User
from core import clock, files, ledger
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.ids import next_number, next_numbers
from core.lifecycle import lock
from core.models import FilePurpose, PrivateFile
from core.outbox import publish
from filings import letters
from filings.agents import AGENCY, holders_to_file_for, power_behind, power_over
from filings.errors import Incomplete, NotVerified, OwnFiling, StaleForm
from filings.lifecycle import LIFECYCLE, REMINDER_DAYS, holder, in_force_during_renewal, reviewer
from filings.models import Filing, FilingConflict, FilingFile, GenuineSeller, RightKind
from filings.numbers import number_key, read_number
from filings.requirements import FILED_BY_HAND, MAX_FILES, MAX_SELLERS, clean_fields, missing_from, wrong_renewal
from marketplace.links import resolve
from marketplace.models import Target

log = logging.getLogger("ippro.filings")

State = Filing.State
EDITABLE = (State.DRAFT, State.RETURNED)
OVER = (State.REJECTED, State.REVOKED, State.WITHDRAWN)
#: states in which a filing claims its number against others
CLAIMING = (State.SUBMITTED, State.RETURNED, State.APPROVED, State.EXPIRING, State.EXPIRED)
PURPOSES = (FilePurpose.CERTIFICATE, FilePurpose.PICTURE)


# --- drafts ----------------------------------------------------------------------------------------


@transaction.atomic
def create_draft(*, kind: str, by: User, holder: str = "", **said: Any) -> Filing:
    """Begin a filing of this kind. Begun again before anything was written, it is the same draft.

    `holder` is the public id of the rights holder for whom an agency files it. Raises Forbidden, Invalid.
    """
    organisation, agency = _for_whom(_who_files(by), holder)
    if kind not in FILED_BY_HAND:
        raise Invalid(_("Choose the kind of right."), field="kind")
    if not said and (untouched := _untouched(organisation, kind, by)):
        return untouched
    at = clock.now()
    filing = Filing(
        number=next_number("F", at.year), organisation=organisation, created_by=by, kind=kind, state=State.DRAFT,
        state_since_at=at, created_at=at, owner_name=organisation.name, agency=agency,
    )  # fmt: skip
    _take(filing, said)
    filing.save(force_insert=True)
    ledger.record(
        kind="filing.draft", subject=filing.public_id, actor=by,
        payload={"to": State.DRAFT, "kind": kind, **({"agency": agency.public_id} if agency else {})},
    )  # fmt: skip
    return filing


@transaction.atomic
def create_drafts(*, drafts: Sequence[Filing], by: User) -> list[Filing]:
    """Begin many filings at once, each with its kind, its holder and what stands in it: as a sheet says them.

    Who calls has judged them in this transaction (`filings/sheets`): that they may be filed, and what is said of them.
    """
    at = clock.now()
    for filing, number in zip(drafts, next_numbers("F", at.year, len(drafts)), strict=True):
        filing.number, filing.created_by, filing.state = number, by, State.DRAFT
        filing.state_since_at = filing.created_at = at
    made = Filing.objects.bulk_create(drafts)
    ledger.record_all(
        [
            ledger.entry(
                kind="filing.draft", subject=filing.public_id, actor=by,
                payload={
                    "to": State.DRAFT, "kind": filing.kind, "from_sheet": True,
                    **({"agency": filing.agency.public_id} if filing.agency else {}),
                },
            )
            for filing in made
        ]
    )  # fmt: skip
    return made


# --- rights that come with a certificate of our own ---------------------------------------------------


@transaction.atomic
def file_certificate(*, organisation: Organisation, by: User, number: str, title: str) -> Filing:
    """Put the right on file that a certificate of first publication proves: in force at once, without an end.

    The certificate has its own checks and conflicts (`imageguard`), so nobody reviews it a second time.
    """
    at = clock.now()
    filing = Filing(
        number=next_number("F", at.year), organisation=organisation, created_by=by, kind=RightKind.FIRST_PUBLICATION,
        state=State.DRAFT, state_since_at=at, created_at=at, owner_name=organisation.name, title=title,
        registration_number=number, number_key=number_key(kind=RightKind.FIRST_PUBLICATION, text=number),
        valid_from_on=clock.today(),
    )  # fmt: skip
    filing.save(force_insert=True)
    LIFECYCLE.fire(filing, "certify", actor=None, payload={"certificate": number})
    publish("filing.approved", filing.public_id)
    return filing


@transaction.atomic
def end_certificate(*, filing: Filing) -> Filing:
    """End the right of a certificate that was withdrawn or revoked: no new complaint can rest on it."""
    filing = lock(filing)
    if filing.state == State.REVOKED:
        # Revoked and examined again, an image is withdrawn whose right has ended already.
        return filing
    LIFECYCLE.fire(filing, "end_certificate", actor=None)
    publish("filing.ended", filing.public_id)
    return filing


def _who_files(by: User) -> Organisation:
    membership = roles.require_for_rights(by, roles.MAY_FILE_RIGHTS)
    # Held until the end, so that a double click does not begin two drafts.
    return Organisation.objects.select_for_update().get(pk=membership.organisation_id)


def _for_whom(own: Organisation, holder: str) -> tuple[Organisation, Organisation | None]:
    """Whose the right is, and the agency that files it for them. Raises Invalid without a power to file for them."""
    if holder in ("", own.public_id):
        return own, None
    found = next((h for h in holders_to_file_for(own) if h.public_id == holder), None)
    if found is None:
        said = _("No power of attorney over all rights of this holder is in force today. Choose another one.")
        raise Invalid(said, field="holder")
    return found, own


def _untouched(organisation: Organisation, kind: str, by: User) -> Filing | None:
    return Filing.objects.filter(
        organisation=organisation,
        created_by=by,
        kind=kind,
        state=State.DRAFT,
        version=1,
        title="",
        registration_number="",
    ).first()


@transaction.atomic
def update_draft(*, filing: Filing, by: User, version: int, **said: Any) -> Filing:
    """Write into a draft, or into a filing that was returned; what does not belong to its kind is left out.

    Raises Forbidden, StaleForm, WrongState, Invalid (by field). Anything that fits may stand in a draft;
    whether it is right is checked when it is submitted.
    """
    filing = _editable(filing, by, version)
    _take(filing, said)
    _save_changed(filing)
    return filing


def _take(filing: Filing, said: dict[str, Any]) -> None:
    for name, value in clean_fields(filing, said).items():
        setattr(filing, name, value)
    filing.number_key = number_key(kind=filing.kind, text=filing.registration_number, territory=filing.territory)


def _editable(filing: Filing, by: User, version: int | None) -> Filing:
    """The filing under lock, if this person may change it now."""
    filing = _of_holder(filing, by, version)
    if filing.state not in EDITABLE or filing.is_renewing:
        raise WrongState()
    return filing


def _of_holder(filing: Filing, by: User, version: int | None) -> Filing:
    filing = lock(filing)
    if not holder(filing, by):
        raise Forbidden()
    if version is not None and version != filing.version:
        raise StaleForm()
    return filing


def _save_changed(filing: Filing) -> None:
    filing.version += 1
    filing.save()


def add_file(*, filing: Filing, by: User, upload: Any, purpose: str) -> FilingFile:
    """Keep a certificate or a picture, and attach it to a draft or a returned filing.

    Raises Forbidden, WrongState, Invalid, TooLarge.
    """
    return attach(filing=filing, by=by, kept=keep(filing=filing, by=by, upload=upload, purpose=purpose))


def keep(*, filing: Filing, by: User, upload: Any, purpose: str) -> PrivateFile:
    """Check and store what may be attached to this filing; with no transaction open, since that takes its time.

    Raises Forbidden, WrongState, Invalid, TooLarge.
    """
    if purpose not in PURPOSES:
        raise Invalid(_("Say whether this is the certificate or a picture."), field="purpose")
    filing = Filing.objects.select_related("organisation").get(pk=filing.pk)
    _may_attach(filing, by)
    return files.keep(upload=upload, purpose=purpose, by=by, organisation=filing.organisation)


@transaction.atomic
def attach(*, filing: Filing, by: User, kept: PrivateFile) -> FilingFile:
    """Attach what was kept. Raises Forbidden, WrongState, Invalid."""
    filing = lock(filing)
    _may_attach(filing, by)
    if filing.files.filter(file__sha256=kept.sha256, file__purpose=kept.purpose).exists():
        raise Invalid(_("This file is already here."), field=_field_of(kept.purpose))
    attached = FilingFile.objects.create(filing=filing, file=kept, created_at=clock.now())
    _save_changed(filing)
    return attached


def _may_attach(filing: Filing, by: User) -> None:
    if not holder(filing, by):
        raise Forbidden()
    if filing.state not in EDITABLE or filing.is_renewing:
        raise WrongState()
    if filing.files.count() >= MAX_FILES:
        raise Invalid(
            _("At most %(n)d files. Put the pages of a certificate into one PDF.") % {"n": MAX_FILES},
            field="certificate",
        )


def _field_of(purpose: str) -> str:
    return "certificate" if purpose == FilePurpose.CERTIFICATE else "pictures"


@transaction.atomic
def remove_file(*, filing: Filing, by: User, file: str) -> None:
    """Take a file, by its public id, off a draft or a returned filing. Raises NotYours, Forbidden, WrongState."""
    filing = _editable(filing, by, None)
    removed, _rows = filing.files.filter(file__public_id=file).delete()
    if not removed:
        raise NotYours()
    _save_changed(filing)


# --- genuine sellers -------------------------------------------------------------------------------


@transaction.atomic
def add_genuine_sellers(*, filing: Filing, by: User, links: Sequence[str], note: str = "") -> int:
    """Name shops, by their pasted links, that sell the genuine goods; returns how many are new.

    Possible as long as the filing is not over, since who sells genuine goods changes while a right stands.
    Raises Forbidden, WrongState, Invalid (each line that is no shop, with why).
    """
    filing = _of_holder(filing, by, None)
    if filing.state in OVER:
        raise WrongState()
    lines = [line for line in links if line.strip()]
    if len(lines) > MAX_SELLERS:
        raise Invalid(_("At most %(n)d shops. Send the others afterwards.") % {"n": MAX_SELLERS}, field="sellers")
    shops: dict[int, Target] = {}
    wrong = []
    for line in resolve(lines):
        if line.target is None:
            wrong.append(_("“%(link)s”: %(why)s") % {"link": line.link[:80], "why": line.message})
        elif line.target.kind != Target.Kind.SHOP:
            wrong.append(_("“%(link)s” is not a shop. Paste the link of the shop's page.") % {"link": line.link[:80]})
        else:
            shops[line.target.pk] = line.target
    if wrong:
        raise Invalid(errors={"sellers": wrong[:10]})
    known = set(filing.genuine_sellers.values_list("shop_id", flat=True))
    new = [shop for pk, shop in shops.items() if pk not in known]
    if len(known) + len(new) > MAX_SELLERS:
        raise Invalid(
            _("At most %(n)d shops. Remove those that are no longer yours.") % {"n": MAX_SELLERS}, field="sellers"
        )
    GenuineSeller.objects.bulk_create([GenuineSeller(filing=filing, shop=s, note=note[:200]) for s in new])
    if new:
        _sellers_changed(filing, by, [s.public_id for s in new], "added")
    return len(new)


@transaction.atomic
def remove_genuine_seller(*, filing: Filing, by: User, shop: str) -> None:
    """Take a shop, by its public id, off the genuine sellers. Raises NotYours, Forbidden, WrongState."""
    filing = _of_holder(filing, by, None)
    if filing.state in OVER:
        raise WrongState()
    removed, _rows = filing.genuine_sellers.filter(shop__public_id=shop).delete()
    if not removed:
        raise NotYours()
    _sellers_changed(filing, by, [shop], "removed")


def _sellers_changed(filing: Filing, by: User, shops: list[str], how: str) -> None:
    if filing.state == State.DRAFT:
        _save_changed(filing)
    else:
        ledger.record(kind="filing.sellers_changed", subject=filing.public_id, actor=by, payload={how: shops})
        publish("seller.changed", *shops)


# --- handing in ------------------------------------------------------------------------------------


@transaction.atomic
def submit_filing(*, filing: Filing, by: User, version: int | None = None) -> Filing:
    """Hand a draft, or a supplemented filing, to review. A number that another organisation filed opens a conflict.

    Raises Forbidden, NotVerified, StaleForm, WrongState, Incomplete (everything that is missing, by field).
    """
    return _submit(_of_holder(filing, by, version), by)


def _submit(filing: Filing, by: User) -> Filing:
    power = _acts_by(filing, by)
    LIFECYCLE.check(filing, "submit", by)
    if errors := missing_from(filing) | _filed_before(filing) | filed_for_another(filing):
        raise Incomplete(errors=errors)
    number = read_number(kind=filing.kind, text=filing.registration_number, territory=filing.territory)
    filing.registration_number, filing.number_key = number.text, number.key
    filing.version += 1
    filing.power = power
    LIFECYCLE.fire(
        filing, "submit", actor=by, payload=_what_is_filed(filing),
        writes=["registration_number", "number_key", "version", "power"],
    )  # fmt: skip
    _open_conflicts(filing)
    return filing


@transaction.atomic
def file_with_notice(*, kind: str, by: User, papers: Sequence[PrivateFile], **said: Any) -> Filing:
    """Hand in the right on which a notice of somebody without an account rests, with the papers that were kept.

    Their organisation need not be verified for it. The same number filed before is that filing, with its own papers.
    Raises Forbidden, Incomplete (everything that is missing, by field), Invalid.
    """
    organisation = _who_files(by)
    if kind not in FILED_BY_HAND:
        raise Invalid(_("Choose the kind of right."), field="kind")
    at = clock.now()
    filing = Filing(
        organisation=organisation, created_by=by, kind=kind, state=State.DRAFT, state_since_at=at, created_at=at,
        owner_name=organisation.name, is_with_notice=True,
    )  # fmt: skip
    _take(filing, said)
    if twin := _same_right(filing):
        return twin
    filing.number = next_number("F", at.year)
    filing.save(force_insert=True)
    FilingFile.objects.bulk_create([FilingFile(filing=filing, file=f, created_at=at) for f in papers])
    ledger.record(kind="filing.draft", subject=filing.public_id, actor=by, payload={"to": State.DRAFT, "kind": kind})
    return _submit(lock(filing), by)


def _same_right(filing: Filing) -> Filing | None:
    """What the same organisation filed under this number, and still stands."""
    key = number_key(kind=filing.kind, text=filing.registration_number, territory=filing.territory)
    if not key:
        return None
    mine = Filing.objects.filter(organisation_id=filing.organisation_id, number_key=key, kind=filing.kind)
    return mine.filter(state__in=CLAIMING).exclude(pk=filing.pk).order_by("pk").first()


def _acts_by(filing: Filing, by: User) -> PowerOfAttorney | None:
    """The power by which an agency acts for the holder; None for somebody of the holder itself.

    Whoever acts must be verified: the holder, or the agency, whose power staff have read. Raises Forbidden, NotVerified.
    """
    m = by.membership
    if m is None or m.organisation_id == filing.organisation_id:
        # Who complains without an account proves this one right, and not who they are.
        if not (filing.organisation.is_verified or filing.is_with_notice):
            raise NotVerified()
        return None
    power = power_over(m.organisation_id, filing)
    if power is None:
        raise Forbidden()
    if not m.organisation.is_verified:
        raise NotVerified()
    if filing.agency_id is None:
        # From now on it is among what this agency did, and is seen by it after the power has ended.
        filing.agency = m.organisation
        filing.save(update_fields=["agency"])
    # Held until the end: whoever revokes it waits until this is handed in, or comes first.
    power = lock(power)
    if not power.is_in_force():
        raise Forbidden()
    return power


def filed_for_another(filing: Filing) -> dict[str, list[Any]]:
    """What an agency files as its own is its own: for somebody else it acts under their power."""
    own = filing.organisation
    if own.kind != AGENCY or filing.owner_name.strip().casefold() == own.name.strip().casefold():
        return {}
    said = _("Your agency is not the owner of this right. File it for its holder, under a power of attorney.")
    return {"owner_name": [said]}


def _filed_before(filing: Filing) -> dict[str, list[Any]]:
    """The same number twice by one organisation is no conflict but a mistake."""
    if found := _same_right(filing):
        said = _("You already filed this number as %(number)s. Renew or supplement that filing instead.")
        return {"registration_number": [said % {"number": found.number}]}
    return {}


def _what_is_filed(filing: Filing) -> dict[str, Any]:
    """What the ledger remembers of the data and papers that go to review."""
    papers = filing.files.order_by("pk").values_list("file__purpose", "file__sha256")
    return {
        "number": filing.number,
        "kind": filing.kind,
        "key": filing.number_key,
        "valid_until_on": _day(filing.renewed_until_on or filing.valid_until_on),
        "version": filing.version,
        "papers": [list(paper) for paper in papers],
        **({"power": filing.power.public_id} if filing.power else {}),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def renew(
    *, filing: Filing, by: User, valid_until_on: date | None, certificates: Sequence[Any], version: int | None = None
) -> Filing:
    """Keep the certificate of a right's new validity and hand both in.

    Raises Forbidden, NotVerified, StaleForm, WrongState, Incomplete, TooLarge.
    """
    said: dict[str, Any] = {"filing": filing, "by": by, "valid_until_on": valid_until_on, "version": version}
    return hand_in_renewal(**said, kept=keep_renewal(**said, certificates=certificates))


def keep_renewal(
    *, filing: Filing, by: User, valid_until_on: date | None, certificates: Sequence[Any], version: int | None = None
) -> list[PrivateFile]:
    """Check and store the certificates of a renewal that could be handed in; with no transaction open."""
    filing = Filing.objects.select_related("organisation").get(pk=filing.pk)
    _check_renewal(filing, by, valid_until_on, certificates, version)
    return [
        files.keep(upload=upload, purpose=FilePurpose.CERTIFICATE, by=by, organisation=filing.organisation)
        for upload in certificates
    ]


@transaction.atomic
def hand_in_renewal(
    *, filing: Filing, by: User, valid_until_on: date | None, kept: Sequence[PrivateFile], version: int | None = None
) -> Filing:
    """Hand in the new validity of a right with the certificates that were kept.

    What was approved stays in force meanwhile: see `filings/lifecycle.py` for how long, and why.
    """
    filing = lock(filing)
    _check_renewal(filing, by, valid_until_on, kept, version)
    filing.power = _acts_by(filing, by)
    if not filing.is_renewing:
        filing.in_force_until_on = in_force_during_renewal(filing)
    filing.renewed_until_on = valid_until_on
    filing.version += 1
    FilingFile.objects.bulk_create([FilingFile(filing=filing, file=f, created_at=clock.now()) for f in kept])
    LIFECYCLE.fire(
        filing, "renew", actor=by, payload=_what_is_filed(filing) | {"in_force_until_on": _day(filing.in_force_until_on)},
        writes=["renewed_until_on", "in_force_until_on", "version", "power"],
    )  # fmt: skip
    _open_conflicts(filing)
    return filing


def _check_renewal(filing: Filing, by: User, until: date | None, papers: Sequence[Any], version: int | None) -> None:
    if not holder(filing, by):
        raise Forbidden()
    if version is not None and version != filing.version:
        raise StaleForm()
    acting: Any = by.membership
    if not acting.organisation.is_verified:
        raise NotVerified()
    LIFECYCLE.check(filing, "renew", by)
    errors: dict[str, list[Any]] = {}
    if wrong := wrong_renewal(filing, until):
        errors["valid_until_on"] = [wrong]
    if not papers and not filing.is_renewing:
        errors["certificate"] = [_("Add the certificate of the renewal, every page of it.")]
    if filing.files.count() + len(papers) > MAX_FILES:
        errors["certificate"] = [
            _("At most %(n)d files. Put the pages of a certificate into one PDF.") % {"n": MAX_FILES}
        ]
    if errors:
        raise Incomplete(errors=errors)


@transaction.atomic
def withdraw(*, filing: Filing, by: User, version: int | None = None) -> Filing:
    """Take back a draft, or a filing that was not decided yet. Raises Forbidden, StaleForm, WrongState."""
    filing = _of_holder(filing, by, version)
    LIFECYCLE.fire(filing, "withdraw", actor=by)
    return filing


@transaction.atomic
def drop_renewal(*, filing: Filing, by: User, version: int | None = None) -> Filing:
    """Take back a renewal that was not decided yet; the validity that was approved stays as it was."""
    filing = _of_holder(filing, by, version)
    _end_renewal(filing, "drop_renewal", by)
    return filing


# --- review ----------------------------------------------------------------------------------------


def approve(*, filing: Filing, by: User, version: int | None = None) -> Filing:
    """Put a filing, or its renewal, into force.

    Rivals are looked for once more, in a transaction of its own: what is found stays on record although
    this approval is refused. Raises Forbidden, OwnFiling, StaleForm, WrongState (also while the number is
    in conflict).
    """
    if not reviewer(filing, by):
        raise Forbidden()
    with transaction.atomic():
        _open_conflicts(lock(filing))
    with transaction.atomic():
        filing = _reviewed_by(lock(filing), by, version)
        if power := power_behind(filing):
            # Held until the end: whoever revokes it waits until this is decided, or comes first and is seen below.
            lock(power)
        LIFECYCLE.check(filing, "approve", by)
        if filing.renewed_until_on is not None:
            filing.valid_until_on, filing.renewed_until_on = filing.renewed_until_on, None
            filing.in_force_until_on = filing.reminded_days = None
        filing.review_note = ""
        LIFECYCLE.fire(
            filing, "approve", actor=by,
            payload={"key": filing.number_key, "valid_until_on": _day(filing.valid_until_on), "version": filing.version},
            writes=[
                "valid_until_on", "renewed_until_on", "in_force_until_on", "reminded_days", "review_note", "reviewed_by",
            ],
        )  # fmt: skip
        publish("filing.approved", filing.public_id)
        letters.approved(filing)
        _follow_the_calendar(filing)
    return filing


@transaction.atomic
def return_for_supplement(*, filing: Filing, by: User, missing: str, version: int | None = None) -> Filing:
    """Send a filing back with the words that say what is missing. Raises Invalid without them."""
    missing = _said(missing, "note")
    filing = _reviewed_by(lock(filing), by, version)
    filing.review_note = missing
    LIFECYCLE.fire(filing, "return", actor=by, payload=_digest(missing), writes=["review_note", "reviewed_by"])
    letters.returned(filing)
    publish("filing.returned", filing.public_id)
    return filing


@transaction.atomic
def reject(*, filing: Filing, by: User, reason: str, version: int | None = None) -> Filing:
    """Refuse a filing that can never be approved, with reasons. Raises Invalid without them."""
    reason = _said(reason, "note")
    filing = _reviewed_by(lock(filing), by, version)
    _reject(filing, by, reason)
    return filing


def _reject(filing: Filing, by: User, reason: str) -> None:
    filing.review_note = reason
    LIFECYCLE.fire(filing, "reject", actor=by, payload=_digest(reason), writes=["review_note", "reviewed_by"])
    letters.rejected(filing)
    publish("filing.rejected", filing.public_id)


@transaction.atomic
def decline_renewal(*, filing: Filing, by: User, reason: str, version: int | None = None) -> Filing:
    """Refuse a renewal, with reasons; the validity that was approved stays as it was."""
    reason = _said(reason, "note")
    filing = _reviewed_by(lock(filing), by, version)
    filing.review_note = reason
    _end_renewal(filing, "decline_renewal", by, writes=["review_note", "reviewed_by"])
    letters.rejected(filing, is_renewal=True)
    return filing


@transaction.atomic
def revoke(*, filing: Filing, by: User, reason: str, version: int | None = None) -> Filing:
    """End the force of a filing for good, with reasons. Raises Invalid without them."""
    reason = _said(reason, "note")
    filing = _reviewed_by(lock(filing), by, version)
    _revoke(filing, by, reason)
    return filing


def _revoke(filing: Filing, by: User, reason: str) -> None:
    filing.review_note = reason
    LIFECYCLE.fire(filing, "revoke", actor=by, payload=_digest(reason), writes=["review_note", "reviewed_by"])
    filing.renewed_until_on = filing.in_force_until_on = None
    filing.save(update_fields=["renewed_until_on", "in_force_until_on"])
    publish("filing.ended", filing.public_id)
    letters.revoked(filing)


@transaction.atomic
def reopen(*, filing: Filing, by: User, appeal: str) -> Filing:
    """Put a filing that was rejected or revoked back to review, because an appeal against that was right.

    `appeal` is the public id of the appeal; the room above says who may appeal and who decides it. Raises Forbidden,
    OwnFiling, WrongState (also when the holder has filed the number once more since).
    """
    filing = lock(filing)
    if by.memberships.filter(organisation_id=filing.organisation_id).exists():
        raise OwnFiling()
    if taken := _filed_before(filing):
        raise WrongState(taken["registration_number"][0])
    LIFECYCLE.fire(filing, "reopen", actor=by, payload={"appeal": appeal})
    return filing


def _reviewed_by(filing: Filing, by: User, version: int | None) -> Filing:
    """A locked filing, reviewed by `by` as they saw it: nobody reviews their own, or what changed since."""
    if not reviewer(filing, by):
        raise Forbidden()
    if by.memberships.filter(organisation_id=filing.organisation_id).exists():
        raise OwnFiling()
    if version is not None and version != filing.version:
        raise StaleForm()
    filing.reviewed_by = by
    return filing


def _said(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(_("Say why, in words that the other side can act on."), field=field)
    return text[:5_000]


def _digest(text: str) -> dict[str, str]:
    return {"note_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _end_renewal(filing: Filing, arrow: str, actor: User | None, *, writes: Iterable[str] = ()) -> None:
    """Leave a renewal behind by one of the arrows that end it, and bring the old validity up to date."""
    LIFECYCLE.fire(filing, arrow, actor=actor, payload={"valid_until_on": _day(filing.valid_until_on)}, writes=writes)
    filing.renewed_until_on = filing.in_force_until_on = None
    filing.save(update_fields=["renewed_until_on", "in_force_until_on"])
    _follow_the_calendar(filing)


# --- conflicts -------------------------------------------------------------------------------------


def _open_conflicts(filing: Filing) -> None:
    """Open a conflict with every filing of another organisation that claims the same number.

    In the order of the filings, so that two who find the same rivals at the same moment do not wait for each other.
    """
    if not filing.number_key or filing.state not in CLAIMING:
        return
    rivals = Filing.objects.filter(number_key=filing.number_key, state__in=CLAIMING).exclude(
        organisation_id=filing.organisation_id
    )
    for rival in rivals.order_by("pk"):
        earlier, later = sorted((filing, rival), key=lambda f: f.pk)
        conflict, is_new = FilingConflict.objects.get_or_create(
            filing=later, other=earlier, number_key=filing.number_key, defaults={"opened_at": clock.now()}
        )
        if is_new:
            ledger.record_all(
                [
                    ledger.entry(
                        kind="filing.conflict_opened", subject=f.public_id, payload={"conflict": conflict.public_id}
                    )
                    for f in (earlier, later)
                ]
            )


@transaction.atomic
def settle_conflict(
    *, conflict: FilingConflict, by: User, note: str, in_favour_of: Filing | None = None
) -> FilingConflict:
    """Say who holds a number that two organisations filed; the other filing is rejected or revoked with the same words.

    In favour of neither: both may stand, as for co-owners, a licence, or goods that have nothing in common.
    Raises Forbidden, OwnFiling, Invalid (no reasons, or a filing that is no party), WrongState (settled already).
    """
    note = _said(note, "note")
    conflict = FilingConflict.objects.select_for_update().get(pk=conflict.pk)
    if conflict.settled_at is not None:
        raise WrongState()
    parties = {pk: lock(Filing(pk=pk)) for pk in sorted((conflict.other_id, conflict.filing_id))}
    for party in parties.values():
        _reviewed_by(party, by, None)
    if in_favour_of is not None and in_favour_of.pk not in parties:
        raise Invalid(_("Choose one of the two filings, or both."), field="in_favour_of")
    conflict.in_favour_of, conflict.note = in_favour_of, note
    conflict.settled_at, conflict.settled_by = clock.now(), by
    conflict.save(update_fields=["in_favour_of", "note", "settled_at", "settled_by"])
    holds = in_favour_of.public_id if in_favour_of else "both"
    ledger.record_all(
        [
            ledger.entry(
                kind="filing.conflict_settled", subject=party.public_id, actor=by,
                payload={"conflict": conflict.public_id, "in_favour_of": holds} | _digest(note),
            )
            for party in parties.values()
        ]
    )  # fmt: skip
    for pk, party in parties.items():
        if in_favour_of is not None and pk != in_favour_of.pk:
            _end_the_loser(party, by, note)
    return conflict


def _end_the_loser(filing: Filing, by: User, note: str) -> None:
    """Reject what was never in force, revoke what was; what is over or withdrawn stays as it is."""
    if LIFECYCLE.allows(filing, "reject", by):
        _reject(filing, by, note)
    elif LIFECYCLE.allows(filing, "revoke", by):
        _revoke(filing, by, note)


def drafts_handed_over(subject: str) -> None:
    """Somebody left an organisation: the colleague who takes over has their drafts from now on."""
    left = Departure.objects.get(public_id=subject)
    theirs = Q(organisation=left.organisation_id) | Q(agency=left.organisation_id)
    Filing.objects.filter(theirs, created_by=left.person_id, state=State.DRAFT).update(created_by=left.handed_to_id)


# --- what the clock does ---------------------------------------------------------------------------


def pass_deadlines(limit: int = 1000) -> int:
    """Work off every filing for which a day has come: expiry, reminders, lapsed supplements; returns how many moved.

    One that cannot be moved stops no other.
    """
    today = clock.today()
    due = Q(state__in=(State.RETURNED, *Filing.IN_FORCE), deadline_at__lte=clock.now())
    due |= Q(state__in=Filing.UNDER_REVIEW, in_force_until_on__lt=today)
    for days in REMINDER_DAYS:
        not_yet = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
        due |= Q(state=State.EXPIRING, valid_until_on__lte=today + timedelta(days=days)) & not_yet
    moved = 0
    for filing in Filing.objects.filter(due).order_by("deadline_at", "pk")[:limit]:
        try:
            moved += pass_deadline(filing=filing)
        except Exception:
            log.exception("the calendar of %s could not be followed", filing.number)
    return moved


@transaction.atomic
def pass_deadline(*, filing: Filing) -> bool:
    """Do what the calendar asks of one filing; running it twice does it once."""
    filing = lock(filing)
    if filing.state in Filing.UNDER_REVIEW:
        ended = _end_force_during_renewal(filing)
        return _lapse(filing) or ended
    return _follow_the_calendar(filing)


def _lapse(filing: Filing) -> bool:
    if filing.state != State.RETURNED or filing.deadline_at is None or filing.deadline_at > clock.now():
        return False
    if filing.is_renewing:
        _end_renewal(filing, "lapse_renewal", None)
    else:
        LIFECYCLE.fire(filing, "lapse", actor=None)
    return True


def _end_force_during_renewal(filing: Filing) -> bool:
    """The validity that was proved is over while the renewal is still under review."""
    if filing.in_force_until_on is None or filing.in_force_until_on >= clock.today():
        return False
    filing.in_force_until_on = None
    filing.save(update_fields=["in_force_until_on"])
    ledger.record(
        kind="filing.force_ended", subject=filing.public_id, payload={"valid_until_on": _day(filing.valid_until_on)}
    )
    publish("filing.ended", filing.public_id)
    letters.expired(filing)
    return True


def _follow_the_calendar(filing: Filing) -> bool:
    """Bring a locked filing that is or was in force to where the calendar has it."""
    moved = False
    while filing.state in Filing.IN_FORCE and filing.deadline_at is not None and filing.deadline_at <= clock.now():
        LIFECYCLE.fire(filing, "expiring" if filing.state == State.APPROVED else "expire", actor=None)
        moved = True
    if moved and filing.state == State.EXPIRED:
        publish("filing.ended", filing.public_id)
        letters.expired(filing)
    return _remind(filing) or moved


def _remind(filing: Filing) -> bool:
    """One reminder at each of `REMINDER_DAYS`; whoever comes late gets the one that fits, and no arrears."""
    if filing.state != State.EXPIRING or filing.valid_until_on is None:
        return False
    left = (filing.valid_until_on - clock.today()).days
    reached = [days for days in REMINDER_DAYS if left <= days]
    if not reached or (filing.reminded_days is not None and filing.reminded_days <= min(reached)):
        return False
    filing.reminded_days = min(reached)
    filing.save(update_fields=["reminded_days"])
    ledger.record(kind="filing.reminded", subject=filing.public_id, payload={"days": filing.reminded_days})
    letters.expiring(filing, days_left=left)
    return True
