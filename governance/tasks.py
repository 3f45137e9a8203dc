"""Celery entry points of the governance room."""

from celery import shared_task

from governance.appeals import services as appeals


@shared_task
def pass_appeal_deadlines() -> int:
    """Go on with appeals whose supplement did not come in time; returns how many moved."""
    return appeals.pass_deadlines()
