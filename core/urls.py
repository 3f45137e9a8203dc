"""Addresses of the core: health, and private files by short-lived signed links."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
