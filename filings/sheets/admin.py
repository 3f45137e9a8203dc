"""Parts of sheets of rights that staff look at."""

from django.contrib import admin

from core.imports.admin import SheetPartAdmin
from filings.models import FilingSheetPart
from filings.sheets.services import SHEETS


@admin.register(FilingSheetPart)
class FilingSheetPartAdmin(SheetPartAdmin):
    kind = SHEETS
