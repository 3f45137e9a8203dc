"""Certificates: what they say, the proof that goes with them, and what strangers may learn of them."""

import io
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import segno
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from core import files, imaging, sealing, stamps
from core.errors import NotYours
from core.models import FilePurpose, LedgerEntry, LedgerLeaf, TimeStamp
from core.pdf import Document, moment
from imageguard.engine import Tier
from imageguard.models import Original
from imageguard.searching import require_searchable
from imageguard.showing import as_jpeg, picture_from, picture_of
from imageguard.watching import LOOKED_PX, certified_hits

#: kinds of the ledger entries by which a certificate is given
ISSUED_BY = ("original.certify", "original.settle_for")
#: and those by which it ends
ENDED_BY = ("original.withdraw", "original.revoke")
THUMBNAIL_PX = 480
#: of one picture that strangers ask about
MOST_HITS = 20


class TimeStampState(StrEnum):
    """Whether an authority says when the certificate was there: nobody asked for it, it is still to come, it is there."""

    NONE = "none"
    PENDING = "pending"
    STAMPED = "stamped"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. What is not told to who asks is "" (`is_whole`)."""

    number: str
    state: str
    holder: str
    title: str
    received_at: datetime
    certified_at: datetime | None
    sha256: str
    perceptual_hash: str
    #: kind of the ledger entry that issued it, and its place in the sealed ledger (None for some seconds)
    ledger_kind: str
    leaf: int | None
    time_stamp: TimeStampState
    stamped_at: datetime | None
    is_public: bool
    #: why it was revoked
    public_reason: str
    #: where everybody can check it
    address: str
    #: whether holder and hashes are told: to everybody if the holder shows the image, else to who knows its SHA-256
    is_whole: bool = True

    @property
    def is_valid(self) -> bool:
        """Whether it proves anything now: it was neither withdrawn nor revoked."""
        return self.state == Original.State.CERTIFIED

    @property
    def is_withdrawn(self) -> bool:
        return self.state == Original.State.WITHDRAWN

    @property
    def is_examined_again(self) -> bool:
        """Whether it was revoked, and an appeal against that was right: nobody knows yet how it ends."""
        return self.state in Original.CLAIMING and not self.is_valid


@dataclass(frozen=True)
class Protection:
    """What a stranger learns of a picture: whether it is protected, and by which certificates that are shown to all."""

    is_protected: bool
    shown: tuple[Certificate, ...]
    #: further holders protect it who do not show theirs; how many and who is not told
    has_others: bool


# --- for the holder ------------------------------------------------------------------------------------------


def certificate_of(original: Original) -> Certificate:
    """The certificate of an original, for its holder and staff. Raises NotYours if it never had one."""
    entry, state = _issued_by(original), original.state
    # A holder who withdraws an image whose certificate was revoked before undoes nothing of that.
    if state == Original.State.WITHDRAWN and (ended := _ended_by(original, entry)) and ended.kind == "original.revoke":
        state = Original.State.REVOKED
    leaf: int | None = LedgerLeaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    stamp = None if leaf is None else stamps.covering(leaf)
    return Certificate(
        number=original.number,
        state=state,
        holder=original.organisation.name,
        title=original.title,
        received_at=original.created_at,
        certified_at=original.certified_at,
        sha256=original.sha256,
        perceptual_hash=original.perceptual_hash,
        ledger_kind=entry.kind,
        leaf=leaf,
        time_stamp=_time_stamp(original, stamp),
        stamped_at=stamp.stamped_at if stamp else None,
        is_public=original.is_public,
        public_reason=original.public_reason if original.state == Original.State.REVOKED else "",
        address=f"{settings.BASE_URL}/verify/{original.number}",
    )


def _issued_by(original: Original) -> LedgerEntry:
    """The ledger entry that issued a certificate: given by the clock, or by whoever settled its conflicts.

    The newest one: given anew after an appeal, it counts from then on.
    """
    issued = LedgerEntry.objects.filter(subject=original.public_id, kind__in=ISSUED_BY).order_by("-pk").first()
    if issued is None:
        raise NotYours()
    return issued


def _time_stamp(original: Original, stamp: TimeStamp | None) -> TimeStampState:
    """Each tree head is stamped where an authority is connected, so that every certificate gets its stamp in the end.

    Who asked for one has a certificate that is pending until a stamped head covers it, whatever the reason that it does
    not: the authority is away, it was given up for now, or nobody is connected any more.
    """
    if stamp is not None:
        return TimeStampState.STAMPED
    return TimeStampState.PENDING if original.wants_timestamp else TimeStampState.NONE


def bundle(original: Original, *, payload: bool = True) -> dict[str, Any] | None:
    """What `core/verify_ledger.py` checks; None while the ledger has not sealed the certificate, or its end. Raises NotYours.

    Of one that ended the proof says so too, with that entry: nobody shall be convinced by a script of what counts no
    longer. `payload` puts in what the ledger says of it (number, hashes, ids; no name), for those who may know the hashes.
    """
    issued = _issued_by(original)
    proof = sealing.bundle_for(issued, payload=payload)
    if proof and proof["time_stamp"]["state"] == "none" and original.wants_timestamp:
        proof["time_stamp"] = {"state": "pending"}
    ended = None if original.is_certified else _ended_by(original, issued)
    if proof is None or ended is None:
        return proof
    end = sealing.bundle_for(ended)
    return None if end is None else proof | {"ended": end}


def _ended_by(original: Original, issued: LedgerEntry) -> LedgerEntry | None:
    """The first end since it was issued: what follows an end ends nothing any more."""
    ends = LedgerEntry.objects.filter(subject=original.public_id, kind__in=ENDED_BY, pk__gt=issued.pk)
    return ends.order_by("pk").first()


def as_pdf(original: Original, language: str) -> bytes:
    """The certificate as a document in `language`, with thumbnail and QR code, for its holder. Raises NotYours."""
    certificate = certificate_of(original)
    with translation.override(language):
        document = Document(
            title=_("Certificate of first publication"), language=language, subtitle=certificate.number,
            footer=certificate.number,
        )  # fmt: skip
        if not certificate.is_valid:
            document.paragraph(_ended_in_words(original, certificate))
        document.pictures(
            [
                (
                    as_jpeg(picture_of(original.image), most_px=THUMBNAIL_PX),
                    certificate.title,
                ),
                (
                    _qr_code(f"{certificate.address}?sha256={certificate.sha256}"),
                    _("Check it here: %(address)s") % {"address": certificate.address},
                ),
            ]
        )
        document.facts(_facts(certificate, language))
        document.heading(_("What it says"))
        document.paragraph(
            _(
                "When the image was received it was compared with every image registered here and with what other "
                "sellers were known to show earlier. Nobody was found who published it before the holder, or a "
                "reviewer decided for the holder."
            )
        )
        document.heading(_("How to check it"))
        document.paragraph(
            _(
                "The address above says whether the certificate still stands. The proof that can be downloaded there "
                "is checked by verify_ledger.py, without us: it shows that the entry with these hashes stands in the "
                "signed ledger since that time. The SHA-256 is that of the file as it was handed in."
            )
        )
        return document.to_bytes()


def _ended_in_words(original: Original, certificate: Certificate) -> str:
    if certificate.is_examined_again:
        return _("This certificate proves nothing at present: it was revoked, and is being examined again.")
    revoked = Original.State.REVOKED.label
    state = original.get_state_display() if certificate.is_withdrawn else revoked
    return _("This certificate proves nothing any more: it was %(state)s. %(reason)s") % {
        "state": state, "reason": certificate.public_reason,
    }  # fmt: skip


def _facts(certificate: Certificate, language: str) -> list[tuple[Any, Any]]:
    certified = certificate.certified_at
    return [
        (_("Number"), certificate.number),
        (_("Holder"), certificate.holder),
        (_("Title"), certificate.title),
        (_("Received"), moment(certificate.received_at, language=language)),
        (_("Certified"), moment(certified, language=language) if certified else ""),
        (_("SHA-256"), certificate.sha256),
        (_("Perceptual hash"), certificate.perceptual_hash),
        (_("Ledger"), _place(certificate)),
        (_("Time-stamp"), _stamp_in_words(certificate, language)),
    ]


def _place(certificate: Certificate) -> str:
    if certificate.leaf is None:
        return _("%(kind)s; it is being sealed") % {"kind": certificate.ledger_kind}
    return _("%(kind)s, leaf %(leaf)d") % {"kind": certificate.ledger_kind, "leaf": certificate.leaf}


def _stamp_in_words(certificate: Certificate, language: str) -> str:
    if certificate.time_stamp is TimeStampState.STAMPED:
        return _("by an authority, %(at)s") % {"at": moment(certificate.stamped_at, language=language)}
    if certificate.time_stamp is TimeStampState.PENDING:
        return _("asked for; the authority has not answered yet")
    return _("none was asked for")


def _qr_code(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=8, border=4)
    return out.getvalue()


# --- for strangers -------------------------------------------------------------------------------------------


def find_public(number: str, sha256: str = "") -> tuple[Original, Certificate]:
    """The certificate under a number, as everybody may see it.

    Numbers follow each other, so that under one alone nobody learns more than that there is a certificate, since when,
    and whether it still stands. Who holds which hashes is told if the holder shows the image to everybody, or to whoever
    names its SHA-256: that stands on the paper (and in its QR code), or is made of the file. The original is for
    `bundle`, and for its picture if `is_public`. Raises NotYours for numbers under which there never was a certificate.
    """
    number = number.strip().upper()
    certified = Original.objects.filter(certified_at__isnull=False).select_related("organisation", "image")
    original = certified.filter(number=number.replace("\x00", "")).first()
    if original is None:
        raise NotYours()
    return original, _for_all(original, sha256)


def _for_all(original: Original, sha256: str = "") -> Certificate:
    certificate = certificate_of(original)
    if original.is_public and (certificate.is_valid or certificate.is_withdrawn):
        return certificate
    # A picture that was found to be somebody else's is shown to nobody any more, unless its certificate is given anew.
    certificate = replace(certificate, title="", is_public=False)
    if original.is_public or sha256.strip().lower() == original.sha256:
        return certificate
    return replace(certificate, holder="", sha256="", perceptual_hash="", is_whole=False)


def is_protected(upload: Any) -> Protection:
    """Whether a picture is protected; the upload is not kept. Raises Invalid (also of one that cannot be told from
    others), TooLarge (field `file`), Busy.

    A stranger learns yes or no of every certified image, since whoever asks already has the picture, and needs the
    answer so as not to infringe. Whose it is, when it was registered and what it looks like is told only of those that
    their holders show. What the engine is not sure of is a no: neither scores nor places tell how to edit a copy until
    it is not found.
    """
    data = files.read_upload(upload)
    files.check(data, purpose=FilePurpose.ORIGINAL)
    picture = picture_from(imaging.decode(data, preview_px=LOOKED_PX).preview)
    hits = certified_hits(picture, limit=MOST_HITS)
    if not hits:
        require_searchable(picture)
    sure = [hit.id for hit in hits if hit.tier is Tier.AUTOMATIC]
    found = Original.objects.certified().filter(public_id__in=sure).select_related("organisation").order_by("pk")
    shown = tuple(_for_all(original) for original in found if original.is_public)
    return Protection(is_protected=bool(found), shown=shown, has_others=len(shown) < len(found))
