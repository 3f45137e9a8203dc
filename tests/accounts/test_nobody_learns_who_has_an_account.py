"""An address that has an account costs as much work as one that has none, so that the time of an answer tells
nothing. Passwords are hashed to be slow: what is counted is how often that happens.
"""

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.test import Client

from accounts.models import User
from core.models import Letter
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "quite a long password 7"
KNOWN, UNKNOWN = "known@example.com", "unknown@example.com"


@pytest.fixture
def known():
    user = UserFactory(email=KNOWN)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def work(monkeypatch):
    """`work(address, data)` posts to a page of the account and says how often a password was hashed for it."""
    hashed = []
    encode = ScryptPasswordHasher.encode

    def counted(self, *args, **kwargs):
        hashed.append(1)
        return encode(self, *args, **kwargs)

    monkeypatch.setattr(ScryptPasswordHasher, "encode", counted)

    def worked(path, data):
        hashed.clear()
        assert Client().post(path, data).status_code in (200, 302)
        return len(hashed)

    return worked


def test_signing_up_hashes_as_often_for_a_known_address(known, work):
    times = [work("/account/signup/", {"email": who, "password1": NEW, "password2": NEW}) for who in (KNOWN, UNKNOWN)]
    assert times[0] == times[1] > 0
    known.refresh_from_db()
    assert known.check_password(PASSWORD)
    assert User.objects.count() == 2


def test_signing_in_hashes_as_often_for_a_known_address(known, work):
    times = [work("/account/login/", {"login": who, "password": "wrong"}) for who in (KNOWN, UNKNOWN)]
    assert times[0] == times[1] > 0


def test_a_forgotten_password_hashes_nothing_and_owes_one_letter_to_either(known, work):
    assert [work("/account/password/reset/", {"email": who}) for who in (KNOWN, UNKNOWN)] == [0, 0]
    assert sorted(letter.to for letter in Letter.objects.all()) == [KNOWN, UNKNOWN]
