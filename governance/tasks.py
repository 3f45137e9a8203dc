"""Celery entry points of the governance room."""

from celery import shared_task

from governance.appeals import assigning
from governance.appeals import services as appeals
from governance.penalties import removals
from governance.penalties import services as penalties
from governance.quality import services as quality


@shared_task
def pass_appeal_deadlines() -> int:
    """Go on with appeals whose supplement did not come in time; returns how many moved."""
    return appeals.pass_deadlines()


@shared_task
def assign_appeals() -> int:
    """Take back appeals on desks of nobody at work, and give what nobody has; returns how many moved."""
    return assigning.release_left() + assigning.assign_waiting()


@shared_task
def end_penalties() -> int:
    """End every penalty whose time is over; returns how many ended."""
    return penalties.pass_deadlines()


@shared_task
def let_removals_stand() -> int:
    """Count against shops what holders took down by themselves and nobody can appeal against any more; returns how many."""
    return removals.pass_deadlines()


@shared_task
def draw_second_looks() -> int:
    """Draw decisions that another reviewer looks at again, and end looks for which nobody is left; returns how many were drawn."""
    drawn = quality.draw_second_looks()
    quality.end_second_looks()
    return drawn
