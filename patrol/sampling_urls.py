"""Addresses of samples, and of what was bought for a brand to judge."""

from django.urls import path

from patrol import sampling_views as views

app_name = "samples"

urlpatterns = [
    path("samples/", views.samples, name="list"),
    path("samples/<str:public_id>/", views.sample, name="sample"),
    path("samples/<str:public_id>/frame.tsv", views.frame, name="frame"),
    path("samples/<str:public_id>/draw.csv", views.draw, name="draw"),
    path("test-buys/", views.test_buys, name="test-buys"),
    path("test-buys/<str:public_id>/", views.test_buy, name="test-buy"),
]
