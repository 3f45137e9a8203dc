"""The index is made of the rows: lost, behind or ahead of them, it is made anew; `manage.py rebuild_image_index` does it."""

import shutil
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from imageguard import index
from imageguard.models import Collection, Fingerprint
from imageguard.tasks import tidy_indexes
from tests.imageguard.helpers import a_picture, certified

pytestmark = pytest.mark.django_db
ORIGINALS = Collection.ORIGINALS


def found(picture):
    return [hit.id for hit in index.engine(ORIGINALS).find(picture, thorough=True)]


def rebuilt(*args):
    out = StringIO()
    call_command("rebuild_image_index", *args, stdout=out)
    return out.getvalue()


def test_a_folder_that_was_lost_is_made_anew_by_the_next_search():
    original = certified()
    shutil.rmtree(settings.DATA_DIR / "imageguard")
    index.forget()
    assert found(a_picture()) == [original.public_id]


def test_the_command_says_how_far_it_is_and_what_it_holds():
    original = certified()
    said = rebuilt()
    assert "originals: 1 fingerprints in the database" in said
    assert "originals: 1 of 1 read" in said
    assert "originals: the index is made anew and holds 1 pictures." in said
    assert "market: the index is made anew and holds 0 pictures." in said
    assert found(a_picture()) == [original.public_id]
    assert "market" not in rebuilt("--only", "originals")


def test_an_index_ahead_of_a_restored_database_is_noticed_and_made_anew(caplog):
    """A backup is restored: the numbers that the index has seen are given out again, to other pictures."""
    kept, lost = certified(a_picture(0, "sneaker")), certified(a_picture(3, "jar"))
    rebuilt()
    Fingerprint.objects.filter(subject=lost.public_id).delete()
    index.forget()
    assert found(a_picture(3, "jar")) == []
    assert "made anew" in caplog.text
    assert found(a_picture(0, "sneaker")) == [kept.public_id]
    # The next picture gets a number that the old index took for its own.
    row = Fingerprint.objects.get(subject=kept.public_id)
    Fingerprint.objects.create(
        collection=ORIGINALS, subject="ori_new", sequence=row.sequence + 1, data=row.data, mask=b""
    )
    assert "ori_new" in found(a_picture(0, "sneaker"))


def test_a_busy_index_is_said_and_left(monkeypatch):
    certified()
    rebuilt()
    fcntl = pytest.importorskip("fcntl")
    with (index.folder_of(ORIGINALS) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="another process is writing"):
            rebuilt("--only", "originals")


def test_tidying_writes_anew_only_what_is_worth_it():
    first, second = certified(a_picture(0, "sneaker")), certified(a_picture(3, "jar"))
    rebuilt()
    before = set(index.folder_of(ORIGINALS).glob("*.segment"))
    tidy_indexes()
    assert set(index.folder_of(ORIGINALS).glob("*.segment")) == before
    from django.db import transaction

    with transaction.atomic():
        index.take_away(collection=ORIGINALS, subject=second.public_id)
    assert index.tidy() == ["originals"]
    assert set(index.folder_of(ORIGINALS).glob("*.segment")) != before
    assert found(a_picture(0, "sneaker")) == [first.public_id]
    assert index.tidy() == []
