"""The API: every room's addresses under /api/v1/, and their description."""

from django.urls import include, path

from accounts.webhooks.api import api_urlpatterns as webhooks
from complaints.agencies.api import api_urlpatterns as powers
from complaints.api import api_urlpatterns as complaints
from complaints.conduct_api import api_urlpatterns as conduct
from complaints.counter_api import api_urlpatterns as counter_notices
from complaints.searches.api import api_urlpatterns as saved_searches
from core.ledger_api import api_urlpatterns as ledger
from filings.api import api_urlpatterns as filings
from governance.appeals.api import api_urlpatterns as appeals
from governance.penalties.api import api_urlpatterns as penalties
from governance.register.api import api_urlpatterns as register
from imageguard.api import api_urlpatterns as imageguard
from imageguard.public_api import api_urlpatterns as certificates
from ippro import api_pages
from ippro.api_errors import no_such_address
from marketplace.api import api_urlpatterns as marketplace
from marketplace.sheets.urls import api_urlpatterns as market_sheets
from patrol.api import api_urlpatterns as patrol
from patrol.precheck_api import api_urlpatterns as prechecks
from rulebook.api import api_urlpatterns as rulebook

urlpatterns = [
    path("v1/", include(complaints)),
    path("v1/", include(saved_searches)),
    path("v1/", include(ledger)),
    path("v1/", include(marketplace)),
    path("v1/", include(market_sheets)),
    path("v1/", include(prechecks)),
    path("v1/", include(patrol)),
    path("v1/", include(filings)),
    path("v1/", include(imageguard)),
    path("v1/", include(certificates)),
    path("v1/", include(counter_notices)),
    path("v1/", include(conduct)),
    path("v1/", include(powers)),
    path("v1/", include(rulebook)),
    path("v1/", include(penalties)),
    path("v1/", include(appeals)),
    path("v1/", include(register)),
    path("v1/", include(webhooks)),
    path("schema/", api_pages.schema, name="schema"),
    path("docs/", api_pages.console, name="api-console"),
    path("reference/", api_pages.reference, name="api-reference"),
    path("", no_such_address),
    path("<path:rest>", no_such_address, name="api-nothing"),
]
