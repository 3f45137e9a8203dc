"""Anybody may ask by API what a certificate says, fetch its proof, and ask whether a picture is protected."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import sealing
from core.ids import new_id
from imageguard import services
from tests.imageguard.helpers import a_merchant, a_picture, an_edit, an_upload, certified

pytestmark = pytest.mark.django_db
SCRIPT = Path(sealing.__file__).with_name("verify_ledger.py")


@pytest.fixture
def merchant():
    return a_merchant()


def test_a_certificate_is_read_without_title_unless_its_holder_shows_the_image(client, merchant):
    original = certified(by=merchant, title="Red sneaker")
    said = client.get(f"/api/v1/certificates/{original.number}", {"sha256": original.sha256}).json()
    assert (said["sha256"], said["is_in_force"], said["title"]) == (original.sha256, True, "")
    services.change_original(original=original, by=merchant, is_public=True)
    assert client.get(f"/api/v1/certificates/{original.number}").json()["title"] == "Red sneaker"
    services.withdraw(original=original, by=merchant)
    assert client.get(f"/api/v1/certificates/{original.number}").json()["is_in_force"] is False


def test_a_number_that_was_never_given_is_unknown(client):
    for path in ("FP-2026-999999", new_id("ori"), "FP-2026-999999/bundle"):
        assert client.get(f"/api/v1/certificates/{path}").status_code == 404


def test_its_proof_is_what_the_stand_alone_script_checks(client, merchant, tmp_path):
    original = certified(by=merchant)
    early = client.get(f"/api/v1/certificates/{original.number}/bundle")
    assert (early.status_code, early.json()["code"]) == (409, "not_sealed_yet")
    sealing.seal()
    proof = client.get(f"/api/v1/certificates/{original.number}/bundle")
    assert proof.status_code == 200
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(proof.json()))
    asked = [sys.executable, SCRIPT, bundle, "--json"]
    done = subprocess.run([*asked, "--key", proof.json()["key"]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["kind"] == "certificate"


def test_a_picture_is_looked_up_and_only_shown_certificates_are_named(client, merchant):
    original = certified(by=merchant)
    asked = {"file": an_upload(an_edit(a_picture(), "banner"))}
    said = client.post("/api/v1/protected-images", asked).json()
    assert (said["is_protected"], said["shown"], said["has_others"]) == (True, [], True)
    services.change_original(original=original, by=merchant, is_public=True)
    said = client.post("/api/v1/protected-images", {"file": an_upload(a_picture())}).json()
    assert [c["number"] for c in said["shown"]] == [original.number]
    bad = client.post("/api/v1/protected-images", {"file": an_upload(b"no picture")})
    assert (bad.status_code, list(bad.json()["errors"])) == (422, ["file"])


def test_an_address_asks_so_often_on_pages_and_by_api_together(client, monkeypatch):
    monkeypatch.setattr("imageguard.pace.CERTIFICATES", 2)
    codes = [
        client.get(path).status_code
        for path in ("/verify/FP-2026-999999/", "/api/v1/certificates/FP-2026-999999", "/api/v1/certificates/FP-1")
    ]
    assert codes == [404, 404, 429]


def test_the_holder_fetches_the_document(sign_in, merchant):
    original = certified(by=merchant)
    answer = sign_in(merchant).get(f"/api/v1/originals/{original.public_id}/certificate.pdf", {"language": "en"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert sign_in(a_merchant()).get(f"/api/v1/originals/{original.public_id}/certificate.pdf").status_code == 404
