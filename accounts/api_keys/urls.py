"""Addresses of the pages about keys, below those of the accounts room."""

from django.urls import path

from accounts.api_keys import views

urlpatterns = [
    path("organisation/keys/", views.keys, name="keys"),
    path("organisation/keys/new/", views.key_new, name="key-new"),
    path("organisation/keys/<str:public_id>/rotate/", views.key_rotate, name="key-rotate"),
    path("organisation/keys/<str:public_id>/revoke/", views.key_revoke, name="key-revoke"),
]
