"""Edited copies are found, other pictures are not accused, and what was done is named."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance

from imageguard.engine import Edit, Engine, Fingerprint, MemorySource, Tier, Verdict, fingerprint, score, thresholds
from tests.imageguard import pictures
from tests.imageguard.pictures import goods

FAMILIES = ("sneaker", "handbag", "headphones", "watch", "bricks")
GROUNDS = ("studio", "table", "festival", "marble", "shelf")


def register(engine: Engine, source: MemorySource, id: str, picture: Image.Image) -> None:
    made = engine.register(id, picture)
    source.put(id, made.fingerprint.to_bytes(), made.mask.to_bytes())
    for other, mask in made.changed_masks.items():
        source.set_mask(other, mask.to_bytes())


@pytest.fixture(scope="module")
def shop() -> Engine:
    source = MemorySource()
    engine = Engine(source)
    for family, ground in zip(FAMILIES, GROUNDS, strict=True):
        register(engine, source, family, goods(family, ground=ground))
    return engine


def turned(picture: Image.Image) -> Image.Image:
    return pictures.uploaded(picture.rotate(11, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255)))


def recoloured(picture: Image.Image) -> Image.Image:
    return pictures.uploaded(ImageEnhance.Contrast(ImageEnhance.Color(picture).enhance(0.2)).enhance(1.4))


@pytest.mark.parametrize("family", ["sneaker", "headphones"])
@pytest.mark.parametrize(
    "edit", [pictures.uploaded, pictures.mirrored, pictures.cropped, pictures.bannered, turned, recoloured]
)
def test_an_edited_copy_is_found(shop: Engine, family: str, edit: Callable[[Image.Image], Image.Image]) -> None:
    copy = edit(goods(family, ground=GROUNDS[FAMILIES.index(family)]))
    hits = shop.find(copy)
    assert [(hit.id, hit.tier) for hit in hits if hit.tier is Tier.AUTOMATIC] == [(family, Tier.AUTOMATIC)]
    assert hits[0].score >= 0.5
    assert hits[0].mirrored == (edit is pictures.mirrored)


def test_every_original_in_a_collage_is_found(shop: Engine) -> None:
    sheet = pictures.in_collage(*(goods(f, ground=g) for f, g in list(zip(FAMILIES, GROUNDS, strict=True))[:3]))
    assert {hit.id for hit in shop.find(sheet) if hit.tier is Tier.AUTOMATIC} == set(FAMILIES[:3])


def test_the_search_widens_while_all_it_looked_at_lie_on_the_picture(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thresholds, "CANDIDATES", 1)
    sheet = pictures.in_collage(*(goods(f, ground=g) for f, g in list(zip(FAMILIES, GROUNDS, strict=True))[:3]))
    assert {hit.id for hit in shop.find(sheet, thorough=True)} == set(FAMILIES[:3])


@pytest.mark.parametrize("family", ["lipstick", "hoodie", "book", "jar"])
def test_another_article_on_a_ground_that_is_registered_is_no_copy(shop: Engine, family: str) -> None:
    assert [h for h in shop.find(goods(family, ground="studio", seed=3)) if h.tier is Tier.AUTOMATIC] == []


def test_what_is_left_out_is_not_found(shop: Engine) -> None:
    copy = pictures.cropped(goods("watch", ground="marble"))
    assert [hit.id for hit in shop.find(copy)][:1] == ["watch"]
    assert shop.find(copy, leave_out={"watch"}) == []


def test_two_products_in_one_template_are_not_copies_of_each_other() -> None:
    source = MemorySource()
    engine = Engine(source)
    register(engine, source, "first", pictures.in_template(goods("sneaker"), "59"))
    other = pictures.in_template(goods("handbag", ground="table"), "89")
    assert [h for h in engine.find(other) if h.tier is Tier.AUTOMATIC] == []
    register(engine, source, "second", other)
    third = pictures.in_template(goods("watch", ground="sky"), "19")
    assert [h for h in engine.find(third) if h.tier is Tier.AUTOMATIC] == []
    copy = pictures.mirrored(pictures.in_template(goods("sneaker"), "59"))
    assert engine.find(copy)[0].id == "first"
    assert engine.find(copy)[0].tier is Tier.AUTOMATIC


def test_other_goods_on_one_photographed_ground_are_for_a_person_to_judge_and_mask_the_ground() -> None:
    source = MemorySource()
    engine = Engine(source)
    ground = pictures.photographed_ground()
    first, other, third = (pictures.pasted_on(ground, goods(f)) for f in ("sneaker", "handbag", "bricks"))
    register(engine, source, "first", first)
    assert {h.tier for h in engine.find(other)} == {Tier.REVIEW}
    assert [h for h in engine.find(ground) if h.tier is Tier.AUTOMATIC] == []
    made = engine.register("second", other)
    assert made.mask
    assert set(made.changed_masks) == {"first"}
    register(engine, source, "second", other)
    assert engine.find(third) == []
    for copy in (first, pictures.mirrored(first), pictures.cropped(first), pictures.bannered(first)):
        assert [(h.id, h.tier) for h in engine.find(copy)][:1] == [("first", Tier.AUTOMATIC)]


def test_the_bare_ground_is_no_copy_of_a_small_thing_on_it() -> None:
    source = MemorySource()
    engine = Engine(source)
    ground = pictures.photographed_ground()
    original = pictures.pasted_on(ground, goods("sneaker"), share=0.3, at=(0.25, 0.12))
    register(engine, source, "original", original)
    assert [(hit.id, hit.tier) for hit in engine.find(ground)] == [("original", Tier.REVIEW)]
    for copy in (pictures.mirrored(original), pictures.cropped(original), pictures.bannered(original)):
        assert [(hit.id, hit.tier) for hit in engine.find(copy)] == [("original", Tier.AUTOMATIC)]


@pytest.mark.parametrize(("own", "share"), [(1.0, 0.06), (0.5, 0.12), (0.2, 0.2)])
def test_an_area_counts_as_a_share_of_what_there_is_to_see_and_nobody_shares(own: float, share: float) -> None:
    assert score.area_of_own({"area": 0.06, "own": own}) == pytest.approx(share)


@pytest.mark.parametrize(
    ("drift", "tone", "detail", "heart", "is_sure"),
    [
        (0.8, 1.2, 0.64, 1.0, False),
        (0.8, 0.3, 0.64, 1.0, True),
        (0.15, 1.2, 0.64, 1.0, True),
        (0.8, 1.2, 0.86, 1.0, True),
        (0.8, 1.2, 0.86, 0.7, False),
    ],
    ids=[
        "camera and light moved", "the camera alone", "the light alone", "as alike in what is finest", "but not in the middle",
    ],
)  # fmt: skip
def test_a_photo_taken_after_the_camera_and_the_light_moved_is_for_a_person(
    drift: float, tone: float, detail: float, heart: float, is_sure: bool
) -> None:
    """The other parts are those of two photos of one heap of pears."""
    parts = {
        "area": 0.88,
        "soft": 0.58,
        "contradiction": 0.0,
        "foreign": 0.0,
        "gone": 0.0,
        "likeness": 0.86,
        "agreement": 0.9,
    }
    parts |= {"unshared": 1.0, "own": 1.0, "uncovered": 0.9, "shared": 1.0, "middle": 1.0}
    parts |= {"drift": drift, "tone": tone, "detail": detail, "heart": heart}
    assert (score.tier(score.of_parts(parts)) is Tier.AUTOMATIC) == is_sure


@pytest.mark.parametrize(
    ("agreement", "uncovered", "shared", "is_ground_alone"),
    [(0.8, 0.8, 1.0, False), (0.7, 0.7, 1.0, True), (0.6, 0.98, 1.0, False), (0.44, 0.98, 1.0, True), (0.44, 0.5, 0.05, False)],
    ids=["most agrees", "too little does", "stickers hide the rest", "they hide too much", "the ground was replaced"],
)  # fmt: skip
def test_of_a_mostly_shared_original_the_rest_must_agree(
    agreement: float, uncovered: float, shared: float, is_ground_alone: bool
) -> None:
    parts = {"unshared": 0.27, "agreement": agreement, "uncovered": uncovered, "shared": shared}
    assert score.is_ground_alone({**parts, "foreign": 0.0, "gone": 0.0, "heart": 1.0}) == is_ground_alone


@pytest.mark.parametrize(("uncovered", "tone", "is_sure"), [(0.36, 1.8, False), (0.36, 0.3, True), (0.9, 1.8, True)])
def test_a_package_held_before_another_shelf_is_for_a_person(uncovered: float, tone: float, is_sure: bool) -> None:
    """The other parts are those of two photos of one carton of juice."""
    parts = {
        "area": 0.35,
        "unshared": 1.0,
        "own": 1.0,
        "agreement": 0.36,
        "uncovered": uncovered,
        "shared": 1.0,
        "middle": 0.69,
    }
    parts |= {"contradiction": 0.07, "drift": 0.1, "tone": tone, "soft": 0.5, "likeness": 0.92, "detail": 0.92}
    parts |= {"foreign": 0.0, "gone": 0.0, "heart": 0.6}
    assert (score.tier(score.of_parts(parts)) is Tier.AUTOMATIC) == is_sure


def test_what_originals_share_is_masked_but_a_copy_masks_nothing() -> None:
    source = MemorySource()
    engine = Engine(source)
    first = pictures.in_template(goods("sneaker"), "59")
    register(engine, source, "first", first)
    made = engine.register("second", pictures.in_template(goods("handbag", ground="table"), "89"))
    assert made.mask
    assert set(made.changed_masks) == {"first"}
    again = engine.register("again", pictures.cropped(first))
    assert [hit.id for hit in again.hits][:1] == ["first"]
    assert not again.mask
    assert again.changed_masks == {}


def test_the_same_picture_registered_twice_is_found_twice() -> None:
    source = MemorySource()
    engine = Engine(source)
    for id in ("one", "two"):
        register(engine, source, id, goods("handbag", ground="table"))
    assert {hit.id for hit in engine.find(pictures.cropped(goods("handbag", ground="table")))} == {"one", "two"}
    assert {hit.id for hit in engine.find(pictures.uploaded(goods("handbag", ground="table")))} == {"one", "two"}


def test_a_fingerprint_survives_being_stored() -> None:
    made = fingerprint(goods("bricks"))
    again = Fingerprint.from_bytes(made.to_bytes())
    assert again.to_bytes() == made.to_bytes()
    assert len(made.to_bytes()) < 18_000


def test_a_fingerprint_can_be_looked_up_like_a_picture(shop: Engine) -> None:
    listing = fingerprint(pictures.cropped(goods("headphones", ground="festival")))
    assert [hit.id for hit in shop.find(listing)][:1] == ["headphones"]


def test_an_explanation_shows_and_names_what_was_done(shop: Engine) -> None:
    original = goods("sneaker")
    told = shop.explain(original, pictures.mirrored(original))
    assert told.verdict is Verdict.COPY
    assert told.mirrored
    assert {Edit.MIRRORED, Edit.CROPPED} <= set(told.edits)
    assert told.warped.size == told.overlay.size == told.original.size
    assert told.side_by_side.width > told.original.width
    assert all(isinstance(value, float) for value in told.parts.values())


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (pictures.bannered, Edit.OVERLAID),
        (turned, Edit.ROTATED),
        (recoloured, Edit.GREYSCALE),
        (pictures.uploaded, Edit.RE_ENCODED),
        (lambda p: p.resize((300, 300)), Edit.RESIZED),
        (lambda p: pictures.in_collage(p, goods("watch", ground="sky"), goods("jar", ground="shelf")), Edit.IN_COLLAGE),
    ],
)
def test_edits_have_stable_codes(shop: Engine, edit: Callable[[Image.Image], Image.Image], code: Edit) -> None:
    original = goods("headphones", ground="festival")
    assert code in shop.explain(original, edit(original)).edits


def test_pictures_with_nothing_in_common_are_explained_as_such(shop: Engine) -> None:
    told = shop.explain(goods("sneaker"), goods("jar", ground="sky"))
    assert told.verdict is Verdict.NOTHING_FOUND
    assert told.score < 0.25
