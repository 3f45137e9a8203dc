"""Addresses of the marketplace room."""

from django.urls import path

from marketplace import views

urlpatterns = [
    path("pictures/<str:token>", views.thumbnail, name="thumbnail"),
]
