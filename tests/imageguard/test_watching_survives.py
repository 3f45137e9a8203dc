"""Killed anywhere, delivered twice, fed poison: each image ends with one look's worth of matches, and stops no other."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from core import clock, obligations
from core.models import OutboxMessage
from core.tasks import drain_outbox
from imageguard import index, services, watching
from imageguard.models import Collection, Conflict, Fingerprint, Match, Original, SeenImage
from ippro.wiring import CONSUMERS
from tests.factories import MarketplaceFactory
from tests.imageguard.helpers import a_merchant, a_picture, an_edit, certified, checked, registered, told, watch

pytestmark = pytest.mark.django_db
STOLEN = "https://mall.example/img/1.jpg"


class Killed(BaseException):
    """The worker is gone: nothing in it runs any more."""


@pytest.fixture
def mall():
    return MarketplaceFactory(slug="mall")


@pytest.fixture
def stolen(web):
    return web.put(STOLEN, an_edit(a_picture(), "mirror"))


def die_at(monkeypatch, where, *, after=False):
    """The next call of `where` kills the worker, before or after it did its work; the one after that works."""
    module, name = where.rsplit(".", 1)
    from django.utils.module_loading import import_string

    owner = import_string(module) if "." in module else __import__(module)
    real = getattr(owner, name)
    state = {"alive": True}

    def mortal(*args, **kwargs):
        if not state["alive"]:
            return real(*args, **kwargs)
        state["alive"] = False
        if after:
            real(*args, **kwargs)
        raise Killed()

    monkeypatch.setattr(owner, name, mortal)


LOOK_STEPS = [
    ("imageguard.watching.pictures.fetch_all", False),
    ("imageguard.watching.imaging.decode", False),
    ("imageguard.watching._remember", False),
    ("imageguard.watching._remember", True),
    ("imageguard.watching._kept", True),
    ("imageguard.watching._write_matches", False),
    ("imageguard.watching._write_matches", True),
    ("imageguard.watching.publish", True),
]


@pytest.mark.parametrize(("where", "after"), LOOK_STEPS)
def test_a_worker_that_dies_while_it_looks_leaves_exactly_one_match_to_the_next(
    mall, stolen, stopped, monkeypatch, where, after
):
    certified()
    told(mall, images=[stolen])
    die_at(monkeypatch, where, after=after)
    with pytest.raises(Killed):
        watching.look_due()
    assert watching.look_due() == 0, "its lease still runs"
    stopped.advance(seconds=watching.LEASE.total_seconds() + 1)
    watch()
    image = SeenImage.objects.get()
    assert (Match.objects.count(), image.due_at, image.dead_at) == (1, None, None)
    owed = OutboxMessage.objects.filter(event="match.confirmed", subject=Match.objects.get().public_id)
    assert owed.count() == len(CONSUMERS["match.confirmed"])
    assert index.engine(Collection.MARKET).find(a_picture()) != []


CHECK_STEPS = [
    ("imageguard.services._fingerprint", False),
    ("imageguard.services._fingerprint", True),
    ("imageguard.services._compare", False),
    ("imageguard.services._alike", True),
    ("imageguard.services._decide", True),
    ("imageguard.services._compare", True),
    ("imageguard.services._search_market", False),
    ("imageguard.services._search_market", True),
]


@pytest.mark.parametrize(("where", "after"), CHECK_STEPS)
def test_a_worker_that_dies_while_it_checks_leaves_one_certificate_and_one_search(
    mall, stolen, stopped, monkeypatch, where, after
):
    by = a_merchant()
    own = told(mall, images=[stolen])
    own.seller.operator = by.organisation
    own.seller.save()
    watch()
    original = registered(by=by)
    die_at(monkeypatch, where, after=after)
    with pytest.raises(Killed):
        services.check_due()
    stopped.advance(seconds=services.LEASE.total_seconds() + 1)
    checked(original)
    assert (original.state, original.due_at) == ("certified", None)
    assert Fingerprint.objects.filter(collection=Collection.ORIGINALS).count() == 1
    assert OutboxMessage.objects.filter(event="original.certified").count() == len(CONSUMERS["original.certified"])
    assert original.market_searched_at is not None


@pytest.fixture
def overtaken_by(monkeypatch):
    """Each search is overtaken by the fingerprint of another original; returns how many searches there were."""

    def arm(other):
        searches = []
        really = services._alike

        def overtaken(original, *looked_up):
            found = really(original, *looked_up)
            searches.append(original.pk)
            row = Fingerprint.objects.get(subject=other.public_id)
            index.put(collection=row.collection, subject=row.subject, data=row.data, mask=row.mask)
            return found

        monkeypatch.setattr(services, "_alike", overtaken)
        return searches

    return arm


def test_an_original_that_earlier_ones_overtake_again_and_again_waits_for_them(stopped, overtaken_by, monkeypatch):
    earlier = certified(a_picture(3, "jar"))
    original = registered()
    really = services._alike
    searches = overtaken_by(earlier)
    services.check_due()
    original.refresh_from_db()
    assert (original.state, len(searches)) == ("checked", services.SEARCHES)
    assert original.due_at > clock.now()
    assert "waits for them" in original.last_error
    monkeypatch.setattr(services, "_alike", really)
    stopped.advance(seconds=5)
    assert checked(original).is_certified


def test_who_was_registered_later_overtakes_nobody(overtaken_by):
    original = registered()
    later = registered(a_picture(3, "jar"))
    services._fingerprint(later)
    searches = overtaken_by(later)
    services.check(original)
    original.refresh_from_db()
    assert (original.state, searches) == ("certified", [original.pk])


def test_poison_stops_no_other_and_is_given_up_visibly(mall, web, stopped, monkeypatch):
    certified()
    web.put("https://mall.example/poison.jpg", a_picture(3, "jar"))
    web.put(STOLEN, an_edit(a_picture(), "mirror"))
    told(mall, images=["https://mall.example/poison.jpg", STOLEN])
    real = watching.look_at

    def choke(image, content):
        if "poison" in image.url:
            raise MemoryError("too much")
        return real(image, content)

    monkeypatch.setattr(watching, "look_at", choke)
    watching.look_due()
    assert Match.objects.count() == 1
    for _n in range(obligations.MAX_ATTEMPTS):
        stopped.advance(hours=2)
        watching.look_due()
    poison = SeenImage.objects.get(url__contains="poison")
    assert (poison.due_at, poison.attempts) == (None, obligations.MAX_ATTEMPTS)
    assert "MemoryError" in poison.last_error
    assert poison.dead_at is not None


def test_an_image_that_kills_its_worker_every_time_takes_no_neighbour_with_it(mall, web, stopped, monkeypatch):
    urls = [web.put(f"https://mall.example/{n}.jpg", a_picture(n)) for n in range(6)]
    told(mall, images=urls)
    poison = SeenImage.objects.get(url=urls[0])
    real = watching.look_at

    def deadly(image, content):
        if image.pk == poison.pk:
            raise Killed()
        return real(image, content)

    monkeypatch.setattr(watching, "look_at", deadly)
    for _n in range(obligations.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            watching.look_due()
        stopped.advance(seconds=watching.LEASE.total_seconds() + 1)
    assert watching.look_due() == 0
    poison.refresh_from_db()
    assert poison.dead_at is not None
    assert poison.last_error.startswith(obligations.NEVER_ENDED)
    assert SeenImage.objects.filter(done_at__isnull=False).count() == 5
    assert not SeenImage.objects.exclude(pk=poison.pk).filter(dead_at__isnull=False).exists()


def test_a_worker_that_is_told_to_stop_stops_and_the_image_is_looked_at_again(mall, stolen, stopped, monkeypatch):
    told(mall, images=[stolen])

    def slow(*args, **kwargs):
        raise SoftTimeLimitExceeded()

    monkeypatch.setattr(watching, "look_at", slow)
    with pytest.raises(SoftTimeLimitExceeded):
        watching.look_due()
    assert SeenImage.objects.get().due_at is not None
    monkeypatch.undo()


def test_events_that_are_delivered_twice_change_nothing(mall, stolen):
    original = certified()
    told(mall, images=[stolen])
    watch()
    OutboxMessage.objects.update(due_at="2020-01-01T00:00Z", done_at=None, leased_until=None)
    drain_outbox()
    watch()
    checked(original)
    assert (Match.objects.count(), SeenImage.objects.count(), Conflict.objects.count()) == (1, 1, 0)


def test_what_becomes_due_while_it_is_looked_at_is_looked_at_once_more(mall, stolen, monkeypatch):
    """A new original searches the market in the moment between a look's search and its end."""
    told(mall, images=[stolen])
    real = watching._write_matches

    def meanwhile(*args):
        monkeypatch.setattr(watching, "_write_matches", real)
        watching.owe_look(SeenImage.objects.all())
        return real(*args)

    monkeypatch.setattr(watching, "_write_matches", meanwhile)
    watching.look_due()
    assert SeenImage.objects.get().due_at is not None
    assert watching.look_due() == 1


def test_a_new_original_finds_what_was_looked_at_before_it_was_certified(mall, stolen, stopped):
    """Whichever comes first, fingerprint of the image or certificate: the copy is found."""
    by = a_merchant()
    original = registered(by=by)
    told(mall, images=[stolen])
    watch()
    assert not Match.objects.exists()
    stopped.advance(minutes=1)
    checked(original)
    watch()
    assert Match.objects.count() == 1
    assert Original.objects.get().is_certified


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"\x00" * 500, b"GIF89a\xff\xff\xff\xff"]
)
def test_what_is_no_picture_is_given_up_at_once_with_the_reason(mall, web, content):
    web.put(STOLEN, content)
    told(mall, images=[STOLEN])
    watch()
    image = SeenImage.objects.get()
    assert image.dead_at is not None
    assert image.last_error


def test_a_picture_without_anything_in_it_matches_nothing(mall, web):
    from PIL import Image

    certified()
    web.put(STOLEN, Image.new("RGB", (500, 500), "white"))
    told(mall, images=[STOLEN])
    watch()
    assert SeenImage.objects.get().done_at is not None
    assert not Match.objects.exists()
    assert not Fingerprint.objects.filter(collection=Collection.MARKET).exists()


def test_own_pictures_again_are_recognised_although_they_were_saved_anew():
    from tests.imageguard.helpers import an_upload, as_jpeg

    by = a_merchant()
    first = certified(by=by)
    again = services.register_original(upload=an_upload(as_jpeg(a_picture(), 60)), by=by)
    checked(again)
    assert (again.state, again.refusal, again.same_as) == ("refused", "own_again", first)
