"""Addresses of the core: health, private files by short-lived signed links, the ledger's verifier."""

from django.urls import path

from core import health, ledger_api, views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("files/<str:token>", views.private_file, name="private-file"),
    path("ledger/verify_ledger.py", ledger_api.verifier, name="ledger-verifier"),
]
