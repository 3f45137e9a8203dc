"""Celery entry points of the filings room."""

from celery import shared_task

from filings import services
from filings.sheets import services as sheets


@shared_task
def pass_deadlines() -> int:
    """Bring every filing to where the calendar has it: reminders, expiry, lapse; returns how many moved."""
    return services.pass_deadlines()


@shared_task
def draft_rows() -> int:
    """Draft the rights of confirmed sheets that are due; returns how many parts were tried."""
    return sheets.draft_due()
