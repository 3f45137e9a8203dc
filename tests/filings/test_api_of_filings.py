"""The API files, supplements, renews and reviews like the pages do."""

import pytest
from django.db import connection

from core import files
from core.models import LedgerEntry
from filings import services
from filings.models import Filing, FilingConflict
from tests.factories import FilingFactory, ShopFactory, member, staff
from tests.filings.build import a_draft, a_picture, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
BASE = "/api/v1/filings"
MARK = {
    "kind": "trademark", "title": "SUNBIRD", "registration_number": "20000001", "mark_type": "word",
    "nice_classes": [25], "valid_until_on": "2029-12-31",
}  # fmt: skip


@pytest.fixture
def holder():
    return member()


@pytest.fixture
def api(sign_in, holder):
    return sign_in(holder)


def post(api, path, body=None, **headers):
    return api.post(f"{BASE}{path}", body or {}, content_type="application/json", headers=headers)


def test_a_right_is_filed_and_approved_over_the_api(api, sign_in):
    made = post(api, "", MARK)
    assert made.status_code == 201
    said = made.json()
    assert said["id"].startswith("flg_")
    assert "pk" not in said
    path = f"/{said['id']}"
    assert set(said["available_actions"]) == {"submit", "withdraw"}
    early = post(api, f"{path}/submit")
    assert early.status_code == 422
    assert early["Content-Type"] == "application/problem+json"
    assert list(early.json()["errors"]) == ["certificate"]
    uploaded = api.post(f"{BASE}{path}/files", {"file": a_picture(), "purpose": "certificate"})
    assert uploaded.status_code == 201
    [file] = uploaded.json()["files"]
    assert api.get(file["preview_url"]).status_code == 200
    changed = api.patch(
        f"{BASE}{path}",
        {"version": uploaded.json()["version"], "nice_classes": [9, 25]},
        content_type="application/json",
    )
    assert changed.json()["nice_classes"] == [9, 25]
    done = post(api, f"{path}/submit", {"version": changed.json()["version"]}).json()
    assert (done["state"], done["next"]["whose"]) == ("submitted", "The platform")
    reviewer = sign_in(staff())
    approved = post(reviewer, f"{path}/approve", {"version": done["version"]})
    assert approved.json()["is_in_force"] is True


def test_a_repeated_key_is_one_draft_and_one_upload(api):
    first = post(api, "", MARK, **{"Idempotency-Key": "k1"})
    again = post(api, "", MARK, **{"Idempotency-Key": "k1"})
    assert first.json() == again.json()
    assert Filing.objects.count() == 1
    assert post(api, "", MARK | {"title": "OTHER"}, **{"Idempotency-Key": "k1"}).status_code == 422
    papers = f"{BASE}/{first.json()['id']}/files"
    upload = a_picture()
    for _ in range(2):
        upload.seek(0)
        sent = api.post(papers, {"file": upload, "purpose": "picture"}, headers={"Idempotency-Key": "k2"})
        assert sent.status_code == 201
    assert Filing.objects.get().files.count() == 1


@pytest.mark.django_db(transaction=True)
def test_uploads_are_stored_with_no_transaction_open_also_under_a_key(api, holder, monkeypatch):
    stored, keep = [], files.keep

    def kept(**said):
        stored.append(connection.in_atomic_block)
        return keep(**said)

    monkeypatch.setattr(files, "keep", kept)
    draft = a_draft(by=holder, papers=False)
    right = FilingFactory(organisation=holder.membership.organisation)
    uploads = [
        (f"{draft.public_id}/files", {"file": a_picture(), "purpose": "picture"}, 201),
        (f"{right.public_id}/renew", {"valid_until_on": "2040-01-01", "certificate": [a_picture()]}, 200),
    ]
    for path, body, status in uploads:
        assert api.post(f"{BASE}/{path}", body, headers={"Idempotency-Key": path}).status_code == status
    assert stored == [False, False]


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_conflict_that_an_approval_finds_stays_on_record_with_a_key_and_without(sign_in, headers):
    """The rivals were submitted at the same moment: neither has seen the other."""
    FilingFactory(registration_number="12345678", number_key="trademark:CN:12345678")
    later = submitted(registration_number="12345678")
    FilingConflict.objects.all().delete()
    answer = post(sign_in(staff()), f"/{later.public_id}/approve", **headers)
    assert answer.status_code == 409
    assert FilingConflict.objects.open().count() == 1


def test_an_older_version_is_refused_and_changes_nothing(api, holder):
    draft = a_draft(by=holder)
    stale = api.patch(f"{BASE}/{draft.public_id}", {"version": 1, "title": "X"}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert post(api, f"/{draft.public_id}/submit", {"version": 1}).status_code == 409
    draft.refresh_from_db()
    assert (draft.title, draft.state) == ("SUNBIRD", "draft")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "idea"}, "kind"),
        ({}, "kind"),
        (MARK | {"nice_classes": [46]}, "nice_classes.0"),
        (MARK | {"nice_classes": "25"}, "nice_classes"),
        (MARK | {"title": "a\x00b"}, "title"),
        (MARK | {"valid_until_on": "tomorrow"}, "valid_until_on"),
        (MARK | {"territory": "12"}, "territory"),
        (MARK | {"territory": "ZZ"}, "territory"),
        (MARK | {"registration_number": "1" * 65}, "registration_number"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(api, body, field):
    answer = post(api, "", body)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert not Filing.objects.exists()


def test_a_body_that_is_no_object_is_a_problem(api):
    answer = api.post(BASE, "[1, 2]", content_type="application/json")
    assert answer.status_code == 422


def test_sellers_files_renewal_and_withdrawal(api, holder):
    draft, shop = a_draft(by=holder), ShopFactory()
    path = f"/{draft.public_id}"
    named = post(api, f"{path}/genuine-sellers", {"links": [shop.url]}).json()
    assert named["genuine_sellers"][0]["id"] == shop.public_id
    assert api.delete(f"{BASE}{path}/genuine-sellers/{shop.public_id}").status_code == 204
    assert api.delete(f"{BASE}{path}/files/{named['files'][0]['id']}").status_code == 204
    assert api.delete(f"{BASE}{path}/files/{named['files'][0]['id']}").status_code == 404
    assert post(api, f"{path}/withdraw").json()["state"] == "withdrawn"
    right = FilingFactory(organisation=holder.organisation)
    sent = api.post(f"{BASE}/{right.public_id}/renew", {"valid_until_on": "2040-01-01", "certificate": [a_picture()]})
    assert sent.status_code == 200, sent.content
    assert (sent.json()["state"], sent.json()["is_in_force"]) == ("submitted", True)
    assert post(api, f"/{right.public_id}/drop-renewal").json()["state"] == "approved"


def test_reviewers_return_reject_and_revoke_and_holders_do_not(api, sign_in, holder):
    reviewer, filing = sign_in(staff()), submitted(by=holder)
    path = f"/{filing.public_id}"
    for step in ("approve", "return", "reject", "revoke", "decline-renewal"):
        assert post(api, f"{path}/{step}", {"note": "x"}).status_code == 403
    assert post(reviewer, f"{path}/return", {}).status_code == 422
    assert post(reviewer, f"{path}/return", {"note": "The seal page."}).json()["review_note"] == "The seal page."
    assert post(reviewer, f"{path}/reject", {"note": "No such mark."}).json()["state"] == "rejected"
    force = FilingFactory()
    assert post(reviewer, f"/{force.public_id}/revoke", {"note": "Cancelled."}).json()["state"] == "revoked"
    assert post(reviewer, f"/{force.public_id}/revoke", {"note": "Cancelled."}).status_code == 409


@pytest.mark.parametrize(
    "path", ["", "/submit", "/withdraw", "/approve", "/reject", "/files", "/renew", "/genuine-sellers", "/drop-renewal"]
)
def test_anothers_id_answers_like_an_unknown_one(api, path):
    ids = [a_draft().public_id, "flg_00000000000000000000000000"]
    answers = [api.get(f"{BASE}/{i}") if not path else post(api, f"/{i}{path}") for i in ids]
    if path in ("/files", "/renew"):
        answers = [api.post(f"{BASE}/{i}{path}", {}) for i in ids]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_staff_do_not_see_drafts(sign_in):
    draft = a_draft()
    assert sign_in(staff()).get(f"{BASE}/{draft.public_id}").status_code == 404


def test_the_list_is_paged_by_cursor_with_a_constant_number_of_queries(api, holder, django_assert_max_num_queries):
    for n in range(60):
        FilingFactory(organisation=holder.organisation, state="expired" if n % 2 else "approved")
    FilingFactory()
    api.get(BASE)
    with django_assert_max_num_queries(6):
        first = api.get(BASE).json()
    assert len(first["results"]) == 50
    rest = api.get(first["next"]).json()
    assert len(rest["results"]) == 10
    assert len(api.get(BASE, {"state": "expired", "page_size": 200}).json()["results"]) == 30


def test_who_is_not_signed_in_is_refused(client):
    assert client.get(BASE).status_code in (401, 403)


def test_every_step_leaves_its_entry_once(api, holder):
    draft = a_draft(by=holder)
    for _ in range(2):
        post(api, f"/{draft.public_id}/submit", **{"Idempotency-Key": "s"})
    assert LedgerEntry.objects.filter(kind="filing.submit").count() == 1
    assert services.Filing.objects.get().state == "submitted"
