"""Celery entry points of the accounts room."""

from celery import shared_task

from accounts import traces
from accounts.powers import services as powers
from accounts.webhooks import sending


@shared_task
def forget_sign_in_traces() -> int:
    """Drop traces of sign-ins after their time; returns how many."""
    return traces.forget_old_traces()


@shared_task
def pass_days_of_powers() -> int:
    """Remind of powers of attorney that end soon, and expire those that have ended; returns how many moved."""
    return powers.pass_days()


@shared_task
def send_webhooks() -> int:
    """Send messages to organisations' systems that are due, for some seconds; returns how many were tried."""
    return sending.send_due()


@shared_task
def forget_webhooks() -> int:
    """Drop messages to organisations' systems after their time; returns how many."""
    return sending.forget_old()
