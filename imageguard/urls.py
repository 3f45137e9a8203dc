"""Addresses of the imageguard room for holders: originals and what copies them."""

from django.urls import path

from imageguard import views

app_name = "originals"

urlpatterns = [
    path("matches/<str:public_id>/<slug:view>.jpg", views.match_picture, name="match-picture"),
    path("conflicts/<str:public_id>/<slug:view>.jpg", views.conflict_picture, name="conflict-picture"),
]
