"""Staff name what a list shows now, come back to it with one click, share it with the team, and begin with it."""

import pytest

from accounts.roles import StaffRole
from core import pages
from core.saved_filters import SHOWN, SavedFilter
from tests.complaints.desk import QUEUE, accepted, text_of
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
LISTS = (QUEUE, "/admin/patrol/candidate/", "/admin/filings/filing/", "/admin/governance/appeal/", "/admin/complaints/counternotice/")  # fmt: skip


def keep(client, name="Copied pictures", query="desk=all&infringement=copied_image&p=3", place=QUEUE, **ticked):
    return client.post(f"{place}views/", {"name": name, "query": query, **ticked})


def shown(client, place=QUEUE):
    return {row["it"].name: row for row in client.get(place, {"p": "1"}).context["saved_views"]["rows"]}


@pytest.mark.parametrize("place", LISTS)
def test_a_view_stands_above_each_list(sign_in, place):
    client = sign_in(staff())
    assert keep(client, name="Mine", query="q=none", place=place).url == f"{place}?q=none"
    page = client.get(place, {"q": "none"})
    (row,) = page.context["saved_views"]["rows"]
    assert (row["address"], row["n"], row["is_current"]) == (f"{place}?q=none", 0, True)
    assert "Mine" in text_of(page)


def test_a_view_says_how_much_it_holds_for_whoever_looks_and_forgets_the_page(sign_in):
    mine = staff()
    accepted(by=mine), complaint(), complaint()
    client, other = sign_in(mine), sign_in(staff())
    keep(client, name="On my desk", query="desk=mine&p=2", is_shared="1")
    keep(client, name="All", query="desk=all&o=1")
    found = shown(client)
    assert [(found[name]["n"], found[name]["it"].query) for name in ("On my desk", "All")] == [
        (1, "desk=mine"), (3, "desk=all&o=1"),
    ]  # fmt: skip
    assert {name: row["n"] for name, row in shown(other).items()} == {"On my desk": 0}


def test_of_many_it_counts_no_further_than_a_hundred(sign_in, monkeypatch):
    monkeypatch.setattr("core.staff_lists.COUNTED", 2)
    [complaint() for _ in range(4)]
    client = sign_in(staff())
    keep(client, query="desk=all")
    assert "2+" in text_of(client.get(QUEUE, {"p": "1"}))


def test_a_private_view_is_nobody_elses_and_a_shared_one_is_deleted_by_who_kept_it_or_a_senior(sign_in):
    owner, other, senior = (sign_in(staff(*roles)) for roles in ((), (), (StaffRole.SENIOR_REVIEWER,)))
    keep(owner, name="Private")
    keep(owner, name="Team", is_shared="1")
    assert set(shown(other)) == {"Team"}
    rows = {row.name: row for row in SavedFilter.objects.all()}
    for client, name, status in (
        (other, "Team", 404), (other, "Private", 404), (senior, "Private", 404), (senior, "Team", 302),
        (owner, "Private", 302), (owner, "Private", 404),
    ):  # fmt: skip
        assert client.post(f"{QUEUE}views/{rows[name].public_id}/delete/").status_code == status
    assert not SavedFilter.objects.exists()
    assert owner.post(f"/admin/filings/filing/views/{rows['Team'].public_id}/delete/").status_code == 404


def test_a_list_opens_with_the_view_that_somebody_chose_and_only_for_them(sign_in):
    client = sign_in(staff())
    keep(client, name="First", query="desk=door", is_default="1")
    keep(client, name="Second", query="desk=decide", is_default="1", is_shared="1")
    assert client.get(QUEUE).url == f"{QUEUE}?desk=decide"
    assert client.get(QUEUE, {"p": "1"}).status_code == 200
    assert sign_in(staff()).get(QUEUE).status_code == 200
    assert SavedFilter.objects.filter(is_default=True).count() == 1


def test_under_the_same_name_it_is_kept_anew(sign_in):
    client = sign_in(staff())
    keep(client, name="One", query="desk=door"), keep(client, name="One", query="desk=mine")
    assert [row.query for row in SavedFilter.objects.all()] == ["desk=mine"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "  "}, "Give the view a name."),
        ({"name": "x" * 61}, "At most 60 characters"),
        ({"name": "a\u202eb"}, "invisible character"),
        ({"query": "q=" + "x" * 1500}, "too long to be kept"),
    ],
)
def test_bad_input_keeps_nothing_and_says_why(sign_in, sent, said):
    client = sign_in(staff())
    answer = client.post(f"{QUEUE}views/", {"name": "One", "query": "", **sent}, follow=True)
    assert said in text_of(answer)
    assert not SavedFilter.objects.exists()


def test_somebody_keeps_so_many_and_no_more(sign_in):
    client = sign_in(staff())
    for n in range(SHOWN + 1):
        keep(client, name=f"View {n}")
    assert SavedFilter.objects.count() == SHOWN
    keep(client, name="View 0", query="desk=mine")
    assert SavedFilter.objects.get(name="View 0").query == "desk=mine"


@pytest.mark.parametrize("query", ["unheard_of__exact=1", "filed_by__password__startswith=a"])
def test_a_view_that_the_list_knows_no_longer_breaks_nothing_for_anybody(sign_in, query):
    client, other = sign_in(staff()), sign_in(staff())
    keep(client, name="Old", query=query, is_shared="1", is_default="1")
    for reader in (client, other):
        assert shown(reader)["Old"]["n"] is None
        assert "cannot be shown any more" in text_of(reader.get(QUEUE))


def test_who_does_not_work_here_keeps_nothing(sign_in, client):
    assert keep(client).status_code == 302
    assert keep(sign_in(member())).status_code == 302
    without_role = staff()
    without_role.groups.clear()
    assert keep(sign_in(without_role)).status_code == 403
    assert sign_in(staff()).get(f"{QUEUE}views/").status_code == 405
    assert not SavedFilter.objects.exists()


def test_a_list_counts_no_further_than_can_be_turned_to_and_says_so(sign_in, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 3)
    monkeypatch.setattr(pages.bounded_count, "__defaults__", (3,))
    monkeypatch.setattr("complaints.admin.ComplaintAdmin.list_per_page", 2)
    cases = [complaint() for _ in range(5)]
    client = sign_in(staff())
    first, second = (client.get(QUEUE, {"desk": "all", "p": p}) for p in "12")
    assert "There are more than 3" in text_of(first)
    found = [[case.pk for case in page.context["cl"].result_list] for page in (first, second)]
    newest = sorted((case.pk for case in cases), reverse=True)
    assert found == [newest[:2], newest[2:3]]
