"""`manage.py import_catalogue` mirrors what is there, marks what is gone, and may be run again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace import catalogue
from marketplace.connectors.base import TransientError
from marketplace.ingest import ingest
from marketplace.models import Marketplace, ReceivedEvent, Target, TargetVersion

pytestmark = pytest.mark.django_db


class Shelf:
    """The edge: a marketplace whose catalogue is a list, which may break off."""

    def __init__(self):
        self.events = []
        self.breaks_after = None
        self.closed = 0

    def put(self, external_id, **data):
        self.events.append({"type": "listing.upserted", "data": {"external_id": external_id, **data}})

    def catalogue(self):
        for number, event in enumerate(self.events):
            if number == self.breaks_after:
                raise TransientError("the connection was lost")
            yield event

    def close(self):
        self.closed += 1


@pytest.fixture
def mall(db):
    return Marketplace.objects.create(slug="mall", name="Mall", connector="demo")


@pytest.fixture
def shelf(monkeypatch):
    shelf = Shelf()
    monkeypatch.setattr(catalogue, "open_connector", lambda marketplace: shelf)
    monkeypatch.setattr(catalogue, "BATCH", 2)
    return shelf


def run(**options):
    out, err = StringIO(), StringIO()
    call_command("import_catalogue", marketplace="mall", stdout=out, stderr=err, **options)
    return out.getvalue() + err.getvalue()


def states():
    return dict(Target.objects.order_by("external_id").values_list("external_id", "observed"))


def test_everything_is_mirrored_with_progress(mall, shelf):
    for number in range(5):
        shelf.put(str(number), title=f"Shoe {number}", state="up")
    words = run()
    assert set(states().values()) == {"up"}
    assert "2 read" in words
    assert "Read 5; 0 are gone" in words
    assert shelf.closed == 1
    assert not ReceivedEvent.objects.exists()


def test_a_second_run_changes_nothing(mall, shelf):
    shelf.put("1", title="Shoe")
    run()
    run()
    assert TargetVersion.objects.count() == 1


def test_what_is_no_longer_there_is_gone_and_may_come_back(mall, shelf):
    shelf.put("1", title="Shoe", state="up")
    shelf.put("2", title="Boot", state="up")
    run()
    kept = shelf.events.pop()
    assert "1 are gone" in run()
    assert states() == {"1": "up", "2": "missing"}
    shelf.events.append(kept)
    run()
    assert states() == {"1": "up", "2": "up"}


def test_an_import_that_breaks_off_marks_nothing_as_gone_and_goes_on_later(mall, shelf):
    for number in range(5):
        shelf.put(str(number), title=f"Shoe {number}", state="up")
    run()
    shelf.put("5", title="Shoe 5", state="up")
    shelf.breaks_after = 3
    with pytest.raises(CommandError, match="connection was lost"):
        run()
    assert set(states().values()) == {"up"}
    shelf.breaks_after = None
    run()
    assert len(states()) == 6


def test_an_empty_catalogue_is_not_believed(mall, shelf):
    ingest(
        marketplace=mall,
        events=[
            {
                "id": "e1",
                "type": "listing.upserted",
                "occurred_at": "2026-03-02T12:00:00Z",
                "data": {"external_id": "1", "state": "up"},
            }
        ],
    )
    with pytest.raises(CommandError, match="--allow-empty"):
        run()
    assert states() == {"1": "up"}
    run(allow_empty=True)
    assert states() == {"1": "missing"}


def test_another_marketplace_is_left_alone(mall, shelf):
    other = Marketplace.objects.create(slug="other", name="Other", connector="demo")
    Target.objects.create(marketplace=other, kind="listing", external_id="9")
    shelf.put("1")
    run()
    assert states()["9"] == "up"


def test_what_is_broken_is_named(mall, shelf):
    shelf.put("1", title="Shoe")
    shelf.put("2", price="cheap")
    words = run()
    assert "rejected listing:2: price" in words
    assert "1 applied, 1 rejected" in words


def test_an_unknown_marketplace_is_named_with_those_that_exist(mall):
    with pytest.raises(CommandError, match="Connected are: mall"):
        call_command("import_catalogue", marketplace="mal")
