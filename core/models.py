"""Tables that every room leans on: ledger and its seals, outbox, letters, private files, number series."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField
from core.ids import PublicIdField
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class NumberSeries(models.Model):
    """The last case number given out, by letter and year."""

    letter = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "year"], name="one_series_per_year")]

    def __str__(self) -> str:
        return f"{self.letter}-{self.year}"


class LedgerEntry(models.Model):
    """One thing that was decided or done, for ever: a database trigger refuses update and delete.

    `subject` and `actor` are public ids ("system" for the clock). Personal data never enters a payload.
    """

    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=64)
    subject = models.CharField(_("subject"), max_length=64)
    actor = models.CharField(_("actor"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict)
    payload_hash = models.CharField(_("SHA-256 of the payload"), max_length=64)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject", "id"]), models.Index(fields=["kind", "id"])]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.subject}"


class LedgerLeaf(models.Model):
    """The place of an entry in the sealed ledger: leaves are numbered from 0, without gaps, in the order of sealing.

    Primary keys have gaps (a transaction was rolled back) and are committed out of order; leaves do neither.
    """

    index = models.BigIntegerField(_("leaf"), primary_key=True)
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="leaf", verbose_name=_("entry"))
    hash = models.CharField(_("leaf hash"), max_length=64)

    def __str__(self) -> str:
        return f"{self.index}"


class LedgerNode(models.Model):
    """The root of a complete subtree of the sealed ledger, by `core.merkle.position`: written once, never again."""

    position = models.BigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.position}"


class TreeHead(models.Model):
    """The whole ledger up to some size in one hash, signed. `note` is what was signed, with the signature.

    Source: RFC 9162 section 2.1; C2SP tlog-checkpoint and signed-note.
    """

    size = models.BigIntegerField(_("number of entries"), primary_key=True)
    root_hash = models.CharField(_("root hash"), max_length=64)
    at = models.DateTimeField(_("signed at"))
    key_id = models.CharField(_("key"), max_length=200)
    note = models.TextField(_("signed note"))

    class Meta:
        verbose_name = _("tree head")
        verbose_name_plural = _("tree heads")
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"{self.size}"


class TimeStamp(Obligation):
    """The word of a time-stamp authority (RFC 3161) that a tree head is owed: the whole answer, as it came.

    Settled without a token: a later head was stamped, and its token covers what stands in this one too.
    """

    head = models.OneToOneField(
        TreeHead, on_delete=models.PROTECT, related_name="time_stamp", verbose_name=_("tree head")
    )
    token = models.BinaryField(_("answer of the authority"), null=True)
    stamped_at = models.DateTimeField(_("time by the authority"), null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("time-stamp")
        verbose_name_plural = _("time-stamps")
        ordering = ["-pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.head_id}"


class OutboxMessage(Obligation):
    """An event on its way to one consumer, written in the transaction that caused it."""

    event = models.CharField(_("event"), max_length=64)
    subject = models.CharField(_("subject"), max_length=64)
    consumer = models.CharField(_("consumer"), max_length=128)
    queue = models.CharField(_("queue"), max_length=32, default="interactive")
    created_at = models.DateTimeField(_("created at"))

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox")
        ordering = ["pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.event} {self.subject} → {self.consumer}"


class Letter(Obligation):
    """An email that is owed to somebody: rendered when it was decided, encrypted until it is sent.

    `dedupe_key` and the Message-ID made of it keep a crash from looking like two letters.
    """

    public_id = PublicIdField("ltr")
    dedupe_key = models.CharField(max_length=200, unique=True)
    to = EncryptedTextField(_("to"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="letters"
    )
    about = models.CharField(_("about"), max_length=64, blank=True, db_index=True)
    template = models.CharField(_("template"), max_length=64)
    language = models.CharField(_("language"), max_length=16)
    subject = EncryptedTextField(_("subject"))
    body = EncryptedTextField(_("body"))
    created_at = models.DateTimeField(_("created at"))

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.template} {self.public_id}"


class LetterText(models.Model):
    """How staff word a letter in one language: one row a version, the newest counts; `core/letter_texts.py` keeps them."""

    public_id = PublicIdField("ltx")
    template = models.CharField(_("letter"), max_length=64)
    language = models.CharField(_("language"), max_length=16)
    version = models.PositiveIntegerField(_("version"))
    #: for each sentence that differs, by its English: the words, one for each form of the plural
    texts = models.JSONField(_("texts"), default=dict)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"), default=clock.now)
    #: it could not be used in some letter, which went out in the house's own words
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("text of a letter")
        verbose_name_plural = _("texts of letters")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["template", "language", "version"], name="one_text_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.template} ({self.language}) {self.version}"


class FilePurpose(models.TextChoices):
    IDENTITY = "identity", _("identity document")
    LICENCE = "licence", _("business licence")
    CERTIFICATE = "certificate", _("certificate of the right")
    PICTURE = "picture", _("representative image")
    EVIDENCE = "evidence", _("evidence")
    ORIGINAL = "original", _("original image")
    CAMERA = "camera", _("camera original")
    ARCHIVE = "archive", _("archive of images")
    POWER = "power", _("power of attorney")


class PrivateFileQuerySet(models.QuerySet):
    def owned_by(self, organisation_id: int | None) -> Self:
        return self.filter(organisation_id=organisation_id)


class PrivateFile(models.Model):
    """A file that somebody handed in: bytes encrypted in the private storage, name encrypted here.

    `preview_key` is a re-encoded picture that may be shown; the bytes themselves are only downloaded.
    """

    public_id = PublicIdField("fil")
    purpose = models.CharField(_("purpose"), max_length=16, choices=FilePurpose)
    name = EncryptedTextField(_("file name"))
    media_type = models.CharField(_("type"), max_length=64)
    size_bytes = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    storage_key = models.CharField(max_length=200, unique=True)
    #: large files lie in pieces of so many bytes, under the storage key and a number
    piece_bytes = models.PositiveIntegerField(null=True, blank=True, editable=False)
    preview_key = models.CharField(max_length=200, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="files"
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    objects = PrivateFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("private file")
        verbose_name_plural = _("private files")

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_image(self) -> bool:
        return bool(self.preview_key)


class IdempotencyKey(models.Model):
    """A POST that was answered: the same key brings the same answer, another body is refused."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key


class Case(models.Model):
    """Base of everything with a lifecycle: its state is written by `core.lifecycle` alone."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    state_since_at = models.DateTimeField(_("in this state since"), default=clock.now)
    deadline_at = models.DateTimeField(_("deadline"), null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        abstract = True

    def __str__(self) -> Any:
        return self.number


class MovedClock(models.Model):
    """How far the clock of this installation is ahead of the machine's: one row, in a demo that was moved."""

    ahead = models.DurationField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_clock"),
            models.CheckConstraint(condition=models.Q(ahead__gte=timedelta(0)), name="clock_is_never_behind"),
        ]

    def __str__(self) -> str:
        return f"+{self.ahead}"


# A table that stands in a module of its own.
from core.saved_filters import SavedFilter as SavedFilter  # noqa: E402
