"""Addresses of the patrol room: a rights holder's watch profiles, what it is asked about, and findings to merchants."""

from django.urls import path

from patrol import views

app_name = "patrol"

urlpatterns = [
    path("watch/", views.profile_list, name="profiles"),
    path("watch/new/", views.new, name="new"),
    path("watch/candidates/", views.candidate_list, name="candidates"),
    path("watch/candidates/<str:public_id>/", views.candidate, name="candidate"),
    path("watch/looks/<str:case>/", views.looks_of_case, name="looks"),
    path("watch/<str:public_id>/", views.profile, name="profile"),
    path("watch/<str:public_id>/edit/", views.edit, name="profile-edit"),
    path("watch/<str:public_id>/shops/", views.shops, name="profile-shops"),
    path("watch/<str:public_id>/pictures/", views.pictures, name="profile-pictures"),
    path("watch/<str:public_id>/<slug:step>/", views.step, name="profile-step"),
    path("findings/", views.finding_list, name="findings"),
    path("findings/<str:public_id>/", views.finding, name="finding"),
]
