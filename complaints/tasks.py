"""Celery entry points of the complaints room."""

from celery import shared_task

from complaints import assigning, automatic, counter_clock, services
from complaints.abuse import looking, suspension
from complaints.answers import services as answers
from complaints.bulk import services as bulk
from complaints.public import erasing
from complaints.public import services as public
from complaints.searches import services as searches


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


@shared_task
def look_for_abuse() -> int:
    """Look for the patterns of abuse in what complainants did that are due; returns how many were looked at."""
    return looking.look_at_due()


@shared_task
def end_suspensions() -> int:
    """Let warnings lapse and suspensions end whose time is over; returns how many did."""
    return suspension.pass_deadlines()


@shared_task
def complain_of_rows() -> int:
    """Send complaints of confirmed sheets that are due; returns how many were tried."""
    return bulk.complain_due()


@shared_task
def forget_unconfirmed_notices() -> int:
    """Forget what somebody without an account wrote and nobody confirmed in time; returns how many notices."""
    return public.forget_unconfirmed()


@shared_task
def answer_rows() -> int:
    """Answer complaints of confirmed sheets that are due; returns how many were tried."""
    return answers.answer_due()


@shared_task
def erase_guests() -> int:
    """Remove what names people without an account, years after their last case ended; returns of how many."""
    return erasing.erase_guests()


@shared_task
def look_for_hits() -> int:
    """Look for new hits of saved searches that are due; returns in how many was looked."""
    return searches.look_due()


@shared_task
def assign_cases() -> int:
    """Take back what lies on desks of nobody at work, and give what nobody has; returns how many cases moved."""
    return assigning.release_left() + assigning.assign_waiting()
