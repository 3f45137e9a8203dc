"""Addresses of the API of sheets of a marketplace."""

from typing import Any

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from marketplace.sheets.api import MarketSheetViewSet

router = SimpleRouter(trailing_slash=False)
router.register("marketplace/sheets", MarketSheetViewSet, basename="market-sheet-api")
api_urlpatterns: list[Any] = [path("", include(router.urls))]
