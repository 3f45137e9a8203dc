"""What the theme of the staff's pages makes for every line, and figures that all share, are made once; nothing looks different."""

import time

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from unfold import utils
from unfold.sites import UnfoldAdminSite
from unfold.templatetags import unfold_list

from complaints import services
from core.kept import kept
from core.pages import MANY, count_all, many
from ippro import theme
from tests.complaints.desk import QUEUE, text_of
from tests.core.test_staff_keep_views_of_lists import keep, shown
from tests.factories import complaint, staff

pytestmark = pytest.mark.django_db
TONES = {"open": "info", "late": "danger"}


@pytest.fixture
def for_a_minute(settings):
    settings.FIGURES_KEPT_SECONDS = 60
    caches["figures"].clear()
    yield
    caches["figures"].clear()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("tones", [True, TONES])
@pytest.mark.parametrize(
    "value",
    [
        "open", "unheard of", "", None, ("open", "To do"), ("open", gettext_lazy("submitted")), ("unheard", "of"), 3,
        "<b>", mark_safe("<b>bold</b>"), ("late", "<i>"), gettext_lazy("accepted"), True,
    ],
)  # fmt: skip
def test_a_label_looks_as_the_theme_draws_it(value, tones, language):
    once = theme._labels_once(utils.display_for_label)
    with translation.override(language):
        for _again in range(2):
            assert once(value, "–", tones) == utils.display_for_label(value, "–", tones)


def test_what_is_remembered_stands_where_the_theme_looks_for_it():
    """If a release of the theme calls these functions otherwise, lists are slow again, and this fails."""
    assert unfold_list.result_headers.__module__ == "ippro.theme"
    assert unfold_list.display_for_label.__module__ == "ippro.theme"
    assert utils._boolean_icon.__module__ == "ippro.theme"
    assert UnfoldAdminSite.get_app_list.__module__ == "ippro.theme"


def test_the_box_in_front_of_each_line_carries_its_key(sign_in):
    case = complaint()
    page = sign_in(staff()).get(QUEUE, {"p": "1"}).content.decode()
    assert f'name="_selected_action" value="{case.pk}"' in page


def test_figures_are_counted_anew_after_their_seconds(for_a_minute, monkeypatch):
    counts = iter(range(9))
    asked = [kept("one", lambda: next(counts)) for _n in range(3)]
    now = time.time()
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: now + 61)
    assert (asked, kept("one", lambda: next(counts))) == ([0, 0, 0], 1)


def test_numbers_that_all_share_may_be_some_seconds_old_and_the_page_says_so(sign_in, for_a_minute):
    person = staff()
    client = sign_in(person)
    first = client.get("/admin/core/letter/")
    case = complaint()
    again = client.get("/admin/core/letter/")
    assert "Numbers may be 60 seconds old" in text_of(first)
    badges = [page.content.decode().count("min-w-[18px]") for page in (first, again)]
    caches["figures"].clear()
    assert badges[0] == badges[1] < client.get("/admin/core/letter/").content.decode().count("min-w-[18px]")
    # What somebody has on their own desk is asked afresh.
    services.assign(complaint=case, by=person, to=person)
    tabs = {tab["desk"].name: tab["n"] for tab in client.get(QUEUE, {"p": "1"}).context["desks"]}
    assert (tabs["mine"], tabs["nobody"]) == (1, 0)


def test_nobody_is_shown_how_much_a_colleagues_view_holds(sign_in, for_a_minute):
    one, other = staff(), staff()
    services.assign(complaint=complaint(), by=one, to=one)
    client = sign_in(one)
    keep(client, name="On my desk", query="desk=mine", is_shared="1")
    assert shown(client)["On my desk"]["n"] == 1
    assert shown(sign_in(other))["On my desk"]["n"] == 0


def test_of_much_no_exact_number_is_counted(monkeypatch):
    [complaint() for _n in range(3)]
    from complaints.models import Complaint

    assert count_all({"all": Complaint.objects.all()}, most=1) == {"all": 2}
    assert (many(MANY), many(MANY + 1)) == ("1000", "1000+")


def test_a_list_asks_the_same_however_much_waits_and_whatever_views_search(sign_in):
    person = staff()
    client = sign_in(person)
    asked = []
    for n in (1, 12):
        for _n in range(n):
            complaint()
        for view in range(n):
            keep(client, name=f"View {view}", query=f"desk=all&q=C-2020-{view}")
        client.get(QUEUE, {"p": "1"})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(QUEUE, {"p": "1"})
        asked.append(len(captured))
        assert len(page.context["saved_views"]["rows"]) == n
    # A view is looked at for whether the list still knows its filters: the choices of two of them are read for it.
    assert asked[1] - asked[0] <= 2 * 11
