"""Addresses of the marketplace room."""

from django.urls import path

from marketplace import views
from marketplace.sheets.views import pages as sheet_pages

urlpatterns = [
    *sheet_pages.urls("market-sheets/"),
    path("pictures/<str:token>", views.thumbnail, name="thumbnail"),
]
