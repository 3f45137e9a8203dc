"""Addresses of powers of attorney."""

from django.urls import path

from complaints.agencies import views

app_name = "powers"

urlpatterns = [
    path("", views.power_list, name="list"),
    path("new/", views.new, name="new"),
    path("<str:public_id>/", views.detail, name="detail"),
    path("<str:public_id>/confirm/", views.confirm, name="confirm"),
    path("<str:public_id>/supplement/", views.supplement, name="supplement"),
    path("<str:public_id>/revoke/", views.revoke, name="revoke"),
]
