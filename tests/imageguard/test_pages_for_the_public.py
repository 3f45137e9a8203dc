"""Without signing in anybody checks a certificate and asks whether a picture is protected; what is not public stays so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core import sealing
from imageguard import services
from imageguard.models import Original
from tests.factories import staff
from tests.imageguard.helpers import a_merchant, a_picture, an_edit, an_upload, as_jpeg, certified, checked, registered

pytestmark = pytest.mark.django_db
SECRET = "Autumn launch, secret until May"


@pytest.fixture
def by():
    return a_merchant()


@pytest.fixture
def original(by):
    original = certified(by=by, title=SECRET)
    sealing.seal()
    return original


def path(original, part=""):
    return f"/verify/{original.number}/{part}"


# --- a certificate -------------------------------------------------------------------------------------------


def test_a_certificate_is_found_by_its_number_however_it_is_typed(client, original):
    answer = client.get("/verify/", {"number": f" {original.number.lower()} "}, follow=True)
    assert answer.redirect_chain[-1][0] == path(original)
    assert "genuine and in force" in answer.content.decode()


def test_under_its_number_alone_a_stranger_learns_yes_or_no_and_since_when(client, original):
    secrets = (original.sha256, original.perceptual_hash, original.organisation.name, original.organisation.public_id)
    api = f"/api/v1/certificates/{original.number}"
    for address in (path(original), path(original, "bundle.json"), api, f"{api}/bundle"):
        for asked in ({}, {"sha256": "0" * 64}):
            answer = client.get(address, asked)
            assert answer.status_code == 200
            assert not [secret for secret in secrets if secret in answer.content.decode()], address
    assert "not the SHA-256 of the certified file" in client.get(path(original), {"sha256": "0" * 64}).content.decode()


def test_who_has_the_file_or_the_paper_reads_whose_it_is(client, original):
    named = {"sha256": f" {original.sha256.upper()} "}
    page = client.get(path(original), named).content.decode()
    for words in (original.sha256, original.perceptual_hash, original.organisation.name, "genuine and in force"):
        assert words in page
    assert SECRET not in page
    proof = client.get(path(original, "bundle.json"), named).json()
    assert proof["entry"]["payload"]["sha256"] == original.sha256


def test_what_the_holder_does_not_show_is_not_shown(client, original, by):
    page = client.get(path(original))
    assert SECRET not in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert client.get(path(original, "picture.jpg")).status_code == 404
    assert client.get(path(original, "certificate.pdf")).status_code == 404
    services.change_original(original=original, by=by, is_public=True)
    page = client.get(path(original))
    assert SECRET in page.content.decode()
    assert "X-Robots-Tag" not in page
    picture = client.get(path(original, "picture.jpg"))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert client.get(path(original, "certificate.pdf"), {"language": "en"}).content.startswith(b"%PDF")


def test_the_proof_convinces_the_stand_alone_script(client, original, tmp_path):
    proof = client.get(path(original, "bundle.json"))
    (tmp_path / "proof.json").write_bytes(proof.content)
    script = client.get("/ledger/verify_ledger.py")
    (tmp_path / "verify_ledger.py").write_bytes(script.content)
    key = json.loads(proof.content)["key"]
    assert key in client.get(path(original)).content.decode().replace("&#x27;", "'")
    said = subprocess.run(
        [sys.executable, str(tmp_path / "verify_ledger.py"), str(tmp_path / "proof.json"), "--key", key],
        capture_output=True, text=True, cwd=Path(tmp_path), check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr


def test_before_it_is_sealed_there_is_no_proof_yet(client):
    original = certified()
    assert "Reload this page for the proof" in client.get(path(original)).content.decode()
    assert client.get(path(original, "bundle.json")).status_code == 404


def test_an_end_is_told_with_the_reason_that_is_public(client, original, by):
    services.revoke(original=original, by=staff(), public_reason="Published by another photographer in 2019.")
    page = client.get(path(original))
    assert "Published by another photographer in 2019." in page.content.decode()
    assert "genuine and in force" not in page.content.decode()


def test_a_withdrawn_one_says_so(client, original, by):
    services.withdraw(original=original, by=by)
    page = client.get(path(original)).content.decode()
    assert "The holder has withdrawn this image" in page
    assert "genuine and in force" not in page


def test_one_that_is_examined_again_was_neither_withdrawn_nor_is_it_in_force(client, original, by):
    services.change_original(original=original, by=by, is_public=True, title="Shoe of next summer")
    services.revoke(original=original, by=staff(), public_reason="Published earlier.")
    again = services.reexamine(original=original, by=staff(), appeal="apl_1")
    page = client.get(path(original)).content.decode()
    assert "revoked, and is being examined again" in page
    assert not [said for said in ("withdrawn", "genuine and in force", "Shoe of next summer") if said in page]
    assert client.get(path(original, "picture.jpg")).status_code == 404
    checked(again)
    assert "genuine and in force" in client.get(path(original)).content.decode()


def test_one_that_was_revoked_stays_so_though_its_holder_withdraws_the_image_later(client, original, by):
    services.change_original(original=original, by=by, is_public=True, title="Shoe of next summer")
    services.revoke(original=original, by=staff(), public_reason="Published earlier.")
    again = services.reexamine(original=original, by=staff(), appeal="apl_1")
    services.withdraw(original=again, by=by)
    sealing.seal()
    page = client.get(path(original)).content.decode()
    assert "This certificate was revoked" in page
    assert not [said for said in ("withdrawn", "Shoe of next summer") if said in page]
    assert client.get(path(original, "picture.jpg")).status_code == 404
    assert client.get(path(original, "bundle.json")).json()["ended"]["entry"]["kind"] == "original.revoke"


def test_a_time_stamp_that_has_not_come_is_pending(client, original):
    Original.objects.filter(pk=original.pk).update(wants_timestamp=True)
    page = client.get(path(original)).content.decode()
    assert "The time-stamp is pending" in page
    assert "genuine and in force" not in page


@pytest.mark.parametrize(
    "number", ["FP-2026-999999", "F-2026-000001", "x", "a%00b", "../../etc/passwd", "%F0%9F%98%80"]
)
def test_a_number_that_is_none_is_said_in_words(client, number):
    answer = client.get(f"/verify/{number}/", follow=True)
    assert answer.status_code == 404


def test_an_original_without_certificate_looks_like_no_number(client):
    never = registered()
    here, nowhere = (
        _plain(client.get(f"/verify/{number}/").content.decode().replace(number, ""))
        for number in (never.number, "FP-2026-999999")
    )
    assert here == nowhere
    assert any("There is no certificate with this number" in line for line in here)
    assert client.get(path(never, "bundle.json")).status_code == 404


def _plain(page):
    return [line for line in page.splitlines() if "csrf" not in line.lower()]


@pytest.mark.parametrize(("asked", "status"), [({}, 200), ({"number": ""}, 422), ({"number": "x" * 500}, 422)])
def test_the_question_for_a_number_says_what_is_missing(client, asked, status):
    assert client.get("/verify/", asked).status_code == status


# --- is this image protected? -----------------------------------------------------------------------------------


def asked(client, picture, name="find.jpg"):
    return client.post("/protected/", {"file": an_upload(picture, name)})


def test_an_edited_copy_is_protected_and_whose_it_is_stays_secret(client, original):
    answer = asked(client, an_edit(a_picture(), "mirror"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "this picture is protected" in page
    for secret in (SECRET, original.number, original.organisation.name):
        assert secret not in page
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_public_one_is_shown_with_its_certificate(client, original, by):
    services.change_original(original=original, by=by, is_public=True)
    page = asked(client, a_picture()).content.decode()
    assert SECRET in page
    assert path(original) in page


def test_another_picture_is_not(client, original):
    page = asked(client, a_picture(5, "watch")).content.decode()
    assert "No registered original is like this picture" in page


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", as_jpeg(a_picture())[:2000], b"%PDF-1.4\n%%EOF"],
    ids=["empty", "text", "cut", "pdf"],
)
def test_a_bad_picture_gets_a_clear_word(client, content):
    answer = asked(client, content)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_a_picture_that_cannot_be_searched_is_told_why(client, original):
    answer = asked(client, Image.new("RGB", (800, 600), "teal"))
    assert answer.status_code == 422
    assert "it cannot be searched" in answer.content.decode()
    assert "No registered original" not in answer.content.decode()


def test_a_picture_that_is_too_large_is_not_asked_to_be_split(client, settings):
    settings.MAX_UPLOAD_BYTES = 100
    page = asked(client, a_picture()).content.decode()
    assert "make it smaller." in page
    assert "split" not in page


def test_nothing_chosen_is_said(client):
    assert client.post("/protected/").status_code == 422


def test_nobody_asks_without_end(client):
    answers = {client.post("/protected/").status_code for _ in range(12)}
    assert answers == {422, 429}


def test_the_picture_of_a_revoked_certificate_is_shown_no_longer(client, by):
    original = certified(by=by, is_public=True, title="Somebody else's shoe")
    assert client.get(path(original, "picture.jpg")).status_code == 200
    services.revoke(original=original, by=staff(), public_reason="Published by another photographer in 2019.")
    page = client.get(path(original)).content.decode()
    assert "picture.jpg" not in page
    assert "else&#x27;s shoe" not in page
    for name in ("picture.jpg", "certificate.pdf"):
        assert client.get(path(original, name)).status_code == 404
