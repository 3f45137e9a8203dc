from collections import Counter

from stdnum import isbn
from stdnum.cn import uscc

from seeds.world import build_world


def test_the_same_seed_gives_the_same_world():
    assert build_world(seed=7) == build_world(seed=7)
    assert build_world(seed=7) != build_world(seed=8)


def test_the_world_has_something_of_everything():
    world = build_world()
    kinds = Counter(o.kind for o in world.organisations)
    assert kinds["rights_holder"] >= 12
    assert kinds["agency"] == 2
    assert kinds["merchant"] >= 15
    assert len(world.shops) == 72
    assert len(world.videos()) == 40
    assert len(world.livestreams()) == 20
    assert 2380 <= len(world.listings()) <= 2500
    assert {s for item in world.items for s in item.scenes} == {
        "product_page", "mall", "supermarket", "search", "video", "livestream",
    }  # fmt: skip
    assert {r.kind for r in world.rights} == {
        "trademark", "copyright_work", "copyright_software", "patent_invention", "patent_utility", "patent_design",
        "geographical_indication", "publishing",
    }  # fmt: skip


def test_numbers_carry_valid_check_characters():
    world = build_world()
    codes = [o.uscc for o in world.organisations if o.country == "CN"]
    assert all(uscc.is_valid(code) for code in codes)
    assert len(set(codes)) == len(codes)
    assert all(isbn.is_valid(r.number) for r in world.rights if r.kind == "publishing")
    numbers = [r.number for r in world.rights]
    assert len(set(numbers)) == len(numbers)


def test_no_two_pictures_share_a_recipe_or_a_name():
    pictures = build_world().marketplace_pictures()
    assert len({p.name for p in pictures}) == len(pictures)
    recipes = Counter((p.kind, p.shot, p.edit, p.seed, p.shots, p.words) for p in pictures)
    assert max(recipes.values()) == 1


def test_the_book_market_has_honest_sellers_and_pirates_apart():
    world = build_world()
    pirates = {i.shop.name for i in world.listings("pirated_book") if i.shop.external_id.startswith("s25")}
    honest = {i.shop.name for i in world.listings("resale", "compatible", "unrelated")}
    assert len(pirates) == 10
    assert not pirates & honest
    titles = [i.title for i in world.listings("pirated_book")]
    assert any("\u200b" in title for title in titles)
    assert any("·" in title for title in titles)


def test_scale_enlarges_what_is_sold_and_leaves_the_companies():
    small, large = build_world(scale=0.2), build_world(scale=2)
    assert len(large.items) > 5 * len(small.items)
    assert len(large.organisations) == len(small.organisations)
    assert len({i.external_id for i in large.items}) == len(large.items)
