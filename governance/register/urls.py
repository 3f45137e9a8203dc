"""Addresses of the public register. An entry keeps its address for ever."""

from django.urls import path

from governance.register import finding_views, views

app_name = "register"

urlpatterns = [
    path("", views.entries, name="list"),
    path("feed.atom", views.feed, name="feed"),
    path("register.csv", views.export, name="csv"),
    path("findings/", finding_views.entries, name="findings"),
    path("findings/feed.atom", finding_views.feed, name="findings-feed"),
    path("findings/findings.csv", finding_views.export, name="findings-csv"),
    path("findings/<str:public_id>/", finding_views.entry, name="finding"),
    path("<str:public_id>/", views.entry, name="entry"),
]
