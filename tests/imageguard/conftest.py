"""Every test begins with empty indexes: those of the last one stand for rows that are gone."""

import pytest
from django.conf import settings

from imageguard import index


@pytest.fixture(autouse=True)
def empty_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    index.forget()
    yield
    index.forget()
