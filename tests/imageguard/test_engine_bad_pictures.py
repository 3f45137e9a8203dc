"""Whatever picture comes, the engine answers or refuses with a reason; it never fails in another way."""

import numpy as np
import pytest
from PIL import Image

from imageguard.engine import Engine, MemorySource, NotDistinctive, Reason, fingerprint
from tests.imageguard import pictures
from tests.imageguard.pictures import goods


def a_gradient() -> Image.Image:
    return Image.fromarray(np.tile(np.linspace(0, 255, 500, dtype=np.uint8), (500, 1)))


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (Image.new("RGB", (500, 500), (30, 90, 200)), Reason.FLAT),
        (a_gradient(), Reason.FLAT),
        (pictures.page_of_text(), Reason.TEXT),
        (Image.new("RGB", (1, 1)), Reason.SMALL),
        (Image.new("RGB", (1, 5000)), Reason.SMALL),
        (Image.new("RGB", (5000, 3)), Reason.SMALL),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pictures_without_content_are_refused_with_the_reason(picture: Image.Image, reason: Reason) -> None:
    with pytest.raises(NotDistinctive) as refused:
        fingerprint(picture)
    assert refused.value.reason is reason


def sixteen_bits(picture: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)


def floating(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture.convert("L")).astype(np.float32) / 255
    values[0, 0] = np.nan
    return Image.fromarray(values)


def see_through(picture: Image.Image) -> Image.Image:
    copy = picture.convert("RGBA")
    copy.putalpha(Image.new("L", copy.size, 255))
    return copy


@pytest.fixture(scope="module")
def shop() -> Engine:
    source = MemorySource()
    source.put("it", fingerprint(goods("watch", ground="marble")).to_bytes())
    return Engine(source)


@pytest.mark.parametrize(
    "mode",
    [
        lambda p: p.convert("CMYK"), lambda p: p.convert("P"), lambda p: p.convert("L"), lambda p: p.convert("LAB"),
        lambda p: p.convert("YCbCr"), lambda p: p.convert("HSV"), lambda p: p.convert("I"), sixteen_bits, floating,
        see_through, lambda p: p.resize((4000, 4000)),
    ],
)  # fmt: skip
def test_a_picture_is_found_in_every_mode(shop, mode) -> None:  # type: ignore[no-untyped-def]
    assert [hit.id for hit in shop.find(mode(goods("watch", ground="marble")))] == ["it"]


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (17, 17), (3000, 20)])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_odd_pictures_find_nothing_and_do_no_harm(shop: Engine, size: tuple[int, int], mode: str) -> None:
    assert shop.find(Image.new(mode, size)) == []


def test_noise_is_answered(shop: Engine) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (600, 800, 3), dtype=np.uint8))
    assert shop.find(noise) == []


@pytest.mark.parametrize("size", [(1, 1), (5000, 3), (500, 500)])
def test_odd_pictures_are_explained_as_nothing(shop: Engine, size: tuple[int, int]) -> None:
    assert shop.explain(goods("watch", ground="marble"), Image.new("RGB", size)).score == 0.0
    assert shop.explain(Image.new("RGB", size), goods("watch", ground="marble")).score == 0.0
