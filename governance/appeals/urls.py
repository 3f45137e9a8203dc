"""Addresses of appeals: the appellant's list, form and case."""

from django.urls import path

from governance.appeals import views

app_name = "appeals"

urlpatterns = [
    path("", views.appeal_list, name="list"),
    path("against/<str:subject>/", views.offer, name="offer"),
    path("against/<str:subject>/new/", views.new, name="new"),
    path("<str:public_id>/", views.detail, name="detail"),
    path("<str:public_id>/supplement/", views.supplement, name="supplement"),
    path("<str:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:public_id>/refer/", views.refer, name="refer"),
]
