"""Addresses of the log of an organisation."""

from django.urls import path

from governance.activity import views

app_name = "activity"

urlpatterns = [path("", views.activity, name="list")]
