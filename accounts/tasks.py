"""Celery entry points of the accounts room."""

from celery import shared_task

from accounts import traces


@shared_task
def forget_sign_in_traces() -> int:
    """Drop traces of sign-ins after their time; returns how many."""
    return traces.forget_old_traces()
