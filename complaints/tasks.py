"""Celery entry points of the complaints room."""

from celery import shared_task

from complaints import automatic, counter_clock, services


@shared_task
def pass_deadlines() -> int:
    """Work off every complaint whose deadline has passed; returns how many moved."""
    return services.pass_deadlines()


@shared_task
def complain_of_copies() -> int:
    """Complain of sure copies of originals that do so by themselves; returns how many complaints were sent."""
    return automatic.complain_of_copies()


@shared_task
def pass_counter_deadlines() -> int:
    """Do everything of counter-notices that is due; returns how many moved."""
    return counter_clock.pass_deadlines()


@shared_task
def recount_waiting_periods() -> int:
    """Count running waiting periods by today's calendars; returns how many ends moved."""
    return counter_clock.recount()
