"""Every address that names something: a foreign thing looks exactly like one that does not exist.

The addresses are walked, so that a new one is covered as soon as it exists, or fails here until it is.
"""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.api_keys.services import make_key
from accounts.models import Invitation, Organisation
from accounts.powers import services as services_of_powers
from accounts.powers.models import PowerOfAttorney
from accounts.roles import OrgRole, StaffRole
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.services import remove_endpoint
from complaints import services
from complaints.answers.services import tick
from complaints.bulk.services import KIND as LINKS
from complaints.models import Draft
from complaints.searches.services import save_search
from complaints.services import Found
from core import files
from core.imports.services import begin
from core.models import FilePurpose
from filings.sheets.services import SHEETS as RIGHTS
from governance.appeals.services import submit_appeal
from governance.models import Penalty
from governance.penalties.points import complaint_changed
from governance.penalties.services import open_hearing
from imageguard.models import Intake
from marketplace.sheets.services import SHEETS as MARKET
from patrol import services as services_of_patrol
from patrol.models import TestBuy
from tests.accounts.powers import a_power, an_agency
from tests.complaints.counter import answered, clock_says_told
from tests.complaints.test_wizard import png
from tests.factories import (
    FilingFactory,
    OrganisationFactory,
    UserFactory,
    a_conflict,
    a_match,
    an_original,
    complaint,
    member,
    staff,
)
from tests.patrol.build import a_candidate, a_finding
from tests.patrol.sampling import a_profile, drawn, handed

pytestmark = pytest.mark.django_db
#: what the address names, by the beginning of its name
NAMES = {
    "complaints:draft": "draft",
    "complaints:notice": "notice",
    "complaints:statement": "notice",
    "complaints:counter-notice": "answer",
    "counternotice-": "answer",
    "complaints:of-match": "match",
    "complaints:saved-search": "search",
    "saved-search-": "search",
    "complaints:import": "sheet",
    "complaints:answers": "answers",
    "complaint-answers-": "answers",
    "complaints:": "complaint",
    "complaint-sheet-": "sheet",
    "complaint-": "complaint",
    "notice-": "notice",
    "market-sheets-": "market_sheet",
    "filings:import": "filing_sheet",
    "filing-sheet-": "filing_sheet",
    "filings:": "filing",
    "filing-": "filing",
    "filings-": "filing",
    "accounts:document": "paper",
    "accounts:member": "person",
    "accounts:invitation": "invitation",
    "accounts:key": "api_key",
    "accounts:webhook": "webhook",
    "webhook-": "webhook",
    "originals:match": "match",
    "originals:conflict": "conflict",
    "originals:intake": "intake",
    "originals:": "original",
    "original-": "original",
    "intake-": "intake",
    "match-": "match",
    "penalties:shop": "shop",
    "penalties:": "penalty",
    "penalty-": "penalty",
    "shop-standing-": "shop",
    "patrol:finding": "finding",
    "patrol:candidate": "candidate",
    "patrol:looks": "complaint",
    "patrol:": "profile",
    "finding-": "finding",
    "candidate-": "candidate",
    "watch-profile-": "profile",
    "appeals:offer": "notice",
    "appeals:new": "notice",
    "appeals:": "appeal",
    "appeal-": "appeal",
    "powers:": "power",
    "power-": "power",
    "samples:test-buy": "test_buy",
    "private-file": "link",
    "thumbnail": "link",
}
#: opened by a secret in a letter, or by the signature of a marketplace, not by an id
SECRETS = {
    "accounts:invitation-accept", "public:confirm", "private-link", "market-sheet-api-detail", "market-sheet-api-columns", "market-sheet-api-preview",
    "market-sheet-api-confirm", "market-sheet-api-rows", "market-sheet-api-result", "market-sheet-api-result-workbook", "market-sheet-api-stop",
}  # fmt: skip
#: names nothing: every address of the API that is none
NOTHING = {"api-nothing"}
#: names what everybody may see
PUBLIC = {
    "ledger-head", "ledger-inclusion", "verify-number", "verify-bundle", "verify-picture", "verify-pdf",
    "certificate-public", "certificate-public-bundle", "rule", "rule-version", "rule-api-versions", "rule-api-version", "register:entry", "register-entry",
    "register:finding", "register-finding",
    "samples:sample", "samples:frame", "samples:draw",
}  # fmt: skip
UNKNOWN = "0" * 26


def addresses(patterns=None, prefix="", namespace=""):
    """Of pages and API; the workplace, under `admin/`, is staff's alone."""
    for found in patterns if patterns is not None else get_resolver().url_patterns:
        if str(found.pattern).startswith(("admin", "account/")):
            continue
        if isinstance(found, URLPattern):
            name = namespace + (found.name or "")
            if found.pattern.regex.groups and name not in SECRETS | NOTHING | PUBLIC:
                yield prefix + str(found.pattern), name
        else:
            inner = f"{found.namespace}:" if found.namespace else ""
            yield from addresses(found.url_patterns, prefix + str(found.pattern), namespace + inner)


def path_to(pattern, public_id):
    plain = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", public_id, pattern)
    return "/" + re.sub(r"[\^$]", "", plain)


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def things(holder):
    """One of everything, of an organisation that the strangers do not belong to; ids by what they name."""
    reviewer = staff()
    right = FilingFactory(organisation=holder.organisation, created_by=holder)
    case = complaint(by=holder, filing=right)
    services.accept(complaint=case, by=reviewer)
    findings = [Found(target=ct, upheld=True, rule="U1", facts="A copy.") for ct in case.targets.all()]
    decision = services.decide(complaint=case, by=reviewer, findings=findings)
    clock_says_told(case)
    complaint_changed(case.public_id)
    penalty = open_hearing(penalty=Penalty.objects.get(), by=reviewer)
    draft_id = "drf_" + "1" * 26
    services.keep_draft(public_id=draft_id, by=holder, data={})
    paper = files.keep(upload=png(), purpose=FilePurpose.LICENCE, by=holder, organisation=holder.organisation)
    holder.organisation.documents.create(file=paper)
    invitation = Invitation.objects.create(
        organisation=holder.organisation, email="new@example.com", role=OrgRole.READER, token_hash="x",
        invited_by=holder, expires_at="2100-01-01T00:00Z",
    )  # fmt: skip
    api_key, _secret = make_key(
        organisation=holder.organisation, by=holder, name="import", scopes=["filings:read"], days=30
    )
    webhook = WebhookEndpoint.objects.create(
        organisation=holder.organisation, url="https://example.com/", events=[], secret="whsec_x", created_by=holder
    )
    test_buy = handed(TestBuy.objects.filter(listing__sample=drawn(reviewer)).first(), reviewer, a_profile(holder))
    original = an_original(holder)
    rejected = complaint(by=holder)
    services.reject(complaint=rejected, by=reviewer, reason="No mark can be seen.")
    appeal = submit_appeal(subject=rejected.public_id, by=holder, grounds="The mark is on the sole of the shoe.")
    finding = a_finding(
        services_of_patrol.ask_brand(candidate=a_candidate(a_profile(holder)), by=reviewer), by=reviewer
    )
    return {
        "test_buy": test_buy.public_id,
        "finding": finding.public_id,
        "candidate": finding.candidate.public_id,
        "profile": finding.candidate.profile.public_id,
        "appeal": appeal.public_id,
        "match": a_match(original).public_id,
        "conflict": a_conflict(an_original(member()), original).public_id,
        "original": original.public_id,
        "intake": Intake.objects.create(organisation=holder.organisation, by=holder, source="files").public_id,
        "draft": draft_id,
        "answers": tick(numbers=[case.number], action="withdraw", by=holder).public_id,
        "market_sheet": begin(
            MARKET,
            by=staff(StaffRole.ADMINISTRATOR),
            marketplace=case.targets.get().target.marketplace,
            upload=SimpleUploadedFile("market.csv", b"id,title\n1,Shoe\n"),
        ).public_id,
        "filing_sheet": begin(
            RIGHTS, by=holder, upload=SimpleUploadedFile("rights.csv", b"title,number\nSUNBIRD,99001207\n")
        ).public_id,
        "sheet": begin(
            LINKS, by=holder, upload=SimpleUploadedFile("links.csv", b"link\nhttps://mall.example/1\n")
        ).public_id,
        "notice": decision.statements.get().public_id,
        "shop": case.targets.get().target.shop.public_id,
        "penalty": penalty.public_id,
        "complaint": case.public_id,
        "answer": answered(case).public_id,
        "filing": right.public_id,
        "paper": paper.public_id,
        "person": holder.public_id,
        "invitation": invitation.public_id,
        "api_key": api_key.public_id,
        "power": a_power(holder, member(an_agency()), state="submitted").public_id,
        "webhook": webhook.public_id,
        "search": save_search(by=holder, name="bags", asked={"words": "kivorro"}).public_id,
        "link": files.url(paper, user=holder).split("/files/")[1].strip("/"),
    }


def agent_of(somebody):
    return a_power(somebody, member(an_agency())).agency.memberships.get().user


def agent_whose_power_is_over(holder):
    agent = agent_of(holder)
    services_of_powers.revoke_power(
        power=PowerOfAttorney.objects.get(agency=agent.organisation), by=holder, reason="Over."
    )
    return agent


STRANGERS = {
    "rights holder": lambda holder: member(),
    "agency": lambda holder: member(an_agency()),
    "agent of somebody else": lambda holder: agent_of(member()),
    "agent whose power is over": agent_whose_power_is_over,
    "merchant": lambda holder: member(OrganisationFactory(kind=Organisation.Kind.MERCHANT)),
    "reader": lambda holder: member(role=OrgRole.READER),
    "person without organisation": lambda holder: UserFactory(),
    "nobody": lambda holder: None,
}


def normal(answer, public_id):
    """What an answer says, without what differs between any two requests and without the id itself."""
    return answer.status_code, plain(answer.content.decode(errors="replace"), public_id), {
        name: plain(value, public_id) for name, value in answer.headers.items() if not name.startswith("RateLimit")
    }  # fmt: skip


def plain(text, public_id):
    return re.sub(r"csrfmiddlewaretoken[^>]*|X-CSRFToken[^}]*|nonce[-=][^\s;']+|\?next=.*", "", text).replace(
        public_id, ""
    )


def test_every_address_that_names_something_is_covered():
    unknown = {name for _pattern, name in addresses() if not any(name.startswith(n) for n in NAMES)}
    assert not unknown, f"say in NAMES what these addresses name: {unknown}"


@pytest.mark.parametrize("who", STRANGERS)
def test_a_foreign_thing_looks_like_one_that_does_not_exist(things, holder, sign_in, who):
    user = STRANGERS[who](holder)
    client = Client() if user is None else sign_in(user)
    for pattern, name in addresses():
        foreign = things[next(kind for start, kind in NAMES.items() if name.startswith(start))]
        nothing = foreign.split("_")[0] + "_" + UNKNOWN if "_" in foreign[:5] else "0" * len(foreign)
        for method in ("get", "post"):
            answers = [
                normal(getattr(client, method)(path_to(pattern, i), **extra(method, name)), i)
                for i in (foreign, nothing)
            ]
            assert answers[0] == answers[1], f"{method} {name} as {who}"
            if user is not None:
                assert answers[0][0] in (403, 404, 405, 415, 422), f"{method} {name} as {who}: {answers[0][0]}"


def extra(method, name):
    if method == "get":
        return {}
    # API calls answer for the body before they answer for the id; either way the same.
    return {"data": {}, "content_type": "application/json"} if "-" in name and ":" not in name else {"data": {}}


def test_a_colleague_sees_what_the_organisation_has(things, holder, sign_in):
    def statuses(person):
        browser = sign_in(person)
        return {
            name: browser.get(
                path_to(pattern, things[next(kind for start, kind in NAMES.items() if name.startswith(start))])
            ).status_code
            for pattern, name in addresses()
            if not name.startswith("complaints:draft") and name != "private-file"
        }

    own = statuses(holder)
    assert sum(status == 200 for status in own.values()) > 40
    assert statuses(member(holder.organisation)) == own


def test_what_was_deleted_looks_as_if_it_had_never_been(things, holder, sign_in):
    browser = sign_in(holder)
    services.discard_draft(draft=Draft.objects.get(public_id=things["draft"]), by=holder)
    remove_endpoint(endpoint=WebhookEndpoint.objects.get(), by=holder)
    for pattern, name in addresses():
        kind = next(kind for start, kind in NAMES.items() if name.startswith(start))
        if kind not in ("draft", "webhook"):
            continue
        gone = things[kind]
        never = gone.split("_")[0] + "_" + UNKNOWN
        for method in ("get", "post"):
            answers = [
                normal(getattr(browser, method)(path_to(pattern, i), **extra(method, name)), i) for i in (gone, never)
            ]
            assert answers[0] == answers[1], f"{method} {name}"
