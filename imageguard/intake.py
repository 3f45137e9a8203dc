"""Handing in images: files of a page or the API one by one, a ZIP, or the pictures of own listings.

One act of handing in is an `Intake`; each image of it is an item that says what became of it. Files are taken in while
the request lasts; entries of a ZIP and pictures of listings are owed to the intake and taken in by a worker
(`take_in_due`), one by one and organisation by organisation in turn, so that nobody waits for somebody else's thousand.
An image is registered in the transaction that says so of its item: a worker may be killed at any line.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Organisation, User
from accounts.roles import is_reviewer
from core import clock, files, media
from core.errors import DomainError, Forbidden, Invalid, NotYours, TooLarge
from core.fetch import Refused
from core.models import FilePurpose, PrivateFile
from core.outbox import hint
from core.retries import retry_given_up
from core.text import Sentence, without_unseen
from imageguard import archives, pace, seeing, services
from imageguard.archives import LONGEST_NAME, MAX_IMAGES, Archive
from imageguard.errors import RegisteredBefore
from imageguard.models import Intake, IntakeItem
from marketplace import pictures
from marketplace.models import Target

log = logging.getLogger("ippro.imageguard")

State = IntakeItem.State
#: images of one organisation that wait at the same time
MAX_WAITING = 2 * MAX_IMAGES
#: a few seconds of work, so that other tasks of the queue come between
BATCH = 20
LEASE = timedelta(seconds=30)
#: each holds one piece of its file (4 MiB) and the list of its entries
OPEN_ARCHIVES = 8


@dataclass(frozen=True)
class Progress:
    """How far an intake is, in images. `given_up` are those that failed again and again, for no fault of theirs."""

    total: int
    waiting: int
    taken: int
    refused: int
    given_up: int

    @property
    def is_done(self) -> bool:
        return self.waiting == 0


# --- handing in ----------------------------------------------------------------------------------------------


def begin_intake(
    *, by: User, source: str = Intake.Source.FILES, is_public: bool = False, wants_timestamp: bool = False
) -> Intake:
    """Begin an intake to which files are added with `take_file`.

    Raises Forbidden, OnlyVerified, Invalid (field `wants_timestamp`: no time-stamp authority is connected).
    """
    organisation = services.who_registers(by)
    services.time_stamp_can_be_had(wants_timestamp)
    return Intake.objects.create(
        organisation=organisation, by=by, source=source, is_public=is_public, wants_timestamp=wants_timestamp
    )


def take_file(*, intake: Intake, by: User, upload: Any) -> IntakeItem:
    """Take in one file. A bad one raises nothing: its item is refused, with the sentence that says why.

    The same file again in the same intake is the same item; registered in another one before, the item is refused and
    names the earlier original. Raises NotYours, Forbidden, OnlyVerified, Invalid (too many), Busy and TooOften (send it again).
    """
    if services.who_registers(by) != intake.organisation or intake.source != Intake.Source.FILES:
        raise NotYours()
    sha256 = _hash_of(upload)
    if known := intake.items.filter(key=sha256).first():
        return known
    pace.may_upload(by)
    item = IntakeItem(intake=intake, key=sha256, name=_shown(upload.name))
    with _saying_why(item):
        kept = _kept(intake, upload, sha256)
        return _settled(item, kept)
    return _settled(item)


def begin_zip(*, by: User, upload: Any, is_public: bool = False, wants_timestamp: bool = False) -> Intake:
    """Keep a ZIP and owe its intake every image in it; what can be refused by its entry is refused at once.

    The same archive again, while its images are still taken in, is the same intake. Raises Forbidden, OnlyVerified,
    Invalid and TooLarge (field `file`), TooOften, and then nothing of it is kept.
    """
    organisation = services.who_registers(by)
    services.time_stamp_can_be_had(wants_timestamp)
    if (upload.size or 0) > settings.MAX_ARCHIVE_BYTES:
        raise TooLarge(_("The archive is too large. Split it into several."), field="file")
    pace.may_send_archive(by)
    entries = archives.look_into(upload)
    _may_wait(organisation, len(entries))
    archive = files.keep_in_pieces(
        upload=upload, purpose=FilePurpose.ARCHIVE, kind=media.ZIP, most_bytes=settings.MAX_ARCHIVE_BYTES, by=by,
        organisation=organisation,
    )  # fmt: skip
    with _owing(organisation, len(entries)):
        same = Intake.objects.filter(organisation=organisation, by=by, archive__sha256=archive.sha256).first()
        if same is not None:
            return same
        intake = Intake.objects.create(
            organisation=organisation, by=by, source=Intake.Source.ZIP, archive=archive, is_public=is_public,
            wants_timestamp=wants_timestamp,
        )  # fmt: skip
        _owe(_item_of(intake, entry) for entry in entries)
        _let_go_of_archive(intake)
    return intake


def _item_of(intake: Intake, entry: archives.Entry) -> IntakeItem:
    item = IntakeItem(intake=intake, key=str(entry.index), name=entry.name)
    if entry.refused:
        item.refuse(entry.refused)
    return item


def begin_listings(
    *, by: User, targets: Iterable[Target], is_public: bool = False, wants_timestamp: bool = False
) -> Intake:
    """Owe an intake the pictures of own listings, at most nine of each; an address that several show comes once.

    Raises Forbidden, OnlyVerified, Invalid, NotYours (another's listing).
    """
    organisation = services.who_registers(by)
    services.time_stamp_can_be_had(wants_timestamp)
    shown: dict[str, tuple[Target, int]] = {}
    for target in targets:
        if not seeing.is_of(target, organisation.pk):
            raise NotYours()
        for position, url in enumerate(pictures.keepable(target.images)):
            shown.setdefault(url, (target, position))
    if not shown:
        raise Invalid(_("These listings show no pictures. Choose others, or send the pictures as files."))
    if len(shown) > MAX_IMAGES:
        raise _too_many()
    with _owing(organisation, len(shown)):
        intake = Intake.objects.create(
            organisation=organisation, by=by, source=Intake.Source.LISTINGS, is_public=is_public,
            wants_timestamp=wants_timestamp,
        )  # fmt: skip
        _owe(
            IntakeItem(
                intake=intake, key=hashlib.sha256(url.encode()).hexdigest(), url=url, target=target,
                name=_shown(f"{target.title[:180]} ({position + 1})"),
            )
            for url, (target, position) in shown.items()
        )  # fmt: skip
    return intake


def progress(intake: Intake) -> Progress:
    """How far an intake is; one query."""
    waiting = Q(state=State.WAITING)
    return Progress(
        **intake.items.aggregate(
            total=Count("pk"),
            waiting=Count("pk", filter=waiting & Q(dead_at__isnull=True)),
            taken=Count("pk", filter=Q(state=State.TAKEN)),
            refused=Count("pk", filter=Q(state=State.REFUSED)),
            given_up=Count("pk", filter=waiting & Q(dead_at__isnull=False)),
        )
    )


def _too_many() -> Invalid:
    return Invalid(
        _("At most %(most)d images are taken at once. Hand in the others afterwards.") % {"most": MAX_IMAGES}
    )


@contextmanager
def _owing(organisation: Organisation, count: int) -> Iterator[None]:
    """A transaction in which one organisation begins one intake at a time."""
    with transaction.atomic():
        _may_wait(Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk), count)
        yield
    hint("imageguard.tasks.take_in_due", queue="images")


def _may_wait(organisation: Organisation, count: int) -> None:
    waiting = IntakeItem.objects.filter(intake__organisation=organisation, due_at__isnull=False).count()
    if waiting + count > MAX_WAITING:
        raise Invalid(_("%(count)d of your images are still being taken in. Wait until they are.") % {"count": waiting})


def _owe(items: Iterable[IntakeItem]) -> None:
    at, owed = clock.now(), list(items)
    for item in owed:
        if item.state == State.WAITING:
            item.due_at = at
        else:
            item.done_at = at
    IntakeItem.objects.bulk_create(owed, batch_size=200)


def _shown(name: str | None) -> str:
    return " ".join(without_unseen((name or "").replace("\\", "/").rpartition("/")[2]).split())[-LONGEST_NAME:] or "—"


def _hash_of(upload: Any) -> str:
    hashed = hashlib.sha256()
    for part in upload.chunks():
        hashed.update(part)
    return hashed.hexdigest()


# --- taking in -----------------------------------------------------------------------------------------------


def take_in_due(limit: int = BATCH) -> int:
    """Take in up to `limit` images that are due, one by one; returns how many were tried."""
    tried, opened = 0, _Archives()
    waiting = IntakeItem.objects.select_related(
        "intake__organisation", "intake__archive", "intake__by", "target__marketplace"
    )
    for item in waiting.in_turn(limit, of="intake__organisation", lease=LEASE):
        tried += 1
        try:
            _take_in(item, opened)
        except Exception as failure:  # whatever it is, the others go on and this one is tried again
            log.exception("%s of %s could not be taken in", item.key, item.intake.public_id)
            item.put_off(f"{type(failure).__name__}: {failure}")
            if isinstance(failure, SoftTimeLimitExceeded):
                raise
    if tried == limit:
        hint("imageguard.tasks.take_in_due", queue="images")
    return tried


class _Archives:
    """The archives that were read last, opened: organisations are served in turn, so that the next image is of another."""

    def __init__(self) -> None:
        self._opened: OrderedDict[int, Archive] = OrderedDict()

    def of(self, intake: Intake) -> Archive:
        if intake.pk not in self._opened:
            assert intake.archive is not None
            self._opened[intake.pk] = Archive(files.read_some(intake.archive))
            if len(self._opened) > OPEN_ARCHIVES:
                self._opened.popitem(last=False)
        self._opened.move_to_end(intake.pk)
        return self._opened[intake.pk]


def _take_in(item: IntakeItem, opened: _Archives) -> None:
    intake = item.intake
    with _saying_why(item):
        if services.who_registers(intake.by) != intake.organisation:
            raise Forbidden()
        data = _fetched(item) if item.url else opened.of(intake).read(int(item.key))
        upload = ContentFile(data, name=item.name)
        _settled(item, _kept(intake, upload, hashlib.sha256(data).hexdigest()))
        return
    _settled(item)


def _fetched(item: IntakeItem) -> bytes:
    """The picture of an own listing. Raises Invalid; Unreachable is tried again."""
    trusted = pictures.trusted_origins(item.target.marketplace) if item.target else frozenset()
    try:
        return pictures.fetch_picture(item.url, trusted=trusted).content
    except Refused as refused:
        said = gettext_noop("The picture could not be fetched from the marketplace. Send it as a file.")
        raise Invalid(Sentence(said), field="file") from refused


@contextmanager
def _saying_why(item: IntakeItem) -> Iterator[None]:
    """What is wrong with a picture becomes a word of its item; what is wrong with us goes on."""
    try:
        yield
    except DomainError as refused:
        if refused.status >= 500:
            raise
        item.refuse(refused.message)
        if isinstance(refused, RegisteredBefore):
            before = gettext_noop("You registered this picture before, as %(number)s; that certificate goes on.")
            item.refuse(Sentence(before, number=refused.detail["number"]))
            item.original = services.Original.objects.get(public_id=refused.detail["id"])


def _kept(intake: Intake, upload: Any, sha256: str) -> PrivateFile:
    """The image as a private file. Raises RegisteredBefore before anything is stored, Invalid, TooLarge, Busy."""
    if earlier := services.claimed_before(intake.organisation, sha256):
        raise RegisteredBefore(number=earlier.number, id=earlier.public_id)
    return files.keep(upload=upload, purpose=FilePurpose.ORIGINAL, by=intake.by, organisation=intake.organisation)


@transaction.atomic
def _settled(item: IntakeItem, kept: PrivateFile | None = None) -> IntakeItem:
    """Register what was kept, and write what became of an item, unless somebody else has. Raises RegisteredBefore."""
    intake = Intake.objects.select_for_update(of=("self",)).get(pk=item.intake_id)
    if known := intake.items.filter(key=item.key).exclude(state=State.WAITING).first():
        return known
    if item.pk is None and intake.items.count() >= MAX_IMAGES:
        raise _too_many()
    if kept is not None:
        item.original = services.register_kept(
            file=kept, by=intake.by, title=item.name, is_public=intake.is_public,
            wants_timestamp=intake.wants_timestamp,
        )  # fmt: skip
        item.state = State.TAKEN
    item.due_at, item.done_at, item.leased_until, item.dead_at, item.last_error = None, clock.now(), None, None, ""
    item.save()
    _let_go_of_archive(intake)
    return item


def _let_go_of_archive(intake: Intake) -> None:
    """After its last image nobody needs an archive: the sweep of files removes it."""
    if intake.archive_id and not intake.items.filter(state=State.WAITING).exists():
        Intake.objects.filter(pk=intake.pk).update(archive=None)


def retry_item(*, item: IntakeItem, by: User) -> None:
    """Staff have an image that was given up taken in once more. Raises Forbidden, NotDead."""
    if not is_reviewer(by):
        raise Forbidden()
    task = "imageguard.tasks.take_in_due"
    subject = item.intake.public_id
    retry_given_up(row=item, by=by, kind="intake.retried", subject=subject, task=task, queue="images")
