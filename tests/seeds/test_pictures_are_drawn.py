from io import BytesIO

import pytest
from PIL import Image

from seeds import gallery
from seeds.pictures import EDITS, FAMILIES, Look, Shot, jpeg, pirated, product
from seeds.world import build_world

LOOK = Look("#3b4a6b", "#f4d35e", "Kivorro", "swift", "奇沃锐", 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_gives_a_photograph_of_modest_size(family):
    data = jpeg(product(Shot(family, LOOK, "podium", seed=2, price="199")))
    assert Image.open(BytesIO(data)).size == (800, 800)
    assert 10_000 < len(data) < 120_000


def test_a_picture_is_the_same_every_time_and_another_seed_gives_another():
    shot = Shot("watch", LOOK, "window", seed=3)
    assert product(shot).tobytes() == product(shot).tobytes()
    assert product(shot).tobytes() != product(Shot("watch", LOOK, "window", seed=4)).tobytes()


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_changes_the_picture_and_keeps_its_size(edit):
    original = product(Shot("sneaker", LOOK, seed=1))
    copy = pirated(original, edit, seed=5)
    assert copy.size == original.size
    assert copy.tobytes() != original.tobytes()


def test_every_kind_of_picture_in_the_world_can_be_drawn_once(tmp_path):
    world = build_world(scale=0.1)
    everything = world.marketplace_pictures() + [o.licence for o in world.organisations]
    everything += [p for r in world.rights for p in (r.certificate, *r.pictures)]
    one_of_each = list({p.kind: p for p in everything}.values())
    assert {p.kind for p in one_of_each} >= {
        "product",
        "pirated",
        "video",
        "livestream",
        "avatar",
        "logo",
        "certificate",
        "licence",
        "cover",
    }
    assert gallery.draw_into(tmp_path, one_of_each) == len(one_of_each)
    assert gallery.draw_into(tmp_path, one_of_each) == 0


def test_what_the_mall_shows_is_drawn_when_somebody_looks_at_it(tmp_path):
    world = build_world(scale=0.1)
    folder = gallery.folder_of(world, world.marketplace_pictures(), inside=tmp_path)
    shown = world.shops[0].avatar
    assert not (folder / shown.name).exists()
    assert gallery.named(folder, shown.name) == folder / shown.name
    assert (folder / shown.name).read_bytes() == gallery.made(shown)
    assert gallery.named(folder, "no-such-picture.jpg") is None
    assert gallery.named(tmp_path, shown.name) is None
