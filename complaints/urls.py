"""Addresses of the complaints room: the complainant's cases, and the notices that merchants receive."""

from django.urls import path

from complaints import conduct_views, counter_views, views
from complaints.answers import views as answer_views
from complaints.bulk.views import pages as sheet_pages
from complaints.searches import views as searches

app_name = "complaints"

urlpatterns = [
    path("complaints/", views.complaint_list, name="list"),
    path("complaints/export.csv", views.export, {"kind": "csv"}, name="export"),
    path("complaints/export.xlsx", views.export, {"kind": "xlsx"}, name="export-xlsx"),
    path("complaints/new/", views.wizard, name="wizard"),
    path("complaints/new/links/", views.preview, name="preview"),
    path("complaints/new/by-image/", views.by_image, name="by-image"),
    path("complaints/search/", searches.search_page, name="search"),
    path("complaints/search/add/", searches.add_found, name="search-add"),
    path("complaints/searches/", searches.saved_searches, name="saved-searches"),
    path("complaints/searches/save/", searches.save, name="saved-search-save"),
    path("complaints/searches/<str:public_id>/", searches.saved_search, name="saved-search"),
    path("complaints/searches/<str:public_id>/pause/", searches.pause, name="saved-search-pause"),
    path("complaints/searches/<str:public_id>/resume/", searches.resume, name="saved-search-resume"),
    path("complaints/searches/<str:public_id>/run/", searches.run, name="saved-search-run"),
    path("complaints/searches/<str:public_id>/delete/", searches.delete, name="saved-search-delete"),
    path("complaints/from-matches/", views.from_matches, name="from-matches"),
    path("complaints/of-match/<str:match_id>/", views.of_match, name="of-match"),
    path("complaints/match-outcomes/", views.match_outcomes, name="match-outcomes"),
    path("complaints/new/autosave/", views.autosave, name="autosave"),
    *sheet_pages.urls("complaints/import/"),
    path("complaints/answers/tick/", answer_views.tick, name="tick"),
    *answer_views.pages.urls("complaints/answers/"),
    path("complaints/drafts/<str:public_id>/", views.draft, name="draft"),
    path("complaints/drafts/<str:public_id>/discard/", views.discard_draft, name="draft-discard"),
    path("complaints/<str:public_id>/", views.complaint_detail, name="detail"),
    path("complaints/<str:public_id>/supplement/", views.supplement, name="supplement"),
    path("complaints/<str:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("complaints/<str:public_id>/stand-by/", views.adopt, name="adopt"),
    path("complaints/<str:public_id>/messages/", views.write_as_complainant, name="message"),
    path("complaints/<str:public_id>/decision.pdf", views.decision_pdf, name="decision-pdf"),
    path("standing/", conduct_views.standing, name="standing"),
    path("standing/self-service/", conduct_views.self_service, name="self-service"),
    path("standing/self-service/ask/", conduct_views.ask_self_service, name="self-service-ask"),
    path("standing/self-service/give-up/", conduct_views.give_up_self_service, name="self-service-give-up"),
    path("standing/self-service/test/", conduct_views.training, name="training"),
    path("notices/", views.notice_list, name="notices"),
    path("notices/export.csv", views.export_notices, {"kind": "csv"}, name="notices-export"),
    path("notices/export.xlsx", views.export_notices, {"kind": "xlsx"}, name="notices-export-xlsx"),
    path("notices/<str:public_id>/", views.notice_detail, name="notice"),
    path("notices/<str:public_id>/messages/", views.write_as_merchant, name="notice-message"),
    path("notices/<str:public_id>/statement.pdf", views.statement_pdf, name="statement-pdf"),
    path("notices/<str:public_id>/answer/", counter_views.answer_notice, name="notice-answer"),
    path("counter-notices/", counter_views.counter_notice_list, name="counter-notices"),
    path("counter-notices/export.csv", counter_views.export, {"kind": "csv"}, name="counter-notices-export"),
    path("counter-notices/export.xlsx", counter_views.export, {"kind": "xlsx"}, name="counter-notices-export-xlsx"),
    path("counter-notices/<str:public_id>/", counter_views.counter_notice_detail, name="counter-notice"),
    path("counter-notices/<str:public_id>/supplement/", counter_views.supplement, name="counter-notice-supplement"),
    path("counter-notices/<str:public_id>/withdraw/", counter_views.withdraw, name="counter-notice-withdraw"),
    path("counter-notices/<str:public_id>/proof/", counter_views.prove, name="counter-notice-proof"),
    path("counter-notices/<str:public_id>/concede/", counter_views.concede, name="counter-notice-concede"),
]
