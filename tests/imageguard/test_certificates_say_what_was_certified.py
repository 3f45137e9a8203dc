"""A certificate says who holds what since when, its proof is checked without us, and strangers learn what they may."""

import io
import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta

import cv2
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core import sealing, stamps, verify_ledger
from core.errors import Invalid, NotYours, TooLarge
from core.models import LedgerEntry, PrivateFile
from imageguard import certificates, services
from imageguard.certificates import TimeStampState
from imageguard.models import Original
from tests.core.authority import Authority
from tests.core.fetch_server import Server
from tests.factories import staff
from tests.imageguard.helpers import a_merchant, a_picture, an_edit, an_upload, certified, checked, registered

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def verified_alone(proof: dict, tmp_path, *arguments: str) -> tuple[int, str]:
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    done = subprocess.run(
        [sys.executable, "-I", verify_ledger.__file__, tmp_path / "proof.json", "--key", proof["key"], *arguments],
        capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_it_says_number_holder_time_hashes_and_place_in_the_ledger():
    original = certified(title="Red shoe")
    said = certificates.certificate_of(original)
    assert said.number == original.number
    assert said.holder == original.organisation.name
    assert (said.received_at, said.certified_at) == (original.created_at, original.certified_at)
    assert said.sha256 == original.image.sha256
    assert len(said.perceptual_hash) == 64
    assert said.ledger_kind == "original.certify"
    assert said.leaf is None
    assert certificates.bundle(original) is None
    sealing.seal()
    assert certificates.certificate_of(original).leaf is not None
    assert said.address.endswith(f"/verify/{original.number}")


def test_the_proof_is_checked_by_the_script_alone_and_holds_the_hashes(tmp_path):
    original = certified()
    sealing.seal()
    proof = certificates.bundle(original)
    assert proof["entry"]["payload"]["sha256"] == original.sha256
    assert proof["entry"]["payload"]["number"] == original.number
    assert original.organisation.name not in json.dumps(proof)
    code, said = verified_alone(proof, tmp_path)
    assert code == 0, said
    proof["entry"]["payload"]["sha256"] = "0" * 64
    assert verified_alone(proof, tmp_path)[0] == 1


def test_a_certificate_that_a_reviewer_gave_has_its_proof_as_well(tmp_path):
    certified()
    copy = checked(registered(an_edit(a_picture(), "mirror")))
    with pytest.raises(NotYours):
        certificates.certificate_of(copy)
    with pytest.raises(NotYours):
        certificates.find_public(copy.number)
    settled = services.settle_conflict(
        conflict=copy.conflicts.get(), by=staff(), is_upheld=True, note="It was first.", public_reason="A copy."
    )
    sealing.seal()
    assert certificates.certificate_of(settled).ledger_kind == "original.settle_for"
    assert verified_alone(certificates.bundle(settled), tmp_path)[0] == 0


def test_a_revoked_one_says_so_with_its_public_reason_and_a_withdrawn_one_without():
    by = a_merchant()
    revoked = services.revoke(original=certified(by=by), by=staff(), public_reason="The photographer objected.")
    said = certificates.find_public(revoked.number)[1]
    assert (said.state, said.is_valid, said.public_reason) == ("revoked", False, "The photographer objected.")
    withdrawn = services.withdraw(original=certified(a_picture(3, "jar"), by=by), by=by)
    said = certificates.find_public(withdrawn.number)[1]
    assert (said.state, said.is_valid, said.public_reason) == ("withdrawn", False, "")


@pytest.mark.parametrize("end", ["withdrawn", "revoked"])
def test_the_proof_of_one_that_ended_says_so_to_the_script(end, tmp_path):
    by = a_merchant()
    original = certified(by=by)
    sealing.seal()
    assert "ended" not in certificates.bundle(original)
    if end == "withdrawn":
        ended = services.withdraw(original=original, by=by)
    else:
        ended = services.revoke(original=original, by=staff(), public_reason="The photographer objected.")
    # Until its end is sealed there is no proof at all: never one that would convince.
    assert certificates.bundle(ended) is None
    sealing.seal()
    proof = certificates.bundle(ended, payload=False)
    code, said = verified_alone(proof, tmp_path)
    assert (code, said.splitlines()[0]) == (4, "ENDED")
    assert f"this certificate was {end}" in said
    assert "photographer" not in json.dumps(proof)


def test_given_anew_after_an_appeal_it_counts_from_then_on(tmp_path):
    original = services.revoke(original=certified(), by=staff(), public_reason="The photographer objected.")
    again = services.reexamine(original=original, by=staff(), appeal="apl_1")
    sealing.seal()
    assert verified_alone(certificates.bundle(again), tmp_path)[0] == 4
    again = checked(again)
    sealing.seal()
    proof = certificates.bundle(again)
    assert verified_alone(proof, tmp_path)[0] == 0
    issued = datetime.fromisoformat(proof["entry"]["at"])
    assert abs(issued - again.certified_at) < timedelta(seconds=5)
    assert LedgerEntry.objects.filter(subject=again.public_id, kind="original.certify").count() == 2
    assert LedgerEntry.objects.filter(kind="original.revoke").get().at < issued


@pytest.mark.parametrize("number", ["", "FP-2026-999999", "FP-2026-000001\0", "' OR 1=1", "x" * 5000])
def test_a_number_under_which_there_is_nothing_looks_like_any_other(number):
    registered()
    with pytest.raises(NotYours):
        certificates.find_public(number)


def test_everybody_sees_the_title_only_if_the_holder_shows_the_image():
    by = a_merchant()
    original = certified(by=by, title="Shoe of next summer")
    found, said = certificates.find_public(f"  {original.number.lower()} ")
    assert (found, said.title, said.holder, said.sha256) == (original, "", "", "")
    said = certificates.find_public(original.number, original.sha256)[1]
    assert (said.title, said.holder) == ("", by.organisation.name)
    services.change_original(original=original, by=by, is_public=True)
    assert certificates.find_public(original.number)[1].title == "Shoe of next summer"


# --- as a document -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_document_says_the_same_and_its_code_leads_to_the_public_page(language):
    original = certified(title="红色运动鞋")
    sealing.seal()
    reader = PdfReader(io.BytesIO(certificates.as_pdf(original, language)))
    text = "".join(page.extract_text() for page in reader.pages)
    said = certificates.certificate_of(original)
    words = (said.number, said.holder, "红色运动鞋", said.sha256, said.perceptual_hash, said.address)
    for word in words:
        assert word.replace(" ", "") in "".join(text.split())
    pictures = [image.image for page in reader.pages for image in page.images]
    codes = [cv2.QRCodeDetector().detectAndDecode(np.asarray(p.convert("L")))[0] for p in pictures]
    assert f"{said.address}?sha256={said.sha256}" in codes
    assert len(pictures) == 2


def test_the_document_of_a_revoked_certificate_says_so_first():
    revoked = services.revoke(original=certified(), by=staff(), public_reason="The photographer objected.")
    text = PdfReader(io.BytesIO(certificates.as_pdf(revoked, "en"))).pages[0].extract_text()
    assert "proves nothing any more" in " ".join(text.split())
    assert "The photographer objected." in text


# --- the time-stamp that was asked for -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("left out: needs OpenSSL")
    server = Server()
    yield Authority(tmp_path_factory.mktemp("tsa") / "ec", server)
    server.stop()


def test_a_certificate_with_a_time_stamp_is_pending_until_the_authority_has_spoken(settings, authority, tmp_path):
    settings.TSA_URL, settings.TSA_CA_FILE = authority.url, str(authority.root)
    original = certified(wants_timestamp=True)
    assert certificates.certificate_of(original).time_stamp is TimeStampState.PENDING
    sealing.seal()
    assert certificates.certificate_of(original).time_stamp is TimeStampState.PENDING
    assert certificates.bundle(original)["time_stamp"]["state"] == "pending"
    # Even when the authority was given up, or nobody is connected any more, it does not become an ordinary one.
    stamps.TimeStamp.objects.update(due_at=None, dead_at=original.created_at)
    settings.TSA_URL = ""
    assert certificates.certificate_of(original).time_stamp is TimeStampState.PENDING
    stamps.TimeStamp.objects.update(due_at=original.created_at, dead_at=None)
    settings.TSA_URL = authority.url
    assert stamps.stamp_due()
    said = certificates.certificate_of(original)
    assert said.time_stamp is TimeStampState.STAMPED
    assert said.stamped_at is not None
    code, words = verified_alone(
        certificates.bundle(original), tmp_path, "--require-time-stamp", "--tsa-ca", str(authority.root)
    )
    assert code == 0, words


def test_without_an_authority_at_the_time_of_sealing_it_stays_pending(settings, authority):
    settings.TSA_URL, settings.TSA_CA_FILE = authority.url, str(authority.root)
    original = registered(wants_timestamp=True)
    settings.TSA_URL = ""
    checked(original)
    sealing.seal()
    assert certificates.certificate_of(original).time_stamp is TimeStampState.PENDING
    assert certificates.bundle(original)["time_stamp"]["state"] == "pending"


def test_who_asked_for_none_has_none():
    original = certified()
    sealing.seal()
    assert certificates.certificate_of(original).time_stamp is TimeStampState.NONE
    assert certificates.bundle(original)["time_stamp"]["state"] == "none"


# --- is this picture protected? ------------------------------------------------------------------------------


def asked(picture: Image.Image | bytes) -> certificates.Protection:
    return certificates.is_protected(an_upload(picture))


@pytest.mark.parametrize("kind", ["mirror", "crop", "banner"])
def test_a_stranger_learns_of_an_edited_copy_what_the_holder_shows(kind):
    original = certified(is_public=True, title="Red shoe")
    answer = asked(an_edit(a_picture(), kind))
    assert answer.is_protected
    assert [(c.number, c.title) for c in answer.shown] == [(original.number, "Red shoe")]
    assert not answer.has_others


def test_of_what_is_not_shown_a_stranger_learns_yes_and_nothing_else():
    certified()
    assert asked(a_picture()) == certificates.Protection(is_protected=True, shown=(), has_others=True)


def test_what_is_not_certified_is_not_protected():
    registered()
    assert asked(a_picture()) == certificates.Protection(is_protected=False, shown=(), has_others=False)
    original = checked(Original.objects.get())
    services.revoke(original=original, by=staff(), public_reason="The photographer objected.")
    assert not asked(a_picture()).is_protected


def test_another_picture_is_not_protected():
    certified()
    assert not asked(a_picture(3, "jar")).is_protected


@pytest.mark.parametrize(
    ("picture", "why"),
    [(Image.new("RGB", (800, 600), "teal"), "hardly anything"), (a_picture().resize((40, 30)), "too small")],
    ids=["flat", "small"],
)
def test_of_a_picture_that_cannot_be_searched_it_is_not_said_that_nothing_is_like_it(picture, why):
    with pytest.raises(Invalid, match=why):
        asked(picture)


def test_nothing_of_what_a_stranger_sends_is_kept(settings):
    before = PrivateFile.objects.count()
    asked(a_picture())
    assert PrivateFile.objects.count() == before
    for content, failure in ((b"", Invalid), (b"%PDF-1.7\n%%EOF\n", Invalid), (b"\xff\xd8\xff cut", Invalid)):
        with pytest.raises(failure):
            asked(content)
    settings.MAX_UPLOAD_BYTES = 100
    with pytest.raises(TooLarge):
        asked(a_picture())
