"""Every test begins with empty indexes: those of the last one stand for rows that are gone."""

import pytest
from django.conf import settings

from imageguard import index
from marketplace import pictures
from tests.imageguard.helpers import Web


@pytest.fixture(autouse=True)
def empty_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    index.forget()
    yield
    index.forget()


@pytest.fixture
def web(monkeypatch):
    """`web.put(url, picture)`: what the watch finds under an address. Nothing is fetched from anywhere else."""
    made = Web()
    monkeypatch.setattr(pictures, "fetch_picture", made.fetch)
    return made
