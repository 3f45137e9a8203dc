"""Addresses of the core: health, and private files by short-lived signed links."""

from django.urls import path

from core import views

urlpatterns = [
    path("files/<str:token>", views.private_file, name="private-file"),
]
