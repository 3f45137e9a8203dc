"""The settings of the house, with one address more: the bare view that complaints are compared with."""

from ippro.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
# No worker runs here: hints go nowhere, at no cost.
CELERY_BROKER_URL = "memory://localhost/"
