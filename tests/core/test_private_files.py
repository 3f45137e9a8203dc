"""Private files: what is taken, how it lies in the storage, and who can open it for how long."""

import os
import time
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from PIL import Image

from accounts.models import OrganisationDocument
from core import files
from core.errors import Invalid, TooLarge
from core.models import FilePurpose, LedgerEntry, PrivateFile
from tests.factories import OrganisationFactory, UserFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """A storage of the test's own."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        }
    }
    return tmp_path


def picture(kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind)
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + name + content


JPEG = picture()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
MP4 = box(b"ftyp", b"iso5\0\0\0\0iso5") + box(b"moov", b"\0" * 40) + box(b"mdat", b"\0" * 90)
MOV = box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"wide") + box(b"mdat", b"\0" * 90) + box(b"moov", b"\0" * 40)
WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm" + b"\0" * 40
)
HEIC = box(b"ftyp", b"heic\0\0\0\0mif1heic") + b"\0" * 50
DOCX = b"PK\x03\x04" + b"\0" * 60


def kept(
    data: bytes = JPEG, name: str = "scan.jpg", purpose: str = FilePurpose.EVIDENCE, by=None, **more
) -> PrivateFile:
    upload = SimpleUploadedFile(name, data, content_type="application/x-whatever")
    return files.keep(upload=upload, purpose=purpose, by=by, **more)


def everything_in(folder) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("GIF"), "image/gif"),
        (PDF, "application/pdf"),
        (MP4, "video/mp4"),
        (MOV, "video/quicktime"),
        (WEBM, "video/webm"),
        ("订单号 20260303-1 😀".encode(), "text/plain"),
        ("订单号 20260303-1".encode("gb18030"), "text/plain"),
    ],
    ids=["JPEG", "PNG", "WebP", "GIF", "PDF", "MP4", "MOV", "WebM", "text", "text in GB 18030"],
)
def test_evidence_is_recognised_by_its_content_and_comes_back_as_it_was(data, media_type):
    file = kept(data, "holiday.exe")
    assert file.media_type == media_type
    assert files.read(file) == data
    assert file.is_image == media_type.startswith("image/")


@pytest.mark.parametrize(
    ("data", "purpose", "sentence"),
    [
        (b"", "evidence", "empty"),
        (DOCX, "evidence", "save Office documents as PDF"),
        (b"MZ\x90\0" + b"\0" * 90, "evidence", "not taken"),
        (b"<html>\0</html>", "evidence", "not taken"),
        (HEIC, "evidence", "Save it as JPEG"),
        (PDF.replace(b"%%EOF", b""), "certificate", "damaged"),
        (MP4[:-20], "evidence", "damaged"),
        (box(b"ftyp", b"isom\0\0\0\0") + box(b"mdat", b"\0" * 90), "evidence", "damaged"),
        (MP4, "certificate", "a PDF"),
        (b"plain text", "licence", "a PDF"),
        (PDF, "picture", "not a picture"),
        (JPEG[:200], "picture", "damaged"),
    ],
)
def test_what_is_not_taken_is_refused_with_a_sentence_and_nothing_is_written(folder, data, purpose, sentence):
    with pytest.raises(Invalid, match=sentence) as refused:
        kept(data, "scan.jpg", purpose)
    assert set(refused.value.errors) == {"file"}
    assert not PrivateFile.objects.exists()
    assert not everything_in(folder)


def test_a_file_that_is_too_large_is_refused(settings):
    settings.MAX_UPLOAD_BYTES = 100
    with pytest.raises(TooLarge, match="larger than 100"):
        kept(b"x" * 101)


def test_bytes_preview_and_name_lie_encrypted(folder):
    file = kept(JPEG, "身份证 of Zhang San.jpg", FilePurpose.IDENTITY)
    assert len(everything_in(folder)) == 2
    for stored in everything_in(folder):
        assert b"JFIF" not in stored
        assert stored.startswith(b"gAAAA")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM core_privatefile WHERE id = %s", [file.pk])
        assert "Zhang" not in cursor.fetchone()[0]
    assert PrivateFile.objects.get().name == "身份证 of Zhang San.jpg"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\zhang\\scan.JPG", "scan.JPG"),
        ("in\u202egpj.exe", "ingpj.exe.jpg"),
        ("two\r\nlines\0.jpg", "twolines.jpg"),
        ("证书 📄.jpeg", "证书 📄.jpeg"),
        ("", "file.jpg"),
        ("...", "file.jpg"),
        ("a" * 400 + ".jpg", "a" * 140 + ".jpg"),
    ],
)
def test_names_lose_folders_and_unseen_characters_and_end_like_their_content(given, name):
    assert kept(name="x.jpg").name == "x.jpg"
    assert files.keep(upload=ContentFile(JPEG), purpose="evidence", by=None, name=given).name == name


def test_when_the_row_cannot_be_written_no_bytes_stay(folder, monkeypatch):
    monkeypatch.setattr(PrivateFile.objects, "create", lambda **fields: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kept()
    assert not everything_in(folder)


# --- links -----------------------------------------------------------------------------------------


def test_the_original_is_only_downloaded(sign_in):
    user = UserFactory()
    answer = sign_in(user).get(files.url(kept(name="对比 图.jpg", by=user), user=user))
    assert answer.status_code == 200
    assert answer.content == JPEG
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%AF%B9")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_the_preview_is_shown_and_is_not_the_original(sign_in):
    user = UserFactory()
    answer = sign_in(user).get(files.url(kept(JPEG + b"<script>"), user=user, preview=True))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "inline"
    assert b"<script>" not in answer.content


def test_a_link_opens_for_nobody_else(client, sign_in):
    link = files.url(kept(), user=UserFactory())
    unknown = sign_in(UserFactory()).get("/files/unknown")
    stranger = sign_in(UserFactory()).get(link)
    assert stranger.status_code == unknown.status_code == 404
    assert client.get(link).status_code == 404


def test_a_changed_link_opens_nothing(sign_in):
    user = UserFactory()
    link = files.url(kept(), user=user)
    assert sign_in(user).get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404


def test_a_link_ends_after_some_minutes(sign_in, stopped):
    user = UserFactory()
    client, link = sign_in(user), files.url(kept(), user=user)
    stopped.advance(minutes=10)
    assert client.get(link).status_code == 200
    stopped.advance(minutes=6)
    assert client.get(link).status_code == 404


def test_pages_shown_one_after_the_other_share_a_link(stopped):
    user, file = UserFactory(), kept()
    first = files.url(file, user=user)
    stopped.advance(seconds=30)
    assert files.url(file, user=user) == first


@pytest.mark.parametrize("purpose", [FilePurpose.IDENTITY, FilePurpose.LICENCE])
@pytest.mark.parametrize("preview", [True, False])
def test_each_look_at_a_personal_paper_is_in_the_ledger(sign_in, purpose, preview):
    user, file = UserFactory(), kept(purpose=purpose)
    answer = sign_in(user).get(files.url(file, user=user, preview=preview))
    assert "no-store" in answer["Cache-Control"]
    entry = LedgerEntry.objects.get(kind="file.seen")
    assert (entry.subject, entry.actor, entry.payload) == (file.public_id, user.public_id, {"preview": preview})


@pytest.mark.parametrize("purpose", [FilePurpose.ORIGINAL, FilePurpose.CAMERA])
def test_taking_the_bytes_of_a_camera_is_in_the_ledger_and_looking_at_the_picture_is_not(sign_in, purpose):
    user, file = UserFactory(), kept(purpose=FilePurpose.PICTURE)
    file.purpose = purpose
    file.save(update_fields=["purpose"])
    browser = sign_in(user)
    assert browser.get(files.url(file, user=user, preview=True)).status_code == 200
    assert not LedgerEntry.objects.filter(kind="file.seen").exists()
    assert "no-store" in browser.get(files.url(file, user=user))["Cache-Control"]
    assert LedgerEntry.objects.get(kind="file.seen").subject == file.public_id


def test_looking_at_evidence_leaves_no_entry(sign_in):
    user = UserFactory()
    sign_in(user).get(files.url(kept(), user=user))
    assert not LedgerEntry.objects.filter(kind="file.seen").exists()


def test_templates_link_for_the_person_who_looks(rf, sign_in):
    user, file, paper = UserFactory(), kept(), kept(PDF, "paper.pdf")
    request = rf.get("/")
    request.user = user
    template = Template("{% load files %}{% file_url file %} {% preview_url file %} [{% preview_url paper %}]")
    original, preview, none = template.render(Context({"request": request, "file": file, "paper": paper})).split()
    client = sign_in(user)
    assert client.get(original)["Content-Disposition"].startswith("attachment")
    assert client.get(preview)["Content-Disposition"] == "inline"
    assert none == "[]"


# --- tidying up --------------------------------------------------------------------------------------


def age(folder) -> None:
    yesterday = time.time() - 25 * 3600
    for path in folder.rglob("*"):
        os.utime(path, (yesterday, yesterday))


def test_bytes_that_no_row_names_go_after_a_day(folder):
    attached = kept(organisation=OrganisationFactory())
    OrganisationDocument.objects.create(organisation=attached.organisation, file=attached)
    orphan = default_storage.save("private/zz/fil_zz", ContentFile(b"left by a crash"))
    assert files.sweep_orphans() == 0
    age(folder)
    assert files.sweep_orphans() == 1
    assert not default_storage.exists(orphan)
    assert files.read(attached) == JPEG
    assert files.read_preview(attached)


def test_a_file_that_nobody_attached_to_anything_goes_after_a_day(folder, stopped):
    user = member()
    forgotten = kept(by=user, organisation=user.organisation)
    attached = kept(by=user, organisation=user.organisation)
    OrganisationDocument.objects.create(organisation=user.organisation, file=attached)
    age(folder)
    stopped.advance(hours=23)
    assert files.sweep_orphans() == 0
    stopped.advance(hours=2)
    assert files.sweep_orphans() == 2
    assert list(PrivateFile.objects.all()) == [attached]
    assert not PrivateFile.objects.filter(pk=forgotten.pk).exists()
    assert files.read(attached) == JPEG


def test_files_of_a_draft_stay(folder, stopped):
    from complaints.models import Draft

    user = member()
    draft = Draft.objects.create(organisation=user.organisation, created_by=user)
    draft.files.add(kept(by=user, organisation=user.organisation))
    age(folder)
    stopped.advance(days=3)
    assert files.sweep_orphans() == 0
    assert draft.files.count() == 1


def test_an_empty_storage_has_nothing_to_sweep():
    assert files.sweep_orphans() == 0
