"""Celery entry points of the complaints room."""

from celery import shared_task

from complaints import services


@shared_task
def pass_deadlines() -> int:
    """Work off every complaint whose deadline has passed; returns how many moved."""
    return services.pass_deadlines()
