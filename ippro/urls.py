"""Every address of the house; rooms bring their own."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from governance.penalties.clearance_views import shops_to_clear
from governance.quality import views as quality
from ippro import api_errors, day, private_links, staff, views
from patrol import dashboard

# The admin's own page asks for no second factor and counts no attempts: everybody signs in at one door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = api_errors.bad_request
handler403 = api_errors.permission_denied
handler404 = api_errors.page_not_found
handler429 = views.too_many_requests
handler500 = api_errors.server_error

urlpatterns = [
    # Addresses are tried in turn: programs ask most often.
    path("api/", include("ippro.api_urls")),
    path("", views.home, name="home"),
    path("how-it-works/", views.how_it_works, name="how-it-works"),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("desk/", views.desk, name="desk"),
    path("demo/mail/", views.demo_mail, name="demo-mail"),
    path("demo/clock/", views.demo_clock, name="demo-clock"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("language/", include("django.conf.urls.i18n")),
    path("account/", include("allauth.urls")),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("rules/", include("rulebook.urls")),
    path("filings/", include("filings.urls")),
    path("originals/", include("imageguard.urls")),
    path("", include("imageguard.public_urls")),
    path("", include("complaints.urls")),
    path("report/", include("complaints.public.urls")),
    path("case/<str:token>/", private_links.opened, name="private-link", kwargs={"page": ""}),
    path("case/<str:token>/<path:page>", private_links.opened, name="private-link"),
    path("", include("patrol.urls")),
    path("", include("governance.penalties.urls")),
    path("", include("marketplace.urls")),
    path("", include("patrol.sampling_urls")),
    path("powers/", include("complaints.agencies.urls")),
    path("organisation/activity/", include("governance.activity.urls")),
    path("appeals/", include("governance.appeals.urls")),
    path("register/", include("governance.register.urls")),
    # Passwords are changed in one place, with its limits and letters.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/service-levels/", admin.site.admin_view(staff.service_levels), name="service-levels"),
    path("admin/day/", admin.site.admin_view(day.day), name="day"),
    path("admin/day/<slug:name>.csv", admin.site.admin_view(day.download), name="day-csv"),
    path("admin/patrol/dashboard/", admin.site.admin_view(dashboard.dashboard), name="patrol-dashboard"),
    path("admin/patrol/dashboard/<slug:name>.csv", admin.site.admin_view(dashboard.download), name="patrol-figures"),
    path("admin/governance/quality/", admin.site.admin_view(quality.quality), name="quality"),
    path("admin/governance/quality/quality.csv", admin.site.admin_view(quality.download), name="quality-csv"),
    path("admin/governance/quality/<slug:public_id>/", admin.site.admin_view(quality.of_reviewer), name="quality-of"),
    path("admin/governance/clearance/", admin.site.admin_view(shops_to_clear), name="shops-to-clear"),
    path("admin/", admin.site.urls),
]
