"""Celery entry points of the complaints room."""

from celery import shared_task

from complaints import automatic, services


@shared_task
def pass_deadlines() -> int:
    """Work off every complaint whose deadline has passed; returns how many moved."""
    return services.pass_deadlines()


@shared_task
def complain_of_copies() -> int:
    """Complain of sure copies of originals that do so by themselves; returns how many complaints were sent."""
    return automatic.complain_of_copies()
