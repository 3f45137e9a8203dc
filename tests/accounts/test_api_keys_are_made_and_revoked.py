"""Administrators make, replace and revoke keys; each is shown once, and kept as a digest alone."""

import re

import pytest

from accounts.api_keys import services
from accounts.api_keys.errors import KeyIsOver, KeyIsReplaced
from accounts.api_keys.models import ApiKey
from accounts.models import Membership
from accounts.services import remove_member
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, Letter
from tests.factories import FilingFactory, member

pytestmark = pytest.mark.django_db
LIST = "/api/v1/filings"


@pytest.fixture
def admin():
    return member()


def made(by, *scopes, days=90):
    return services.make_key(
        organisation=by.organisation, by=by, name="warehouse import", scopes=scopes or ["filings:read"], days=days
    )


def call(client, key, path=LIST, **rest):
    return client.get(path, headers={"Authorization": f"Bearer {key}"}, **rest)


def test_a_key_reads_what_its_organisation_has_and_nothing_else(admin, client):
    mine, _foreign = FilingFactory(organisation=admin.organisation), FilingFactory()
    _row, key = made(admin)
    found = call(client, key).json()["results"]
    assert [f["id"] for f in found] == [mine.public_id]


def test_of_a_key_only_a_digest_is_kept(admin):
    row, key = made(admin)
    assert re.fullmatch(r"ippro_[\w-]{43}", key)
    assert row.begins == key[:10]
    assert key not in str(ApiKey.objects.values().get())
    assert key not in str(list(LedgerEntry.objects.values()) + list(Letter.objects.values()))


def test_every_administrator_hears_of_a_new_key(admin, work_off):
    other, _manager = member(admin.organisation), member(admin.organisation, role="manager")
    made(admin)
    work_off()
    assert {letter.user for letter in Letter.objects.filter(template="api_key_made")} == {admin, other}
    assert "“warehouse import”" in Letter.objects.filter(user=other).get().body


def test_a_revoked_key_is_refused_at_once(admin, client):
    row, key = made(admin)
    services.revoke_key(key=row, by=admin)
    services.revoke_key(key=row, by=admin)
    answer = call(client, key)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_key")
    assert answer["WWW-Authenticate"] == 'Bearer realm="ippro", error="invalid_token"'
    assert LedgerEntry.objects.filter(kind="api_key.revoke").count() == 1


def test_a_key_ends_on_its_day(admin, client, stopped):
    _row, key = made(admin, days=30)
    stopped.advance(days=29)
    assert call(client, key).status_code == 200
    stopped.advance(days=1)
    assert call(client, key).status_code == 401


@pytest.mark.parametrize(
    "said", ["Bearer", "Bearer x", "Bearer ippro_", "Bearer ippro_" + "a" * 43, "Bearer ippro_a b", "bearer \xff\x00"]
)
def test_what_is_no_key_is_refused(client, said):
    answer = client.get(LIST, headers={"Authorization": said})
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_key"


def test_nobody_is_asked_for_a_key(client):
    answer = client.get(LIST)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="ippro"')


def test_both_keys_are_good_while_one_replaces_the_other(admin, client, stopped):
    row, old = made(admin, "filings:write")
    stopped.advance(days=10)
    newer, new = services.rotate_key(key=row, by=admin, overlap_days=7)
    assert (newer.scopes, newer.name) == (row.scopes, row.name)
    assert call(client, old).status_code == call(client, new).status_code == 200
    stopped.advance(days=7)
    assert (call(client, old).status_code, call(client, new).status_code) == (401, 200)
    stopped.advance(days=83)
    assert call(client, new).status_code == 401, "the new one lasts as long as the old one did"


def test_a_key_is_replaced_once_and_while_it_is_good(admin):
    row, _key = made(admin)
    newer, _new = services.rotate_key(key=row, by=admin, overlap_days=0)
    with pytest.raises(KeyIsReplaced):
        services.rotate_key(key=row, by=admin, overlap_days=7)
    services.revoke_key(key=newer, by=admin)
    with pytest.raises(KeyIsOver):
        services.rotate_key(key=newer, by=admin, overlap_days=7)


def test_whoever_leaves_takes_the_keys_with_them(admin, client):
    boss = member(admin.organisation)
    _row, key = made(boss)
    boss.memberships.update(organisation=member().organisation)
    assert call(client, key).status_code == 401


def test_the_keys_of_who_left_stay_revoked_when_they_come_back(admin, client):
    boss = member(admin.organisation)
    row, key = made(boss)
    _other, kept = made(admin)
    remove_member(membership=boss.membership, by=admin)
    row.refresh_from_db()
    assert row.revoked_by == admin
    assert LedgerEntry.objects.get(kind="api_key.revoke").payload["key"] == row.public_id
    Membership.objects.create(user=boss, organisation=admin.organisation, role="admin")
    assert call(client, key).status_code == 401
    assert call(client, kept).status_code == 200


def test_a_locked_account_has_no_good_key(admin, client):
    _row, key = made(admin)
    admin.is_active = False
    admin.save()
    assert call(client, key).status_code == 401


def test_a_key_never_does_more_than_its_maker_may(admin, client):
    _row, key = made(admin, "filings:write")
    admin.memberships.update(role="reader")
    answer = client.post(LIST, {"kind": "trademark"}, "application/json", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_key_stays_with_its_organisation_wherever_its_maker_acts(admin, client):
    mine = FilingFactory(organisation=admin.organisation)
    _row, key = made(admin)
    other = member()
    admin.memberships.create(organisation=other.organisation, role="admin")
    admin.current_organisation = other.organisation
    admin.save()
    assert [f["id"] for f in call(client, key).json()["results"]] == [mine.public_id]


def test_the_ledger_names_the_key_beside_its_maker(admin, client):
    row, key = made(admin, "filings:write")
    client.post(LIST, {"kind": "trademark"}, "application/json", headers={"Authorization": f"Bearer {key}"})
    entry = LedgerEntry.objects.filter(kind__startswith="filing.").latest("pk")
    assert (entry.actor, entry.payload["through"]) == (admin.public_id, row.public_id)


def test_one_organisations_answers_are_not_repeated_to_another(admin, client):
    other = member()
    admin.memberships.create(organisation=other.organisation, role="admin")
    keys = [made(admin, "filings:write")[1]]
    keys.append(
        services.make_key(organisation=other.organisation, by=admin, name="x", scopes=["filings:write"], days=30)[1]
    )
    answers = [
        client.post(
            LIST, {"kind": "trademark"}, "application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "1"},
        )
        for key in keys
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [201, 422]


def test_the_day_of_the_last_use_is_kept(admin, client, stopped, django_assert_num_queries):
    row, key = made(admin)
    call(client, key)
    row.refresh_from_db()
    assert str(row.last_used_on) == "2026-03-03"
    stopped.advance(days=1)
    call(client, key)
    row.refresh_from_db()
    assert str(row.last_used_on) == "2026-03-04"


def test_files_open_with_the_key_that_was_given_their_links(admin, client):
    from tests.complaints.test_wizard import png

    right = FilingFactory(organisation=admin.organisation, state="draft")
    _row, key = made(admin, "filings:write")
    with_key = {"Authorization": f"Bearer {key}"}
    client.post(f"{LIST}/{right.public_id}/files", {"file": png(), "purpose": "certificate"}, headers=with_key)
    (paper,) = client.get(f"{LIST}/{right.public_id}", headers=with_key).json()["files"]
    assert client.get(paper["url"], headers=with_key).status_code == 200
    assert client.get(paper["url"]).status_code == 404


# --- its pages ------------------------------------------------------------------------------------------


def form(client, path, **said):
    key_id = re.search(r'name="key_id" value="(\w+)"', client.get(path).content.decode())[1]
    return {"key_id": key_id, **said}


def test_the_page_shows_a_key_once(admin, sign_in, client):
    browser = sign_in(admin)
    said = form(browser, "/organisation/keys/new/", name="warehouse", days="90", filings="write", complaints="read")
    page = browser.post("/organisation/keys/new/", said)
    assert page["Cache-Control"].find("no-store") >= 0
    key = re.search(r"ippro_[\w-]{43}", page.content.decode())[0]
    assert call(client, key).status_code == 200
    assert ApiKey.objects.get().scopes == ["filings:write", "complaints:read"]
    assert key not in browser.get("/organisation/keys/").content.decode()
    again = browser.post("/organisation/keys/new/", said)
    assert again.status_code == 409
    assert ApiKey.objects.count() == 1, "the same page sent twice makes one key"


def test_the_page_replaces_and_revokes(admin, sign_in):
    browser, (row, _key) = sign_in(admin), made(admin)
    path = f"/organisation/keys/{row.public_id}/rotate/"
    assert "ippro_" in browser.post(path, form(browser, path, overlap_days="7")).content.decode()
    newer = ApiKey.objects.latest("pk")
    browser.post(f"/organisation/keys/{newer.public_id}/revoke/")
    newer.refresh_from_db()
    assert newer.revoked_by == admin
    assert "revoked" in browser.get("/organisation/keys/").content.decode()


def test_what_is_wrong_stands_by_its_field(admin, sign_in):
    browser = sign_in(admin)
    said = form(browser, "/organisation/keys/new/", name=" ", days="90")
    answer = browser.post("/organisation/keys/new/", said)
    assert answer.status_code == 422
    said["name"] = "x"
    assert "at least one of the scopes" in browser.post("/organisation/keys/new/", said).content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", ["manager", "complainant", "reader"])
def test_only_administrators_have_to_do_with_keys(admin, sign_in, role):
    row, _key = made(admin)
    colleague = member(admin.organisation, role=role)
    browser = sign_in(colleague)
    for path in ("", "new/", f"{row.public_id}/rotate/"):
        assert browser.get(f"/organisation/keys/{path}").status_code == 403
    assert browser.post(f"/organisation/keys/{row.public_id}/revoke/").status_code == 403
    assert "/organisation/keys/" not in browser.get("/organisation/").content.decode()
    with pytest.raises(Forbidden):
        made(colleague)


def test_nobody_makes_or_revokes_keys_of_others(admin, sign_in):
    row, _key = made(admin)
    stranger = member()
    with pytest.raises(NotYours):
        services.revoke_key(key=row, by=stranger)
    assert sign_in(stranger).post(f"/organisation/keys/{row.public_id}/revoke/").status_code == 404


@pytest.mark.parametrize(("scopes", "days"), [(["filings:all"], 90), (["filings:read"], 9999), ([], 90)])
def test_nothing_but_what_is_offered_is_made(admin, scopes, days):
    with pytest.raises(Invalid):
        services.make_key(organisation=admin.organisation, by=admin, name="x", scopes=scopes, days=days)
