"""Celery entry points of the marketplace room."""

from celery import shared_task

from marketplace import ingest, services


@shared_task
def reconcile_due() -> int:
    """Drive every enforcement that is due towards its desired state; returns how many were tried."""
    tried = 0
    while batch := services.reconcile_batch():
        tried += batch
    return tried


@shared_task
def forget_old_events() -> int:
    """Drop event ids that are remembered no longer; returns how many."""
    return ingest.forget_old_events()
