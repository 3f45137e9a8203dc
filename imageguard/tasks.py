"""Celery entry points of the imageguard room."""

from celery import shared_task

from core.obligations import sweep
from imageguard import explanations, index, intake, letters, official, seeing, services, watching


@shared_task
def check_due() -> int:
    """Bring originals on their way towards their certificate; returns how many were tried."""
    return services.check_due()


@shared_task
def take_in_due() -> int:
    """Take in images of ZIPs and own listings that are due; returns how many were tried."""
    return intake.take_in_due()


@shared_task
def look_due() -> int:
    """Look at images of marketplaces that are due; returns how many were tried."""
    return watching.look_due()


@shared_task
def put_official_due() -> int:
    """Fingerprint official pictures that are due, search the marketplaces for them, or end them; returns how many."""
    return official.put_due()


@shared_task
def draw_due() -> int:
    """Draw explanations that are due; returns how many were tried."""
    return explanations.draw_due()


@shared_task
def tell_holders() -> int:
    """Write the letters to holders for which the time has come; returns how many organisations were told something."""
    return letters.tell_holders()


@shared_task
def forget_images() -> int:
    """Forget images that no marketplace has shown for years and that prove nothing; returns how many."""
    return sum(sweep(seeing.forget_gone))


@shared_task
def tidy_indexes() -> None:
    """Write each index anew where it has grown or lost much since it was last written."""
    index.tidy()
