"""Pictures for the tests of the engine: drawn goods, and what thieves make of them."""

from functools import cache
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageDraw

from seeds.pictures import Look, Shot, product

COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#7d3c98", "#b9770e", "#2c3e50")


@cache
def goods(family: str, *, seed: int = 1, ground: str = "studio", hue: str = "#dfe7ef") -> Image.Image:
    look = Look(main=COLOURS[seed % 6], accent=COLOURS[(seed + 2) % 6], word="Lumo", sign="star", seed=seed)
    return product(Shot(family, look, ground=ground, hue=hue, seed=seed)).convert("RGB")


def uploaded(picture: Image.Image, quality: int = 80) -> Image.Image:
    """As it comes back from a marketplace."""
    held = BytesIO()
    picture.convert("RGB").save(held, "JPEG", quality=quality)
    return Image.open(held)


def mirrored(picture: Image.Image) -> Image.Image:
    return uploaded(
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).crop((20, 30, picture.width - 40, picture.height - 10))
    )


def cropped(picture: Image.Image) -> Image.Image:
    w, h = picture.size
    return uploaded(picture.crop((int(w * 0.12), int(h * 0.08), int(w * 0.9), int(h * 0.85))))


def bannered(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    draw = ImageDraw.Draw(copy)
    draw.rectangle((0, 0, copy.width, copy.height // 5), fill=(210, 30, 40))
    draw.text((copy.width // 3, copy.height // 12), "SALE 50 %", fill=(255, 240, 120), font_size=copy.height // 14)
    return uploaded(copy)


def in_collage(picture: Image.Image, *others: Image.Image) -> Image.Image:
    sheet = Image.new("RGB", (800, 800), "white")
    for cell, one in enumerate((others[0], picture, *others[1:])):
        sheet.paste(one.resize((396, 396)), (404 * (cell % 2), 404 * (cell // 2)))
    return uploaded(sheet)


def in_template(picture: Image.Image, price: str) -> Image.Image:
    """A shop's frame with its title and badges around a product on white."""
    sheet = Image.new("RGB", (720, 720), (40, 120, 190))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, 720, 110), fill=(120, 200, 90))
    draw.text((60, 24), "LUMO FLAGSHIP STORE", fill=(255, 255, 255), font_size=54)
    draw.rounded_rectangle((40, 140, 680, 600), 30, fill=(255, 255, 255))
    sheet.paste(picture.resize((400, 400)), (160, 170))
    for n, words in enumerate(("7 days", "free post", "genuine", "in stock")):
        draw.ellipse((50 + 170 * n, 620, 110 + 170 * n, 680), fill=(240, 220, 90))
        draw.text((56 + 170 * n, 684), words, fill=(255, 255, 255), font_size=26)
    draw.ellipse((560, 470, 700, 610), fill=(220, 30, 40))
    draw.text((580, 510), price, fill=(255, 255, 255), font_size=48)
    return uploaded(sheet, 92)


@cache
def photographed_ground(seed: int = 1) -> Image.Image:
    """Soft blotches of many sizes in uneven light, as a photograph of moss or cloth has them."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((640, 640, 3), np.float32)
    for cells, weight in ((5, 70), (14, 45), (40, 30), (110, 18)):
        picture += weight * cv2.resize(rng.normal(size=(cells, cells, 3)).astype(np.float32), (640, 640))
    return Image.fromarray(np.clip(picture + 125, 0, 255).astype(np.uint8))


def pasted_on(
    ground: Image.Image, picture: Image.Image, *, share: float = 0.55, at: tuple[float, float] = (0.5, 0.5)
) -> Image.Image:
    """The middle of a picture, cut out and pasted onto a photographed ground; `at`: where in the room that is left."""
    side = int(ground.width * share)
    thing = picture.resize((side, side)).convert("L").convert("RGB")
    thing = Image.blend(
        thing, photographed_ground(7 + sum(picture.resize((1, 1)).getpixel((0, 0)))).resize(thing.size), 0.3
    )
    outline = Image.new("L", thing.size, 0)
    ImageDraw.Draw(outline).ellipse((0, 0, side - 1, side - 1), fill=255)
    sheet = ground.copy()
    sheet.paste(thing, (int((ground.width - side) * at[0]), int((ground.height - side) * at[1])), outline)
    return uploaded(sheet, 90)


def page_of_text() -> Image.Image:
    page = Image.new("RGB", (600, 600), "white")
    draw = ImageDraw.Draw(page)
    for line in range(14):
        draw.text(
            (40, 30 + 40 * line), "Please read before you buy: sizes may differ by two", fill="black", font_size=22
        )
    return page
