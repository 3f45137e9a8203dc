"""Every test begins with empty indexes: those of the last one stand for rows that are gone."""

import pytest
from django.conf import settings

from imageguard import index
from marketplace import pictures
from tests.imageguard.helpers import Web, a_merchant


@pytest.fixture(autouse=True)
def empty_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    index.forget()
    yield
    index.forget()


@pytest.fixture
def owner():
    """Somebody of the merchant whose images a test is about."""
    return a_merchant()


@pytest.fixture
def browser(owner, sign_in):
    return sign_in(owner)


@pytest.fixture
def web(monkeypatch):
    """`web.put(url, picture)`: what the watch finds under an address. Nothing is fetched from anywhere else."""
    made = Web()
    monkeypatch.setattr(pictures, "fetch_picture", made.fetch)
    return made
