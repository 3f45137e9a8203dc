"""Addresses of the accounts room; signing in and out is allauth's, under /account/."""

from django.urls import path

from accounts import views
from accounts.api_keys.urls import urlpatterns as api_keys
from accounts.webhooks.urls import urlpatterns as webhooks

app_name = "accounts"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("organisation/", views.organisation, name="organisation"),
    path("organisation/new/", views.organisation_new, name="organisation-new"),
    path("organisation/switch/", views.switch, name="switch"),
    path("organisation/identity/", views.organisation_identity, name="organisation-identity"),
    path("organisation/contact/", views.organisation_contact, name="organisation-contact"),
    path("organisation/submit/", views.organisation_submit, name="organisation-submit"),
    path("organisation/papers/", views.document_new, name="document-new"),
    path("organisation/papers/<str:public_id>/back/", views.document_back, name="document-back"),
    path("organisation/members/<str:public_id>/role/", views.member_role, name="member-role"),
    path("organisation/members/<str:public_id>/remove/", views.member_remove, name="member-remove"),
    path("organisation/invite/", views.invite, name="invite"),
    path("organisation/invitations/<str:public_id>/resend/", views.invitation_resend, name="invitation-resend"),
    path("organisation/invitations/<str:public_id>/revoke/", views.invitation_revoke, name="invitation-revoke"),
    *api_keys,
    *webhooks,
    path("invitations/<str:token>/", views.invitation_accept, name="invitation-accept"),
]
