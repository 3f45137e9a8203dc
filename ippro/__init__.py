"""The shell: settings, urls, Celery app, the pages' frame. Wires the rooms, holds no rules."""

from ippro.celery import app as celery_app

__all__ = ["celery_app"]
