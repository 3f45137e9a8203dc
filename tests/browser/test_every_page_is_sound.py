"""Every page of the house, walked as everybody over the demo world: it is there, whole, and can be read by all.

What is looked at: status, language, console and content security policy, headings, labels, names, alternatives, ids,
width on a desk and on a phone, contrast by day and by night.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from accounts.models import User
from accounts.services import invite
from complaints.abuse import findings, suspension
from complaints.answers.services import ANSWERS
from complaints.bulk.services import KIND as LINKS
from complaints.models import AbuseFinding
from complaints.selectors import rights_to_rest_on
from complaints.services import keep_draft
from core import clock, demo_clock, sealing
from core.ids import new_id
from core.imports import services as imports
from filings.models import Filing
from filings.sheets.services import SHEETS as RIGHTS
from imageguard import index
from imageguard.intake import begin_intake
from imageguard.models import IntakeItem, SeenImage
from imageguard.watching import confirm, look_at
from marketplace import thumbnails
from marketplace.models import Marketplace, Target
from marketplace.sheets.services import SHEETS as MARKET
from seeds import gallery, pictures
from seeds.conduct import EXCELLENT
from seeds.load import load_world
from seeds.world import DOMAIN
from tests.browser import soundness
from tests.browser.walk import walk
from tests.complaints.selfservice import take_down
from tests.factories import complaint
from tests.imageguard.helpers import a_match, a_picture, an_edit, as_jpeg, certified, checked, drawn, registered
from tests.migrated import keep_as, put_back

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = ("/?stay", "/how-it-works/", "/privacy/", "/terms/", "/account/login/", "/account/signup/",
          "/account/password/reset/", "/rules/", "/register/", "/styleguide/", "/demo/mail/")  # fmt: skip
#: mailbox in the demo world, where the walk begins, how many pages of one kind, and what another one has walked already
ROLES: tuple[tuple[str, tuple[str, ...], int, str], ...] = (
    ("", PUBLIC, 1, r"^(admin|complaints|notices|filings|organisation|invitations|files)/"),
    ("holder", ("/desk/", "/standing/", "/counter-notices/", "/appeals/"), 2, r"^(admin/|demo/|styleguide|$)"),
    ("holder.en", ("/filings/",), 3, r"^(?!filings/)"),
    ("publisher", ("/complaints/", "/watch/", "/test-buys/"), 3, r"^(?!complaints/|watch/|test-buys/)"),
    (
        "merchant",
        ("/desk/", "/notices/", "/findings/", "/shops/", "/counter-notices/", "/appeals/"),
        2,
        r"^(?!desk|notices|findings|shops|penalties|counter-notices|appeals)",
    ),
    ("merchant.original", ("/originals/", "/originals/register/listings/"), 2, r"^(?!originals|verify|protected)"),
    (
        "reviewer",
        ("/admin/", "/demo/clock/", "/admin/complaints/counternotice/?desk=all"),
        2,
        r"^(?!desk|demo/clock|admin/(complaints|filings|accounts/organisation|$))",
    ),
    ("admin", ("/admin/", "/market-sheets/"), 1, r"^(?!admin/|market-sheets/)|^admin/(complaints|filings)/"),
)
#: addresses that are no pages to arrive at: they take a form, stand in a letter, hand out a file, lead on, or serve programs
NO_PAGE = re.compile(
    r"^(account/(?!login/$|signup/$|password/(reset|change)/$|email/$|2fa/$)|language/|files/|ledger/|pictures/|healthz|readyz|api/"
    r"|invitations/|organisation/(members/|invitations/|papers/|submit/|switch/|keys/.*/revoke/|webhooks/.*/(switch|remove|test|again)/)|complaints/new/(autosave|links|by-image)/"
    r"|complaints/(search/add|searches/.*/(pause|resume|run|delete)|searches/save|(import|answers)/.*/(preview|discard|progress|stop)|answers/tick|drafts/.*/discard|from-matches|of-match/.*|match-outcomes)/"
    r"|report/(sent|confirm)/|case/<"
    r"|originals/(register/begin|intakes/.*/(items|files)|.*/(change|by-itself|complain-by-itself|camera|licences|licences/end|tolerate|allow-shop))/"
    r"|penalties/.*/(statement|early-end)/"
    r"|appeals/(against/[^/]+/$|.*/(supplement|refer|withdraw)/)"
    r"|counter-notices/.*/(concede|proof|supplement|withdraw)/|notices/.*/(answer|messages)/|complaints/.*/(messages|stand-by)/"
    r"|standing/self-service/(ask|give-up|test)/|originals/matches/.*/explanation/"
    r"|powers/.*/(confirm|supplement|revoke)/|organisation/keys/.*/(revoke|rotate)/"
    r"|filings/(.*/(submit|withdraw|drop-renewal|sellers)|import/.*/(preview|discard|progress|stop))/|market-sheets/.*/(preview|discard|progress|stop)/"
    r"|watch/(looks/<|<str:public_id>/(shops|pictures|<slug:step>)/)|findings/<|register/findings/<|samples/<|test-buys/<)|\.(pdf|jpg|json|xml|csv|xlsx|tsv|atom)$"
    r"|^admin/[^/]+/[^/]+/sheet/"
    r"|^admin/(jsi18n|login|logout|r/|autocomplete|search|password_change)"
    r"|^admin/.*(/(delete|add|history|review/(accept|decide|preview)|note|assign|take-next|signature|retry|roles|lock|unlock|resume|try-again"
    r"|test-connection|verify|return|reject|confirm|dismiss|look-again|warn|restore|take-away|stands|wrong|lift|reverse"
    r"|suspend|forward|order|end|message|message/read|views|take-up|propose|count|same|other|switch-on|switch-off|use|documented)/|<path:object_id>/$|(complaint|counternotice|filing|filingconflict|lettertext|strike|original|conflict|match|rulechange|penalty|shoplink|appeal|candidate|powerofattorney)/<path:object_id>/change/|imageguard/match/next/|<url>)"
    # The small world has none of these, or none that anybody here may see: tests of their own open them.
    r"|^admin/(patrol/(lead|sample|testbuy|scan|scanbatch|inspection|recheck|precheck|riskmodel)|imageguard/officialpicture|governance/secondlook)/<"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the world is kept between the languages: it takes half a minute to build."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def demo(settings, folder, monkeypatch):
    """The demo world, with grey pictures: how they are drawn is tested elsewhere."""
    grey = pictures.jpeg(Image.new("RGB", (60, 60), "grey"))
    # No two are the same to the byte: each is registered and kept by its own.
    monkeypatch.setattr(gallery, "processors", lambda: 1)
    monkeypatch.setattr(gallery, "made", lambda picture: grey + picture.name.encode())
    # No marketplace runs beside the test whose pictures could be shown. Requests that Playwright answers would cost more:
    # then the browser keeps nothing, and fetches every script and style sheet anew for every page.
    monkeypatch.setattr(thumbnails, "_made", lambda target, url: grey)
    settings.DATA_DIR, settings.DEMO, settings.CLOCK_CAN_MOVE = folder, True, True
    demo_clock.forget()
    index.forget()
    settings.TSA_URL = "http://localhost:8200"  # never asked: a time-stamp is owed, which staff can look at
    world = folder / "world.sqlite3"
    if world.exists():
        put_back(world)
    else:
        _build()
        keep_as(world)
    yield
    index.forget()
    demo_clock.forget()


def _build() -> None:
    """The demo world, and what it has nothing of."""
    load_world(storefront_url="http://localhost:8100", scale=0.2)
    holder = User.objects.get(email=f"holder@{DOMAIN}")
    keep_draft(public_id=new_id("drf"), by=holder, data={"description": "Begun yesterday"})
    invite(organisation=holder.organisation, email="new@example.com", role="manager", language="en", by=holder)
    _images_of(User.objects.get(email=f"merchant.original@{DOMAIN}"))
    _sheets_of(User.objects.get(email=f"publisher@{DOMAIN}"))
    _misused_and_earned()
    sealing.seal()


def _images_of(merchant: User) -> None:
    """An image with its certificate, a copy of it, what waits for staff, and an intake that is still open."""
    original = certified(a_picture(), by=merchant, is_public=True)
    others = SeenImage.objects.filter(appearances__target__kind="listing", appearances__gone_at=None)
    image = others.exclude(appearances__target__shop__operator=merchant.organisation).order_by("pk").first()
    assert image is not None
    (match,) = look_at(image, as_jpeg(an_edit(a_picture(), "mirror")))
    confirm(match=match, by=User.objects.get(email=f"reviewer@{DOMAIN}"))
    a_match(original)
    assert checked(registered(an_edit(a_picture(), "banner"))).conflicts.exists()
    drawn()
    IntakeItem.objects.create(intake=begin_intake(by=merchant), key="1", name="shoe.jpg", dead_at=clock.now())


def _sheets_of(holder: User) -> None:
    """A sheet of links whose columns are to be chosen, and one that was confirmed: a row left out, another on its way."""
    right = rights_to_rest_on(holder).filter(kind="publishing").first()
    target = Target.objects.filter(kind="listing", holds=None, complained_of=None).order_by("-pk").first()
    assert right is not None
    assert target is not None
    content = f"link,description\n{target.url},It has no ISBN and the paper is thin.\nhttps://unknown.example/1,\n"
    for is_confirmed in (False, True):
        upload = SimpleUploadedFile("links.csv", content.encode())
        sheet = imports.begin(LINKS, by=holder, upload=upload)
        if is_confirmed:
            for_all = {"filing": right, "infringement": "pirated_book"}
            imports.choose(LINKS, sheet=sheet, by=holder, chosen=sheet.columns, for_all=for_all)
            imports.confirm(LINKS, sheet=sheet, by=holder, signature="Pia Publisher", good_faith=True)
    case = complaint(target, by=holder, filing=right, infringement="pirated_book")
    number = f"number\n{case.number}\nC-2000-000001\n"
    for is_confirmed in (False, True):
        sheet = imports.begin(ANSWERS, by=holder, upload=SimpleUploadedFile("numbers.csv", number.encode()))
        if is_confirmed:
            imports.choose(ANSWERS, sheet=sheet, by=holder, chosen={"number": 0}, for_all={"action": "withdraw"})
            imports.confirm(ANSWERS, sheet=sheet, by=holder)
    # The same of rights, and of what is on a marketplace.
    rights = "title,number,kind\nBirdsong,2020SR0123456,copyright_software\nNothing,1,copyright_software\n"
    listings = "id,kind,title\n9990001,listing,Lamp\n9990002,smell,Lamp\n"
    admin = User.objects.get(email=f"admin@{DOMAIN}")
    for kind, by, said, where in (
        (RIGHTS, User.objects.get(email=f"holder.en@{DOMAIN}"), rights, {}),
        (MARKET, admin, listings, {"marketplace": Marketplace.objects.order_by("pk").first()}),
    ):
        for is_confirmed in (False, True):
            sheet = imports.begin(kind, by=by, upload=SimpleUploadedFile("rows.csv", said.encode()), **where)
            if is_confirmed:
                imports.confirm(kind, sheet=sheet, by=by)


def _misused_and_earned() -> None:
    """A complainant that is warned of misuse, and links that a holder took down by itself, drawn for review."""
    senior = User.objects.get(email=f"senior@{DOMAIN}")
    finding = AbuseFinding.objects.filter(state=AbuseFinding.State.OPEN).first()
    assert finding is not None
    findings.confirm(finding=finding, by=senior, reason="It threatened a seller.")
    suspension.warn(organisation=finding.organisation, by=senior, findings=[finding], facts="It threatened a seller.")
    holder = User.objects.get(email=f"{EXCELLENT}@{DOMAIN}")
    right = Filing.objects.filter(organisation=holder.organisation, kind="trademark").in_force().first()
    target = Target.objects.filter(kind="listing", holds=None, complained_of=None).order_by("pk").first()
    assert right is not None
    assert target is not None
    take_down(holder, target, filing=right)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_sound(demo, window, language):
    """Of one kind, several pages in English, one in Chinese: another language changes words and widths, not colours."""
    visited, faults = set[str](), list[str]()
    is_full = language == "en"
    for mailbox, start, most, others in ROLES:
        user = User.objects.get(email=f"{mailbox}@{DOMAIN}") if mailbox else None
        page = window(user, language=language)
        for route in walk(page, start=start, most=most if is_full else 1, skip=_matching(others)):
            visited.add(route)
            is_ours = not route.startswith("admin/")
            here = f"{mailbox or 'anybody'} at {urlsplit(page.url).path}"
            found = soundness.structure(page, strict=is_ours) + soundness.overflow(page, 1280, 390)
            if is_ours and is_full:
                found += soundness.contrast(page)
            if (page.get_attribute("html", "lang") or "").lower() != language:
                found.append("the language of the page is not said")
            faults += [f"{here}: {fault}" for fault in found]
    assert not faults, "\n" + "\n".join(faults)
    never = sorted(route for route in _pages() - visited if is_full and not NO_PAGE.search(route))
    assert not never, "\n" + "\n".join(never)


def _matching(pattern: str) -> Callable[[str], bool]:
    return lambda route: re.search(pattern, route) is not None


def _pages(patterns: list | None = None, before: str = "") -> set[str]:
    """Every route of the house."""
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            found |= _pages(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.add(route)
    return found
