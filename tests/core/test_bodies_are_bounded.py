"""A form with files is refused by the length that it announces, before a byte of it is written anywhere."""

import io
import json

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from core.bodies import most_bytes
from imageguard import intake
from tests.factories import member
from tests.imageguard.helpers import a_merchant

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def no_files_are_written(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", refuse)


@pytest.fixture
def announce():
    """`announce(path, bytes)`: a form with a file of this length is announced; its body would be as long."""

    def sent(path, length, client=None, **headers):
        return (client or Client()).request(
            REQUEST_METHOD="POST", PATH_INFO=path, CONTENT_TYPE="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(length), **{"wsgi.input": io.BytesIO(b"--x")}, **headers,
        )  # fmt: skip

    return sent


@pytest.mark.parametrize("path", ["/protected/", "/account/login/", "/complaints/new/", "/"])
def test_a_form_longer_than_its_address_takes_is_refused_with_the_limit(announce, path):
    answer = announce(path, 300 * MIB)
    assert answer.status_code == 413
    assert "are taken here at once" in answer.content.decode()


def test_a_real_upload_that_is_too_large_makes_no_temporary_file():
    large = SimpleUploadedFile("a.jpg", b"x" * (settings.MAX_UPLOAD_BYTES + 3 * MIB))
    answer = Client().post("/protected/", {"file": large})
    assert answer.status_code == 413
    answer = Client().post(reverse("account_login"), {"file": SimpleUploadedFile("a.jpg", b"x" * 3 * MIB)})
    assert answer.status_code == 413, "nobody signs in with a file"


def test_programs_are_told_in_their_form(announce):
    answer = announce("/api/v1/protected-images", 20 * MIB)
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(answer.content)["code"] == "too_large"
    by = a_merchant()
    client = Client()
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/originals/intakes/{intake.begin_intake(by=by).public_id}/files/"
    answer = announce(path, 30 * MIB, client, HTTP_ACCEPT="application/json")
    assert "are taken here at once" in json.loads(answer.content)["message"]


@pytest.mark.parametrize(("path", "mib"), [
    ("/originals/register/begin/", 200), ("/originals/ori_x/camera/", 80), ("/originals/intakes/int_x/files/", 25),
    ("/complaints/new/", 200), ("/api/v1/intakes/zip", 200), ("/api/v1/originals", 25), ("/api/v1/intakes/int_x/files", 25), ("/api/v1/evidence", 10),
    ("/api/v1/complaints", 0), ("/complaints/", 200),
])  # fmt: skip
def test_each_address_takes_what_it_is_for(rf, path, mib):
    request = rf.post(path)
    request.user = member()
    request.resolver_match = resolve(path)
    assert most_bytes(request, request.resolver_match.func) == (mib + 2) * MIB


def test_every_address_that_is_named_exists():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for space, (_prefix, resolver) in get_resolver().namespace_dict.items():
        names |= {f"{space}:{name}" for name in resolver.reverse_dict if isinstance(name, str)}
    assert set(settings.UPLOADS) <= names


def test_a_body_in_chunks_without_a_length_is_refused_and_nothing_of_it_is_read():
    client = Client()
    unread = io.BytesIO(b"x" * 100)
    answer = client.request(
        REQUEST_METHOD="POST", PATH_INFO="/protected/", CONTENT_TYPE="multipart/form-data; boundary=x",
        HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": unread},
    )  # fmt: skip
    assert answer.status_code == 411
    assert unread.tell() == 0


def test_what_fits_is_taken_as_before():
    client = Client()
    client.force_login(member(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/complaints/new/", {"evidence": SimpleUploadedFile("a.png", b"x")})
    assert answer.status_code != 413
