"""Addresses of points and penalties."""

from django.urls import path

from governance.penalties import views

app_name = "penalties"

urlpatterns = [
    path("shops/", views.shops, name="shops"),
    path("shops/<str:public_id>/", views.shop, name="shop"),
    path("penalties/<str:public_id>/", views.penalty, name="penalty"),
    path("penalties/<str:public_id>/statement/", views.statement, name="statement"),
    path("penalties/<str:public_id>/early-end/", views.early_end, name="early-end"),
]
