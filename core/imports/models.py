"""Tables of a sheet: the sheet that was handed in, and its rows. Each kind has its own, in its own room.

What is owed of a confirmed sheet is an obligation (`core/obligations.py`) with its rows: a batch, which a worker does.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.crypto import EncryptedTextField

#: instead of a fingerprint: a program said its rows by role
SAID = "said"


class Sheet(models.Model):
    """A sheet. Until it is confirmed it is only this row, with what was read in `cells`."""

    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    name = EncryptedTextField(_("file name"))
    #: the rows as they were read, JSON; empty once they are rows of their own
    cells = EncryptedTextField(blank=True)
    row_count = models.PositiveIntegerField(_("rows"))
    #: of the header: the next sheet with the same one has its columns chosen already
    fingerprint = models.CharField(max_length=64)
    #: by role, the position of the column, from 0
    columns = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="zh-hans")
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.public_id)  # type: ignore[attr-defined]  # each kind has its own prefix

    @property
    def is_said(self) -> bool:
        """Whether a program said its rows by role: no spreadsheet shows their cells."""
        return self.fingerprint == SAID


class SheetRow(models.Model):
    """One row of a confirmed sheet, and what became of it; written with what was done, so that it is done once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        LEFT_OUT = "left_out", _("left out")

    #: as the spreadsheet shows it
    number = models.PositiveIntegerField(_("row"))
    message = models.TextField(_("what is to be said"), blank=True)

    class Meta:
        abstract = True


class KeptRow(SheetRow):
    """A row that keeps what it says until that is done."""

    #: what people call it by
    name = models.CharField(_("name"), max_length=200, blank=True)
    #: JSON; empty once it is done or left out
    said = EncryptedTextField(blank=True)
    state = models.CharField(_("state"), max_length=16, choices=SheetRow.State, default=SheetRow.State.WAITING)

    class Meta:
        abstract = True
