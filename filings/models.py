"""Rights on file: what a holder owns, proved once, on which complaints rest."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import PowerOfAttorney
from core import clock
from core.ids import PublicIdField
from core.imports.models import KeptRow, Sheet
from core.models import Case
from core.obligations import INDEXES, Obligation, ObligationQuerySet


class RightKind(models.TextChoices):
    TRADEMARK = "trademark", _("trademark")
    COPYRIGHT_WORK = "copyright_work", _("copyright: work")
    COPYRIGHT_SOFTWARE = "copyright_software", _("copyright: software")
    PATENT_INVENTION = "patent_invention", _("patent: invention")
    PATENT_UTILITY = "patent_utility", _("patent: utility model")
    PATENT_DESIGN = "patent_design", _("patent: design")
    GEOGRAPHICAL_INDICATION = "geographical_indication", _("geographical indication")
    PUBLISHING = "publishing", _("publishing right")
    #: put on file by the certificate of an original image, never by hand
    FIRST_PUBLICATION = "first_publication", _("certified original image")


def covered_by(powers: Iterable[PowerOfAttorney]) -> Q:
    """The filings that lie within the scope of one of these powers."""
    found = Q(pk__in=[])
    for power in powers:
        named = Q(public_id__in=power.rights) if power.rights else Q()
        found |= Q(organisation_id=power.holder_id) & named
    return found


class FilingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """An organisation's own filings; staff see what was submitted."""
        if user.is_staff:
            return self.exclude(state=Filing.State.DRAFT)
        membership = user.membership
        if membership is None:
            return self.none()
        own = Q(organisation_id=membership.organisation_id)
        if membership.organisation.kind != "agency":
            return self.filter(own)
        # What it filed for somebody else it goes on seeing after the power has ended; all else at that moment no more.
        powers = PowerOfAttorney.objects.filter(agency=membership.organisation_id).in_force()  # type: ignore[attr-defined]
        represented = covered_by(powers) & ~Q(state=Filing.State.DRAFT)
        handed_in = Q(power__in=PowerOfAttorney.objects.filter(agency=membership.organisation_id).values("pk"))
        return self.filter(own | Q(agency_id=membership.organisation_id) | handed_in | represented)

    def in_force(self, on: date | None = None) -> Self:
        """Filings on which a complaint may rest on that day."""
        on = on or clock.today()
        valid = Q(state__in=Filing.IN_FORCE) & (Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=on))
        being_renewed = Q(state__in=Filing.UNDER_REVIEW, in_force_until_on__gte=on)
        return self.filter(valid | being_renewed).filter(Q(valid_from_on__isnull=True) | Q(valid_from_on__lte=on))


class Filing(Case):
    """One right of one organisation (知识产权备案)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("under review")
        RETURNED = "returned", _("returned for supplement")
        APPROVED = "approved", _("in force")
        EXPIRING = "expiring", _("expiring")
        EXPIRED = "expired", _("expired")
        REJECTED = "rejected", _("rejected")
        REVOKED = "revoked", _("revoked")
        WITHDRAWN = "withdrawn", _("withdrawn")

    IN_FORCE = (State.APPROVED, State.EXPIRING)
    UNDER_REVIEW = (State.SUBMITTED, State.RETURNED)

    class MarkType(models.TextChoices):
        WORD = "word", _("word")
        FIGURE = "figure", _("figure")
        COMBINED = "combined", _("combined")

    public_id = PublicIdField("flg")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="filings")
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="filed_for_others",
        verbose_name=_("agency that filed it"),
    )  # fmt: skip
    #: by which what is under review was handed in; empty when the holder did so itself
    power = models.ForeignKey(
        "accounts.PowerOfAttorney", null=True, blank=True, on_delete=models.PROTECT, related_name="filings",
        verbose_name=_("power of attorney"),
    )  # fmt: skip
    #: it came with a notice of somebody without an account, and is proved together with it
    is_with_notice = models.BooleanField(_("came with a notice without an account"), default=False)
    kind = models.CharField(_("kind of right"), max_length=32, choices=RightKind)
    title = models.CharField(_("name of the mark, work, invention or product"), max_length=200)
    registration_number = models.CharField(_("registration number"), max_length=64)
    number_key = models.CharField(max_length=64, editable=False, db_index=True)
    mark_type = models.CharField(_("type of mark"), max_length=16, choices=MarkType, blank=True)
    nice_classes = models.JSONField(_("Nice classes"), default=list, blank=True)
    owner_name = models.CharField(_("owner, as on the certificate"), max_length=200)
    territory = models.CharField(_("territory"), max_length=2, default="CN")
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_until_on = models.DateField(_("valid until"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.DRAFT)
    review_note = models.TextField(_("what the reviewer wrote"), blank=True)
    reviewed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    renewed_until_on = models.DateField(_("valid until, by the renewal under review"), null=True, blank=True)
    in_force_until_on = models.DateField(_("in force during the renewal until"), null=True, blank=True)
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing")
        verbose_name_plural = _("filings")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True)
                | Q(valid_until_on__isnull=True)
                | Q(valid_until_on__gte=models.F("valid_from_on")),
                name="validity_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["state", "deadline_at"])]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def was_approved(self) -> bool:
        """Whether a reviewer ever found it proved, whatever became of it since."""
        never = (self.State.DRAFT, *self.UNDER_REVIEW, self.State.REJECTED, self.State.WITHDRAWN)
        return self.is_renewing or self.state not in never

    @property
    def waits_with_notice(self) -> bool:
        """Whether nobody has proved yet the right that a notice without an account brought."""
        return self.is_with_notice and self.state in self.UNDER_REVIEW and not self.is_renewing

    @property
    def is_renewing(self) -> bool:
        """Whether what is under review is a renewal of a right that was approved before."""
        return self.renewed_until_on is not None

    def is_in_force(self, *, on: date | None = None) -> bool:
        """Whether a complaint may rest on it on that day (default: today)."""
        on = on or clock.today()
        if self.valid_from_on is not None and self.valid_from_on > on:
            return False
        if self.state in self.IN_FORCE:
            return self.valid_until_on is None or self.valid_until_on >= on
        return self.state in self.UNDER_REVIEW and self.in_force_until_on is not None and self.in_force_until_on >= on


class FilingSheetQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The sheets of the organisation in which somebody acts; nobody else's, staff neither."""
        membership = user.membership
        return self.filter(organisation_id=membership.organisation_id) if membership else self.none()


class FilingSheet(Sheet):
    """A sheet of rights, each row of which becomes a draft."""

    public_id = PublicIdField("fsh")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")
    #: by role, as text
    for_all = models.JSONField(default=dict)

    objects = FilingSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of filings")
        verbose_name_plural = _("sheets of filings")
        indexes = [models.Index(fields=["organisation", "fingerprint"], name="filing_sheet_of_a_header")]


class FilingSheetPart(Obligation):
    """Rows of a sheet of filings that are drafted together."""

    sheet = models.ForeignKey(FilingSheet, on_delete=models.CASCADE, related_name="batches")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a sheet of filings")
        verbose_name_plural = _("parts of sheets of filings")
        ordering = ["pk"]
        indexes = [*INDEXES]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.pk}"


class FilingSheetRow(KeptRow):
    """One row of a confirmed sheet, and the draft that became of it."""

    sheet = models.ForeignKey(FilingSheet, on_delete=models.CASCADE, related_name="rows")
    batch = models.ForeignKey(FilingSheetPart, null=True, blank=True, on_delete=models.CASCADE, related_name="rows")
    filing = models.OneToOneField(
        Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="row_of_a_sheet"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_row_comes_once_in_a_filing_sheet"),
            models.CheckConstraint(
                condition=Q(state="left_out") | Q(batch__isnull=False), name="a_row_to_be_filed_is_of_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}:{self.number}"


class FilingFile(models.Model):
    """A certificate, representative image or cover of a filing, in order."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField("core.PrivateFile", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file_id)


class GenuineSeller(models.Model):
    """A shop that sells the genuine goods: its listings are not complained of by mistake."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="genuine_sellers")
    shop = models.ForeignKey("marketplace.Target", on_delete=models.PROTECT, limit_choices_to={"kind": "shop"})
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["filing", "shop"], name="a_shop_is_genuine_once")]

    def __str__(self) -> str:
        return str(self.shop)


class FilingConflictQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(settled_at__isnull=True)

    def touching(self, filing: "Filing") -> Self:
        """Conflicts in which this filing is one of the two."""
        return self.filter(Q(filing=filing) | Q(other=filing))


class FilingConflict(models.Model):
    """The same registration number filed by two organisations: staff settle who holds it.

    `filing` is the later of the two. Settled in favour of one, or of neither: then both may stand.
    """

    public_id = PublicIdField("fcf")
    filing = models.ForeignKey(
        Filing, on_delete=models.PROTECT, related_name="conflicts", verbose_name=_("later filing")
    )
    other = models.ForeignKey(
        Filing, on_delete=models.PROTECT, related_name="conflicted_by", verbose_name=_("earlier filing")
    )
    number_key = models.CharField(max_length=64, editable=False, default="")
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("settled by")
    )
    in_favour_of = models.ForeignKey(
        Filing, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("in favour of")
    )
    note = models.TextField(_("how it was settled"), blank=True)

    objects = FilingConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("filing conflict")
        verbose_name_plural = _("filing conflicts")
        constraints = [
            models.UniqueConstraint(fields=["filing", "other", "number_key"], name="one_conflict_per_pair_and_number"),
            models.CheckConstraint(condition=Q(filing__gt=models.F("other")), name="later_filing_first"),
        ]

    def __str__(self) -> str:
        return f"{self.filing.registration_number}: {self.filing.number} – {self.other.number}"
