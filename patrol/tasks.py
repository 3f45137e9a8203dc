"""Celery entry points of the patrol room."""

from celery import shared_task
from django.conf import settings

from patrol import automatic, leads, market_prices, prechecks, profiles, rechecks, scanning, services, training


@shared_task
def inspect_due() -> int:
    """Look at some of the targets that are due; returns how many were tried."""
    return scanning.inspect_due()


@shared_task
def scan_due() -> int:
    """Look at some of the batches of scans that are due; returns how many were tried."""
    return scanning.scan_due()


@shared_task
def begin_owed_scans() -> int:
    """Scan the market for profiles that changed a while ago, or have begun to watch; returns for how many."""
    return profiles.begin_owed_scans()


@shared_task
def scan_by_calendar() -> None:
    """Start a scan of everything where the last one is as old as the installation wants it to become at most."""
    scanning.start_if_due(settings.SCAN_EVERY_DAYS)


@shared_task
def find_leads() -> int:
    """Find this week's clusters of linked shops anew, each day, so that no week is missed; returns how many there are."""
    return len(leads.find_leads())


@shared_task
def forget_prechecks() -> int:
    """Drop pre-checks that are older than a year; returns how many."""
    return prechecks.forget_old()


@shared_task
def train_risk_model() -> bool:
    """Learn the weights of the risk model anew, a week after the last time; returns whether a version was made."""
    return training.train_if_due()


@shared_task
def pass_candidate_deadlines() -> int:
    """Take back what brands did not answer in time; returns how many candidates moved."""
    return services.pass_deadlines()


@shared_task
def recheck_due() -> int:
    """Look again at some of what was taken down; returns how many were tried."""
    return rechecks.recheck_due()


@shared_task
def measure_prices() -> int:
    """Measure what everybody asks for watched goods; returns for how many profiles there are offers enough."""
    return market_prices.measure()


@shared_task
def take_down_sure_finds() -> int:
    """Take down what is sure where staff switched that on; returns how many."""
    return automatic.sweep()
