"""The rules are public: in force, to come, and every version under its own address, for ever, in both languages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rulebook import services
from tests.rulebook.test_rules_change_by_two_people import proposed, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def changed():
    """M4 has a second version that is not in force yet."""
    return services.approve_change(change=proposed(points=6, title_en="Stealing pictures"), by=senior())


def test_the_index_shows_what_is_in_force_and_what_is_to_come(client, changed):
    page = client.get("/rules/").content.decode()
    assert "Copying somebody&#x27;s pictures, text or film" in page
    assert reverse("rule-version", args=["M4", 2]) in page
    assert "Stealing pictures" in page


def test_a_version_keeps_its_address_and_says_that_it_is_past(client, changed, stopped):
    stopped.set(changed.effective_from + timedelta(days=1))
    assert "Stealing pictures" in client.get("/rules/M4/").content.decode()
    old = client.get("/rules/M4/v1/").content.decode()
    assert "no longer in force" in old
    assert "盗用他人图片、文字或视频" in old
    assert "Copying somebody&#x27;s pictures" in old


@pytest.mark.parametrize(
    "path", ["/rules/M99/", "/rules/M4/v9/", "/api/v1/rules/M99/versions", "/api/v1/rules/M4/versions/9"]
)
def test_an_unknown_rule_or_version_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_the_feed_tells_of_changes_the_latest_first(client, changed):
    feed = client.get("/rules/feed.xml")
    assert feed["Content-Type"].startswith("application/atom+xml")
    text = feed.content.decode()
    assert text.index("M4 v2") < text.index("U1 v1")


def test_the_api_says_what_was_in_force_at_a_moment(client, changed):
    now = {r["code"]: r for r in client.get("/api/v1/rules").json()}
    later = {r["code"]: r for r in client.get("/api/v1/rules", {"at": "2027-01-01T00:00:00Z"}).json()}
    assert (now["M4"]["version"], later["M4"]["version"]) == (1, 2)
    assert [v["version"] for v in client.get("/api/v1/rules/M4/versions").json()] == [2, 1]
    assert client.get("/api/v1/rules/M4/versions/2").json()["points"] == 6
    assert client.get("/api/v1/rules", {"at": "tomorrow"}).status_code == 422


def test_the_index_asks_the_database_as_often_however_many_versions_there_are(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/rules/")
    services.approve_change(change=proposed(), by=senior())
    with django_assert_num_queries(2):
        client.get("/rules/")
