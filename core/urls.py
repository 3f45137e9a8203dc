"""Addresses of the core: health, and private files by short-lived signed links."""

from django.urls import path

from core import health, views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("files/<str:token>", views.private_file, name="private-file"),
]
