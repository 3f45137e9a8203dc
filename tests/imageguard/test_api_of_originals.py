"""The API registers, changes, licenses, proves and withdraws images like the pages do."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.ids import new_id
from imageguard import intake, services
from imageguard.models import Original
from tests.factories import ShopFactory, member, staff
from tests.imageguard.helpers import a_merchant, a_picture, an_upload, as_jpeg, certified, checked

pytestmark = pytest.mark.django_db
BASE = "/api/v1/originals"


@pytest.fixture
def merchant():
    return a_merchant()


@pytest.fixture
def api(sign_in, merchant):
    return sign_in(merchant)


def post(api, path, body=None, **headers):
    return api.post(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)


def patch(api, original, body):
    return api.patch(f"{BASE}/{original.public_id}", body, content_type="application/json", headers={"If-Match": "*"})


def test_an_image_is_registered_and_gets_its_certificate(api):
    made = api.post(BASE, {"file": an_upload(a_picture()), "title": "Red sneaker", "is_public": "true"})
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["state"], said["title"], said["is_public"]) == ("received", "Red sneaker", True)
    assert said["available_actions"] == ["withdraw"]
    assert "pk" not in said
    checked(Original.objects.get())
    said = api.get(f"{BASE}/{said['id']}").json()
    assert (said["state"], said["right"][:4], len(said["perceptual_hash"])) == ("certified", "flg_", 64)
    assert api.get(said["preview_url"]).status_code == 200


def test_the_same_key_registers_once_and_the_same_picture_is_told_apart(api):
    picture = as_jpeg(a_picture())
    key = {"Idempotency-Key": "sneaker-1"}
    first, again = (api.post(BASE, {"file": an_upload(picture)}, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json()["id"] == again.json()["id"]
    other = api.post(BASE, {"file": an_upload(picture)})
    assert (other.status_code, other.json()["code"]) == (409, "registered_before")
    assert Original.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"no picture", 422), (b"\xff\xd8\xff\xe0" + b"0" * 64, 422)]
)
def test_what_is_no_picture_is_a_problem_with_a_word(api, content, status):
    answer = api.post(BASE, {"file": SimpleUploadedFile("x.jpg", content, "image/jpeg")})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert "file" in answer.json()["errors"]
    assert not Original.objects.exists()


def test_no_file_at_all_is_said(api):
    assert list(api.post(BASE, {"title": "x"}).json()["errors"]) == ["file"]


def test_lists_are_filtered_and_nobody_elses(api, merchant):
    mine = certified(by=merchant)
    certified(a_picture(family="watch"))
    assert [o["id"] for o in api.get(BASE).json()["results"]] == [mine.public_id]
    assert api.get(BASE, {"state": "withdrawn"}).json()["results"] == []
    assert len(api.get(BASE, {"number": mine.number}).json()["results"]) == 1


def test_the_holder_changes_what_it_may_choose(api, merchant):
    original = certified(by=merchant)
    changed = patch(api, original, {"title": "New name", "is_public": True})
    assert (changed.json()["title"], changed.json()["is_public"]) == ("New name", True)
    refused = patch(api, original, {"complains_automatically": True})
    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"signature", "good_faith"})
    on = patch(api, original, {"complains_automatically": True, "signature": "Li Lei", "good_faith": True})
    assert on.json()["complains_automatically"] is True
    assert "Li Lei" not in on.content.decode()


def test_shops_are_allowed_and_no_longer(api, merchant):
    original, shop = certified(by=merchant), ShopFactory()
    path = f"/originals/{original.public_id}/licences"
    wrong = post(api, path, {"shop": "https://nowhere.example/1"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["shop"])
    made = post(api, path, {"shop": shop.url, "note": "our reseller"})
    assert (made.status_code, made.json()["shop"]) == (201, shop.public_id)
    assert [row["id"] for row in api.get(f"/api/v1{path}").json()] == [made.json()["id"]]
    assert api.delete(f"/api/v1{path}/{made.json()['id']}").status_code == 204
    assert api.delete(f"/api/v1{path}/{made.json()['id']}").status_code == 404
    assert api.get(f"/api/v1{path}").json() == []


def test_an_image_is_withdrawn_once(api, merchant):
    original = certified(by=merchant)
    assert post(api, f"/originals/{original.public_id}/withdraw").json()["state"] == "withdrawn"
    again = post(api, f"/originals/{original.public_id}/withdraw")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_a_foreign_original_is_unknown_and_a_reader_changes_nothing(api, merchant, sign_in):
    foreign = certified()
    for method, path in (("get", ""), ("post", "/withdraw"), ("get", "/licences"), ("get", "/certificate")):
        found, nothing = (getattr(api, method)(f"{BASE}/{i}{path}") for i in (foreign.public_id, new_id("ori")))
        assert found.status_code == nothing.status_code == 404
        assert found.json() == nothing.json()
    mine = certified(a_picture(family="watch"), by=merchant)
    reader = sign_in(member(merchant.organisation, role="reader"))
    assert reader.get(f"{BASE}/{mine.public_id}").json()["available_actions"] == []
    assert reader.post(f"{BASE}/{mine.public_id}/withdraw").status_code == 403
    assert reader.post(BASE, {"file": an_upload(a_picture(family="book"))}).status_code == 403


def test_staff_see_every_original(sign_in):
    original = certified()
    assert sign_in(staff()).get(f"{BASE}/{original.public_id}").json()["number"] == original.number


# --- handing in many -----------------------------------------------------------------------------------------


def test_files_are_added_one_by_one_and_a_bad_one_stops_no_other(api):
    begun = post(api, "/intakes", {"is_public": True}).json()
    path = f"/api/v1/intakes/{begun['id']}"
    good = api.post(f"{path}/files", {"file": an_upload(a_picture())})
    assert (good.status_code, good.json()["state"]) == (201, "taken")
    bad = api.post(f"{path}/files", {"file": SimpleUploadedFile("bad.jpg", b"no picture", "image/jpeg")})
    assert (bad.status_code, bad.json()["state"]) == (201, "refused")
    assert "not" in bad.json()["message"]
    progress = api.get(path).json()["progress"]
    assert (progress["total"], progress["taken"], progress["refused"], progress["is_done"]) == (2, 1, 1, True)
    items = api.get(f"{path}/items").json()["results"]
    assert [item["original"] is None for item in items] == [True, False]
    assert Original.objects.get().is_public


def test_a_zip_is_taken_in_by_the_worker(api):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.jpg", as_jpeg(a_picture()))
        archive.writestr("b.jpg", as_jpeg(a_picture(family="watch")))
    begun = api.post("/api/v1/intakes/zip", {"file": SimpleUploadedFile("images.zip", made.getvalue())})
    assert begun.status_code == 201, begun.content
    assert begun.json()["progress"]["waiting"] == 2
    while intake.take_in_due():
        pass
    assert api.get(f"/api/v1/intakes/{begun.json()['id']}").json()["progress"]["taken"] == 2
    wrong = api.post("/api/v1/intakes/zip", {"file": SimpleUploadedFile("images.zip", b"no archive")})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["file"])


def test_a_foreign_intake_is_unknown(api):
    foreign = intake.begin_intake(by=a_merchant())
    assert api.get(f"/api/v1/intakes/{foreign.public_id}").status_code == 404
    answer = api.post(f"/api/v1/intakes/{foreign.public_id}/files", {"file": an_upload(a_picture())})
    assert answer.status_code == 404
    assert api.get("/api/v1/intakes").json()["results"] == []


def test_who_is_not_verified_is_told(sign_in):
    merchant = a_merchant()
    type(merchant.organisation).objects.update(state="draft")
    answer = sign_in(merchant).post(BASE, {"file": an_upload(a_picture())})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_verified")
    assert not services.Original.objects.exists()
