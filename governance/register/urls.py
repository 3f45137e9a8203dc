"""Addresses of the public register. An entry keeps its address for ever."""

from django.urls import path

from governance.register import views

app_name = "register"

urlpatterns = [
    path("", views.entries, name="list"),
    path("feed.atom", views.feed, name="feed"),
    path("register.csv", views.export, name="csv"),
    path("<str:public_id>/", views.entry, name="entry"),
]
