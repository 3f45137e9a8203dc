"""Addresses of the pages about webhooks, below those of the accounts room."""

from django.urls import path

from accounts.webhooks import views

_ONE = "organisation/webhooks/<str:public_id>/"

urlpatterns = [
    path("organisation/webhooks/", views.webhooks, name="webhooks"),
    path("organisation/webhooks/new/", views.webhook_new, name="webhook-new"),
    path(_ONE, views.webhook, name="webhook"),
    path(f"{_ONE}change/", views.webhook_change, name="webhook-change"),
    path(f"{_ONE}rotate/", views.webhook_rotate, name="webhook-rotate"),
    path(f"{_ONE}switch/", views.webhook_switch, name="webhook-switch"),
    path(f"{_ONE}remove/", views.webhook_remove, name="webhook-remove"),
    path(f"{_ONE}test/", views.webhook_test, name="webhook-test"),
    path(f"{_ONE}messages/<str:message_id>/", views.webhook_message, name="webhook-message"),
    path(f"{_ONE}messages/<str:message_id>/again/", views.webhook_again, name="webhook-again"),
]
