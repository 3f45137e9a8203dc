"""Addresses for people without an account. What a private link opens stands in `ippro/private_links.py`."""

from django.urls import path

from complaints.public import views

app_name = "public"

urlpatterns = [
    path("", views.report, name="report"),
    path("sent/", views.sent, name="sent"),
    path("link/", views.link_again, name="link-again"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
]
