"""Encryption at rest, and writing everything anew under a new key."""

from io import BytesIO, StringIO

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from PIL import Image

from accounts.models import User
from core import crypto, files, rotation
from core.models import PrivateFile
from tests.factories import OrganisationFactory, UserFactory, second_factor

pytestmark = pytest.mark.django_db
OLD, NEW = "an old secret of the installation", "a new secret of the installation"


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SECRET_KEYS = [OLD]
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    return settings


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG")
    return out.getvalue()


def stored(user: User) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


def rotate(**options) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


def test_what_is_encrypted_differs_each_time_and_comes_back():
    assert crypto.encrypt(b"Zhang San") != crypto.encrypt(b"Zhang San")
    assert crypto.decrypt(crypto.encrypt(b"Zhang San")) == b"Zhang San"


def test_what_was_changed_is_not_opened():
    token = bytearray(crypto.encrypt(b"Zhang San"))
    token[20] ^= 1
    with pytest.raises(InvalidToken):
        crypto.decrypt(bytes(token))


def test_a_name_stands_encrypted_in_the_database_and_is_not_searched_for():
    user = UserFactory(name="Zhang San")
    assert "Zhang" not in stored(user)
    assert User.objects.get(pk=user.pk).name == "Zhang San"
    assert not User.objects.filter(name__isnull=True).exists()
    with pytest.raises(Exception, match="exact"):
        list(User.objects.filter(name="Zhang San"))


def test_without_its_key_a_text_says_what_is_missing(keys):
    user = UserFactory(name="Zhang San")
    keys.SECRET_KEYS = [NEW]
    with pytest.raises(ValueError, match="is a key missing from IPPRO_SECRET_KEYS"):
        User.objects.get(pk=user.pk)


def test_after_a_rotation_the_old_key_is_not_needed(keys):
    user = UserFactory(name="Zhang San")
    organisation = OrganisationFactory(contact_phone="138 0000 0000")
    file = files.keep(upload=ContentFile(jpeg()), purpose="licence", by=user, name="执照.jpg")
    keys.SECRET_KEYS = [NEW, OLD]
    assert "files written anew, 0 unreadable" in rotate(batch=1)
    keys.SECRET_KEYS = [NEW]
    assert User.objects.get(pk=user.pk).name == "Zhang San"
    organisation.refresh_from_db()
    assert organisation.contact_phone == "138 0000 0000"
    file = PrivateFile.objects.get(pk=file.pk)
    assert file.name == "执照.jpg"
    assert files.read(file) == jpeg()
    assert Image.open(BytesIO(files.read_preview(file))).size == (20, 20)
    assert len(default_storage.listdir(f"private/{file.public_id[-2:]}")[1]) == 2


def test_second_factors_work_under_the_new_key(keys):
    user = UserFactory()
    secret = second_factor(user)
    keys.SECRET_KEYS = [NEW, OLD]
    assert "Second factors: 1 of 1 written anew" in rotate()
    assert "Second factors: 0 of 1 written anew" in rotate()
    keys.SECRET_KEYS = [NEW]
    assert get_adapter().decrypt(Authenticator.objects.get(user=user).data["secret"]) == secret
    keys.SECRET_KEYS = ["a third one"]
    with pytest.raises(CommandError, match="opened by no key"):
        rotate()


def test_a_second_run_finds_nothing_to_do(keys):
    user = UserFactory(name="Zhang San")
    files.keep(upload=ContentFile(jpeg()), purpose="licence", by=user)
    keys.SECRET_KEYS = [NEW, OLD]
    rotate()
    before = stored(user)
    assert rotate().splitlines()[-1].startswith("0 of ")
    assert stored(user) == before


def test_what_somebody_writes_meanwhile_stays(keys, monkeypatch):
    user = UserFactory(name="Zhang San")
    keys.SECRET_KEYS = [NEW, OLD]
    read = rotation._rows

    def read_then_change(model, *args, **kwargs):
        rows = read(model, *args, **kwargs)
        if model is User and rows:
            User.objects.filter(pk=user.pk).update(name="Li Si")
        return rows

    monkeypatch.setattr(rotation, "_rows", read_then_change)
    rotate()
    assert User.objects.get(pk=user.pk).name == "Li Si"


def test_what_no_key_opens_is_named_and_the_command_fails(keys):
    lost = UserFactory(name="Zhang San")
    keys.SECRET_KEYS = [NEW]
    found = UserFactory(name="Li Si")
    file = files.keep(upload=ContentFile(jpeg()), purpose="licence", by=None)
    default_storage.delete(file.storage_key)
    out = StringIO()
    with pytest.raises(CommandError, match="opened by no key"):
        call_command("rotate_keys", stdout=out)
    assert f"accounts.User {lost.pk}: name is opened by no key" in out.getvalue()
    assert file.public_id in out.getvalue()
    assert "Zhang" not in out.getvalue()
    assert User.objects.get(pk=found.pk).name == "Li Si"
