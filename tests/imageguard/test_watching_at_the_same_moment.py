"""Two at the same moment: one match for one image, and of two copies that are registered together at least one waits."""

import pytest

from imageguard import seeing, services, watching
from imageguard.models import Appearance, Match, Original, SeenImage
from tests.at_once import at_once
from tests.factories import MarketplaceFactory
from tests.imageguard.helpers import a_listing, a_picture, an_edit, as_jpeg, certified, registered, told

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_two_workers_on_one_image_write_one_match():
    certified()
    a_listing()
    image, content = SeenImage.objects.get(), as_jpeg(an_edit(a_picture(), "mirror"))
    at_once(*[lambda: watching.look_at(SeenImage.objects.get(pk=image.pk), content)] * 3)
    assert Match.objects.count() == 1


@pytest.mark.parametrize("again", range(3))
def test_of_two_copies_registered_together_at_least_one_is_in_conflict(again):
    first, second = registered(), registered(an_edit(a_picture(), "banner"))
    at_once(*[lambda o=o: services.check(Original.objects.get(pk=o.pk)) for o in (first, second)])
    states = sorted(Original.objects.values_list("state", flat=True))
    assert states in (["certified", "in_conflict"], ["in_conflict", "in_conflict"])


def test_two_workers_check_one_original_once():
    original = registered()
    at_once(*[lambda: services.check(Original.objects.get(pk=original.pk))] * 2)
    original.refresh_from_db()
    assert original.is_certified


def test_targets_that_share_addresses_in_other_orders_do_not_wait_for_each_other():
    mall = MarketplaceFactory(slug="mall")
    urls = [f"https://mall.example/{n}.jpg" for n in range(40)]
    targets = [told(mall, str(n), images=[]) for n in range(4)]
    for n, target in enumerate(targets):
        target.images = urls[::-1] if n % 2 else urls
        target.save()
    at_once(*[lambda t=t: seeing.see_target(t.public_id) for t in targets for _n in range(2)])
    assert SeenImage.objects.count() == 40
    assert Appearance.objects.count() == 160
