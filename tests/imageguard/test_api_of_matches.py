"""The API tells of copies with their explanation, lets holders and reviewers decide, and searches by image."""

import pytest

from core.ids import new_id
from imageguard.models import Match
from tests.factories import member, staff
from tests.imageguard.helpers import a_listing, a_merchant, a_picture, an_edit, an_upload, certified, drawn, looked_at

pytestmark = pytest.mark.django_db
BASE = "/api/v1/matches"


@pytest.fixture
def merchant():
    return a_merchant(language="en")


@pytest.fixture
def api(sign_in, merchant):
    return sign_in(merchant)


def a_match(by, state="confirmed"):
    certified(by=by)
    (match,) = looked_at(a_listing(title="A STOLEN PICTURE"), an_edit(a_picture(), "banner"))
    Match.objects.filter(pk=match.pk).update(state=state, told_at=match.told_at if state == "confirmed" else None)
    drawn()
    match.refresh_from_db()
    return match


def post(api, match, step, **body):
    return api.post(f"{BASE}/{match.public_id}/{step}", body, content_type="application/json")


def test_a_match_says_why_it_is_one_in_words_parts_and_pictures(api, merchant):
    match = a_match(merchant)
    [row] = api.get(BASE).json()["results"]
    assert (row["id"], row["title"], row["tier"]) == (match.public_id, "A STOLEN PICTURE", "automatic")
    said = api.get(f"{BASE}/{match.public_id}").json()
    assert said["sentence"].startswith("The same picture")
    assert {"agreement", "area"} <= {part["name"] for part in said["parts"]}
    assert "overlay" in said["pictures"]
    picture = api.get(f"{BASE}/{match.public_id}/pictures/overlay")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert api.get(f"{BASE}/{match.public_id}/pictures/nothing").status_code == 404


def test_the_holder_lets_a_copy_be(api, merchant):
    match = a_match(merchant)
    assert set(api.get(f"{BASE}/{match.public_id}").json()["available_actions"]) >= {"tolerate"}
    assert post(api, match, "tolerate", note="A fan page.").json()["state"] == "tolerated"
    again = post(api, match, "tolerate")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_reviewers_confirm_and_dismiss_and_the_holder_does_not(api, merchant, sign_in):
    match = a_match(merchant, state="in_review")
    assert post(api, match, "confirm").status_code == 404
    reviewer = sign_in(staff())
    assert post(reviewer, match, "confirm", note="The same folds.").json()["state"] == "confirmed"
    assert post(api, match, "dismiss").status_code == 403
    assert post(reviewer, match, "dismiss").json()["errors"].keys() == {"reason"}
    assert post(reviewer, match, "dismiss", reason="Another seam.").json()["state"] == "dismissed"
    shown = api.get(f"{BASE}/{match.public_id}").json()
    assert (shown["state"], shown["note"]) == ("dismissed", "Another seam.")


def test_filters_and_foreign_matches(api, merchant):
    foreign = a_match(a_merchant())
    assert api.get(BASE).json()["results"] == []
    for i in (foreign.public_id, new_id("mat")):
        assert api.get(f"{BASE}/{i}").status_code == 404
        assert api.get(f"{BASE}/{i}/pictures/overlay").status_code == 404
        assert api.post(f"{BASE}/{i}/tolerate", {}, content_type="application/json").status_code == 404


def test_the_list_takes_filters(api, merchant):
    match = a_match(merchant)
    for asked, count in (({"state": "confirmed"}, 1), ({"state": "gone"}, 0), ({"tier": "review"}, 0)):
        assert len(api.get(BASE, asked).json()["results"]) == count
    assert len(api.get(BASE, {"original": match.original.public_id}).json()["results"]) == 1
    assert api.get(BASE, {"state": "nonsense"}).status_code in (400, 422)


def test_a_picture_finds_the_listings_that_show_it(sign_in):
    listing = a_listing(title="A STOLEN PICTURE")
    looked_at(listing, a_picture())
    api = sign_in(member())
    [found] = api.post("/api/v1/search-by-image", {"file": an_upload(an_edit(a_picture(), "banner"))}).json()
    assert (found["target"], found["link"], found["tier"]) == (listing.public_id, listing.url, "automatic")
    assert api.post("/api/v1/search-by-image", {"file": an_upload(b"no picture")}).status_code == 422
    assert api.post("/api/v1/search-by-image").status_code == 422


def test_searching_takes_somebody_signed_in_and_is_counted(client, sign_in, monkeypatch):
    assert client.post("/api/v1/search-by-image", {"file": an_upload(a_picture())}).status_code == 401
    monkeypatch.setattr("imageguard.searching.MOST_A_MINUTE", 1)
    api = sign_in(member())
    codes = [api.post("/api/v1/search-by-image", {"file": an_upload(a_picture())}).status_code for _ in range(2)]
    assert codes == [200, 429]
