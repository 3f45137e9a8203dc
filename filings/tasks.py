"""Celery entry points of the filings room."""

from celery import shared_task

from filings import services


@shared_task
def pass_deadlines() -> int:
    """Bring every filing to where the calendar has it: reminders, expiry, lapse; returns how many moved."""
    return services.pass_deadlines()
