"""Addresses of the imageguard room for holders: originals, how they come in, and what copies them."""

from django.urls import path

from imageguard.views import matches, originals, pictures, register

app_name = "originals"

urlpatterns = [
    path("", originals.original_list, name="list"),
    path("export.csv", originals.export, {"kind": "csv"}, name="export"),
    path("export.xlsx", originals.export, {"kind": "xlsx"}, name="export-xlsx"),
    path("register/", register.register, name="register"),
    path("register/begin/", register.begin, name="begin"),
    path("register/listings/", register.listings, name="listings"),
    path("intakes/<str:public_id>/", register.intake, name="intake"),
    path("intakes/<str:public_id>/items/", register.intake_items, name="intake-items"),
    path("intakes/<str:public_id>/files/", register.intake_files, name="intake-files"),
    path("matches/", matches.match_list, name="matches"),
    path("matches/<str:public_id>/", matches.match_detail, name="match"),
    path("matches/<str:public_id>/explanation/", matches.match_explanation, name="match-explanation"),
    path("matches/<str:public_id>/tolerate/", matches.tolerate, name="match-tolerate"),
    path("matches/<str:public_id>/allow-shop/", matches.allow_shop, name="match-allow-shop"),
    path("matches/<str:public_id>/<slug:view>.jpg", pictures.match_picture, name="match-picture"),
    path("conflicts/<str:public_id>/<slug:view>.jpg", pictures.conflict_picture, name="conflict-picture"),
    path("<str:public_id>/", originals.detail, name="detail"),
    path("<str:public_id>/small.jpg", pictures.original_picture, name="picture"),
    path("<str:public_id>/certificate.pdf", originals.certificate_pdf, name="certificate-pdf"),
    path("<str:public_id>/change/", originals.change, name="change"),
    path("<str:public_id>/complain-by-itself/", originals.complain_by_itself, name="by-itself"),
    path("<str:public_id>/withdraw/", originals.withdraw, name="withdraw"),
    path("<str:public_id>/camera/", originals.add_camera_original, name="camera"),
    path("<str:public_id>/licences/", originals.grant_licence, name="licences"),
    path("<str:public_id>/licences/end/", originals.end_licence, name="licence-end"),
]
