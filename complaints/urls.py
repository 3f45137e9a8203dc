"""Addresses of the complaints room."""

from django.urls import URLPattern

app_name = "complaints"

urlpatterns: list[URLPattern] = []
