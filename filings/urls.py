"""Addresses of the filings room."""

from django.urls import path

from filings import views
from filings.sheets.views import pages as sheet_pages

app_name = "filings"

urlpatterns = [
    path("", views.filing_list, name="list"),
    path("export.csv", views.export, {"kind": "csv"}, name="export"),
    path("export.xlsx", views.export, {"kind": "xlsx"}, name="export-xlsx"),
    *sheet_pages.urls("import/"),
    path("new/", views.new, name="new"),
    path("<str:public_id>/", views.detail, name="detail"),
    path("<str:public_id>/edit/", views.edit, name="edit"),
    path("<str:public_id>/submit/", views.submit, name="submit"),
    path("<str:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:public_id>/renew/", views.renew, name="renew"),
    path("<str:public_id>/drop-renewal/", views.drop_renewal, name="drop-renewal"),
    path("<str:public_id>/sellers/", views.sellers, name="sellers"),
]
