"""Addresses of the imageguard room for everybody: what a certificate says, and whether a picture is protected."""

from django.urls import path

from imageguard.views import public

urlpatterns = [
    path("protected/", public.protected, name="protected"),
    path("verify/", public.verify, name="verify"),
    path("verify/<str:number>/", public.certificate, name="verify-number"),
    path("verify/<str:number>/bundle.json", public.certificate_bundle, name="verify-bundle"),
    path("verify/<str:number>/picture.jpg", public.certificate_picture, name="verify-picture"),
    path("verify/<str:number>/certificate.pdf", public.certificate_document, name="verify-pdf"),
]
