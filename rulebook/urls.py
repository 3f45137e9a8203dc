"""Addresses of the rulebook, for everybody. The address of a version is for ever."""

from django.urls import path

from rulebook import views

urlpatterns = [
    path("", views.index, name="rules"),
    path("feed.xml", views.feed, name="rules-feed"),
    path("<slug:code>/", views.rule, name="rule"),
    path("<slug:code>/v<int:number>/", views.version, name="rule-version"),
]
