"""Celery entry points of the marketplace room."""

from celery import shared_task

from core.obligations import sweep
from marketplace import ingest, pictures, restrictions, services
from marketplace.search.index import index_missing
from marketplace.sheets import services as sheets


@shared_task
def reconcile_due() -> int:
    """Drive every enforcement that is due towards its desired state; returns how many were tried."""
    return sum(sweep(services.reconcile_batch))


@shared_task
def restrict_due() -> int:
    """Carry out every restriction of a shop that is due; returns how many were tried."""
    return sum(sweep(restrictions.restrict_batch))


@shared_task
def forget_old_events() -> int:
    """Drop event ids that are remembered no longer; returns how many."""
    return ingest.forget_old_events()


@shared_task
def take_in_rows() -> int:
    """Take in the rows of confirmed sheets that are due; returns how many parts were tried."""
    return sheets.take_in_due()


@shared_task
def capture_pictures() -> int:
    """Capture some of the pictures that are due as evidence; returns how many were tried."""
    return pictures.capture_batch()


@shared_task
def index_search() -> int:
    """Make right what search knows of the mirror; returns how many entries were wrong."""
    return max((mended for _seen, mended in index_missing()), default=0)
