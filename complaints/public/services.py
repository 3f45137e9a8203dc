"""A notice of somebody without an account: kept, confirmed from its mailbox, filed; or forgotten.

Nothing that is typed here is seen by staff or sent to anybody before the mailbox was proved. Afterwards it is a complaint
like any other, of a `Guest` (`accounts/guests`), under a right that came with it. Source: DSA art. 16 (everybody may give
notice), E-Commerce Law art. 42.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.guests import services as guests
from accounts.guests.models import Guest
from accounts.guests.services import Introduced
from accounts.models import Organisation, User
from accounts.roles import MAY_COMPLAIN
from complaints import services
from complaints.lanes import Suspended
from complaints.models import Complaint, Draft, PublicNotice, Suspension
from complaints.public import letters
from complaints.public.errors import NotConfirmable, TooManyLetters
from complaints.reasons import REASON
from complaints.regimes import CN_ECOMMERCE, REGIMES
from complaints.services import Notice
from core import clock, files
from core.crypto import blind_index
from core.errors import Invalid, NotYours
from core.ids import new_id
from core.lifecycle import lock
from core.models import FilePurpose, Letter, PrivateFile
from core.sql import take_turns
from filings import services as filings
from filings.models import Filing, RightKind
from filings.requirements import KINDS
from marketplace.links import resolve

#: links in one notice by the public form; whoever has more creates an account
MOST_LINKS = 10
#: how long a letter confirms
CONFIRM_WITHIN = timedelta(days=2)
#: letters that strangers can have sent to one mailbox within a day
LETTERS_A_DAY = 3
PURPOSES = (FilePurpose.CERTIFICATE, FilePurpose.PICTURE, FilePurpose.EVIDENCE)


@dataclass(frozen=True)
class Confirmed:
    """What became of a notice: a complaint, with a private link to it; or a draft in the account that there is already."""

    complaint: Complaint | None = None
    address: str = ""
    draft: Draft | None = None


# --- writing it ----------------------------------------------------------------------------------------


def keep_upload(*, upload: Any, purpose: str) -> PrivateFile:
    """Check and store a file of somebody unknown; what no notice comes to hold is swept after a day. Raises Invalid, TooLarge."""
    return files.keep(upload=upload, purpose=purpose, by=None)


def check(*, said: Mapping[str, Any], kept: Sequence[PrivateFile]) -> None:
    """File it as it would be filed, and take all of it back: whatever is wrong is said while it can be mended.

    Raises Invalid, with every fault by its field. Whether the mailbox has an account is not looked at: nobody learns it.
    """
    stand_in = Introduced(**{**_who(said), "email": f"{new_id('try')}@rehearsal.invalid"})
    with transaction.atomic():
        guest = guests.take_in(who=stand_in)
        _file(guest, said, [file.pk for file in kept])
        transaction.set_rollback(True)


@transaction.atomic
def keep_notice(*, public_id: str, said: Mapping[str, Any], kept: Sequence[PrivateFile], language: str) -> PublicNotice:
    """Keep what was written, and owe its mailbox the letter that confirms it. Sent twice it is one notice, and one letter.

    Raises NotYours for an id that is none, TooManyLetters.
    """
    if not re.fullmatch(r"ntc_[0-9a-z]{26}", public_id):
        raise NotYours()
    email, at, token = str(said["email"]).strip().lower(), clock.now(), secrets.token_urlsafe(32)
    key, written = blind_index(email), json.dumps(_plain(said))
    take_turns(f"letters to strangers {key}")
    if known := PublicNotice.objects.filter(public_id=public_id).first():
        if known.said == written and _digests(known.files.all()) == _digests(kept):
            return known
        # Whoever goes back to the page and mends the address, or a line, has written another one.
        public_id = new_id("ntc")
    _may_get_a_letter(key)
    notice, is_new = PublicNotice.objects.get_or_create(
        public_id=public_id,
        defaults={
            "email": email, "email_key": key, "said": written, "language": language, "created_at": at,
            "confirm_hash": guests.digest(token), "expires_at": at + CONFIRM_WITHIN,
        },
    )  # fmt: skip
    if is_new:
        notice.files.set(kept)
        letters.confirm(notice, token)
    return notice


def _digests(kept: Iterable[PrivateFile]) -> list[str]:
    return sorted(file.sha256 for file in kept)


def _may_get_a_letter(key: str) -> None:
    """Raises TooManyLetters. Whoever asks holds the mailbox until the letter is written: no two take the last one."""
    today = PublicNotice.objects.filter(email_key=key, created_at__gt=clock.now() - timedelta(days=1))
    if today.count() >= LETTERS_A_DAY:
        raise TooManyLetters()


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


# --- proving the mailbox -------------------------------------------------------------------------------


def notice_behind(token: str) -> PublicNotice:
    """The notice that a letter confirms, or has confirmed while it was fresh. Raises NotConfirmable."""
    found = PublicNotice.objects.filter(confirm_hash=guests.digest(token), expires_at__gt=clock.now()).first()
    if found is None:
        raise NotConfirmable()
    return found


def said_in(notice: PublicNotice) -> dict[str, Any]:
    """What was written, as it was kept; empty once it was filed."""
    said: dict[str, Any] = json.loads(notice.said) if notice.said else {}
    return {name: _day(name, value) for name, value in said.items()}


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name.endswith("_on") and value else value


def words_of(said: Mapping[str, Any]) -> dict[str, str]:
    """What stands for the codes in a notice, and the statement that is made with it."""
    if not said:
        return {}
    reason, law = REASON.get(str(said["infringement"])), REGIMES.get(str(said.get("law") or ""), CN_ECOMMERCE)
    return {
        "kind": str(RightKind(said["kind"]).label),
        "infringement": str(reason.label) if reason else "",
        "assurance": str(law.assurance),
    }


def account_of(notice: PublicNotice) -> User | None:
    """The account of a proved mailbox that complains by the wizard: with papers accepted, and more links at a time."""
    found = User.objects.filter(email=notice.email, is_active=True, is_staff=False).first()
    if found is None or not found.has_usable_password():
        return None
    return found if _verified_of(found) is not None else None


def _verified_of(user: User) -> Organisation | None:
    of_theirs = user.memberships.select_related("organisation").filter(
        role__in=MAY_COMPLAIN, organisation__state=Organisation.State.VERIFIED,
        organisation__kind__in=(Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.AGENCY),
    )  # fmt: skip
    found = of_theirs.order_by("pk").first()
    return None if found is None else found.organisation


@transaction.atomic
def confirm(*, token: str) -> Confirmed:
    """Whoever read the letter says that the notice is theirs: it becomes a complaint. Confirmed twice it is one.

    One whose account could complain itself finds it among its drafts. Raises NotConfirmable, and what keeps a complaint
    from being sent (Invalid, Suspended, TooManyOpen, Forbidden); it can be confirmed later then, while the letter is good.
    """
    notice = lock(notice_behind(token))
    if notice.complaint_id is not None:
        made = Complaint.objects.get(pk=notice.complaint_id)
        return Confirmed(made, _opens(_guest_of(notice), made))
    said = said_in(notice)
    if notice.confirmed_at is None and (person := account_of(notice)):
        return Confirmed(draft=_as_draft(notice, said, person))
    if not said:
        raise NotConfirmable()
    guest = guests.take_in(who=Introduced(**_who(said) | {"language": notice.language}))
    _not_suspended(guest)
    complaint = _file(guest, said, list(notice.files.values_list("pk", flat=True)))
    notice.guest, notice.complaint, notice.confirmed_at, notice.said = guest, complaint, clock.now(), ""
    notice.save(update_fields=["guest", "complaint", "confirmed_at", "said"])
    return Confirmed(complaint, _opens(guest, complaint))


def _opens(guest: Guest, complaint: Complaint) -> str:
    """Where the case stands: behind a private link, or for who has an account by now behind the sign-in."""
    return f"/complaints/{complaint.public_id}/" if guest.has_account else guests.new_link(guest=guest)


def _guest_of(notice: PublicNotice) -> Guest:
    """Who confirmed it. Raises NotConfirmable, also when all links were ended since: the letter is among what ended."""
    guest = notice.guest
    if guest is None or guest.carried_to_id is not None or not guest.may_act:
        raise NotConfirmable()
    if guest.links.filter(replaced_at__gte=notice.confirmed_at).exists():
        raise NotConfirmable()
    return guest


def _as_draft(notice: PublicNotice, said: Mapping[str, Any], person: User) -> Draft:
    organisation: Any = _verified_of(person)
    data = {name: str(said.get(name) or "") for name in ("links", "infringement", "description", "test_buy_order")}
    draft = services.begin_draft_for(organisation=organisation, author=person, data=data)
    evidence = notice.files.filter(purpose=FilePurpose.EVIDENCE)
    evidence.update(uploaded_by=person, organisation=organisation)
    draft.files.set(evidence)
    notice.confirmed_at, notice.said = clock.now(), ""
    notice.save(update_fields=["confirmed_at", "said"])
    return draft


def _not_suspended(guest: Guest) -> None:
    """A suspension holds for the person, whichever organisation of theirs it was spoken against."""
    theirs = guest.user.memberships.values("organisation")
    standing = Suspension.objects.filter(organisation__in=theirs, state=Suspension.State.SUSPENDED).first()
    if standing is not None:
        raise Suspended(standing)


def _who(said: Mapping[str, Any]) -> dict[str, str]:
    named = {name: str(said.get(name) or "") for name in ("email", "name", "country", "address", "phone")}
    return {**named, "contact": str(said.get("signature") or "")}


def _file(guest: Guest, said: Mapping[str, Any], kept: Sequence[int]) -> Complaint:
    """The right and the complaint that rests on it, in the name of a guest. Raises Invalid, by the fields of the form."""
    person = guests.acting(guest)
    PrivateFile.objects.filter(pk__in=kept, uploaded_by__isnull=True).update(
        uploaded_by=person, organisation=guest.organisation
    )
    mine = list(PrivateFile.objects.filter(pk__in=kept, organisation=guest.organisation).order_by("pk"))
    right = _right_of(person, said, [file for file in mine if file.purpose != FilePurpose.EVIDENCE])
    notice = Notice(
        right=right.public_id, infringement=str(said["infringement"]), links=resolve(_lines(said)),
        description=str(said["description"]), signature=str(said["signature"]), good_faith=bool(said["good_faith"]),
        test_buy_order=str(said.get("test_buy_order") or ""), language=guest.user.language,
        evidence=[file for file in mine if file.purpose == FilePurpose.EVIDENCE],
        evidence_is_private=bool(said.get("evidence_is_private")),
    )  # fmt: skip
    return services.submit_complaint(
        notice=notice, by=person, on_behalf_of=guest.organisation, channel=Complaint.Channel.PUBLIC_FORM
    )


def _right_of(person: User, said: Mapping[str, Any], papers: Sequence[PrivateFile]) -> Filing:
    kind = str(said["kind"])
    fields = {name: said[name] for name in KINDS[kind].fields if name in said and name != "description"}
    return filings.file_with_notice(kind=kind, by=person, papers=papers, **fields)


def _lines(said: Mapping[str, Any]) -> list[str]:
    lines = [line.strip() for line in str(said["links"]).splitlines() if line.strip()]
    if len(lines) > MOST_LINKS:
        raise Invalid(too_many_links(len(lines)), field="links")
    return lines


def too_many_links(n: int) -> str:
    said = _(
        "Without an account a notice takes at most %(most)d links, these are %(n)d. With an account it takes more."
    )
    return said % {"most": MOST_LINKS, "n": n}


# --- a fresh link ----------------------------------------------------------------------------------------


@transaction.atomic
def send_link_again(*, email: str) -> None:
    """Owe a mailbox a letter with a fresh private link, if it has cases without an account; whether it has, nobody learns."""
    email = email.strip().lower()
    of_mailbox = Guest.objects.select_related("user").filter(user__email=email, carried_to__isnull=True)
    # Held until the letter is written, so that no two take the last one of a day.
    guest = of_mailbox.select_for_update(of=("self",)).first()
    if guest is None or not guest.may_act:
        return
    since = clock.now() - timedelta(days=1)
    if Letter.objects.filter(about=guest.public_id, created_at__gt=since).count() < LETTERS_A_DAY:
        letters.link_again(guest)


# --- what becomes of its right ------------------------------------------------------------------------------


@transaction.atomic
def complaint_withdrawn(subject: str) -> None:
    """A complaint by the public form is withdrawn: the right that nobody has looked at yet needs nobody's look any more."""
    complaint = Complaint.objects.select_related("filing").get(public_id=subject)
    if complaint.channel != Complaint.Channel.PUBLIC_FORM or complaint.state != Complaint.State.WITHDRAWN:
        return
    filing = lock(complaint.filing)
    others = filing.complaints.filter(state__in=services.OPEN).exclude(pk=complaint.pk)
    if not filing.waits_with_notice or others.exists():
        return
    guest = Guest.objects.filter(organisation=filing.organisation_id).first()
    if guest is not None:
        filings.withdraw(filing=filing, by=guests.acting(guest))


# --- forgetting ----------------------------------------------------------------------------------------------


def forget_unconfirmed() -> int:
    """Forget what nobody confirmed in time, with its letter and its files, which are swept; returns how many notices."""
    forgotten = 0
    while ids := list(PublicNotice.objects.to_forget(clock.now()).order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            old = PublicNotice.objects.select_for_update().filter(pk__in=ids).unconfirmed()  # type: ignore[attr-defined]
            written = list(old.values_list("public_id", flat=True))
            Letter.objects.filter(about__in=written, template="public_confirm").delete()
            forgotten += old.delete()[1].get("complaints.PublicNotice", 0)
    return forgotten
