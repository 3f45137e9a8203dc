"""What copyists do to other people's pictures, so that the demo's stolen listings show edited copies."""

import random

from PIL import Image, ImageEnhance, ImageOps

from seeds.pictures.drawing import SIZE, Art, grain, rect
from seeds.pictures.scenes import corner_flag, price_flag

EDITS = ("mirror", "crop", "banner", "recolour", "watermark", "collage", "rotate", "screenshot")


def pirated(picture: Image.Image, kind: str, *, seed: int = 0, other: Image.Image | None = None) -> Image.Image:
    """An edited copy of a picture. KeyError for an unknown kind of edit."""
    rng = random.Random(f"{kind}{seed}")
    match kind:
        case "mirror":
            copy = ImageOps.mirror(picture)
            copy = ImageEnhance.Brightness(copy).enhance(rng.uniform(0.94, 1.08))
        case "crop":
            w, h = picture.size
            share = rng.uniform(0.08, 0.16)
            left, top = rng.uniform(0.3, 1) * share, rng.uniform(0.3, 1) * share
            copy = picture.crop((int(w * left), int(h * top), int(w * (1 - share)), int(h * (1 - share)))).resize((w, h), Image.Resampling.BILINEAR)  # fmt: skip
        case "banner":
            art = Art(base=picture)
            colour = rng.choice(["#e3172e", "#ff7a00", "#1c8a3c", "#1746c7"])
            y = rng.choice([0, 760])
            art.part(rect(0, y, 1000, y + 130), colour, alpha=0.94)
            words = rng.choice(["厂家直销 假一赔十", "源头工厂 一件代发", "特价清仓 最后一天", "同款平替 半价到手"])
            art.text(words, (500, y + 65), 78, "#fff6c8", bold=1.6, fit=940)
            copy = art.image
        case "recolour":
            hue, s, v = picture.convert("HSV").split()
            turn = rng.choice([20, 38, 214, 236])
            copy = Image.merge("HSV", (hue.point([(i + turn) % 256 for i in range(256)]), s, v)).convert("RGB")
            copy = ImageEnhance.Contrast(copy).enhance(1.08)
        case "watermark":
            art = Art(base=picture)
            words = rng.choice(["品质好货铺", "工厂店实拍", "小美优选", "正品代购"])
            for x in (180, 520, 860):
                for y in (150, 430, 710):
                    art.text(words, (x, y + (x % 3) * 30), 50, "#ffffff", turn=28, alpha=0.42)
            copy = art.image
        case "collage":
            back = other or ImageOps.mirror(picture)
            copy = Image.new("RGB", (SIZE, SIZE), "white")
            copy.paste(picture.resize((524, 800), box=(138, 0, 662, 800)), (0, 0))
            copy.paste(back.resize((268, 396)), (532, 0))
            copy.paste(picture.resize((268, 396), box=(250, 250, 560, 708)), (532, 404))
        case "rotate":
            copy = picture.rotate(rng.choice([-9, -6, 5, 8]), Image.Resampling.BILINEAR, fillcolor=(236, 234, 230))
            copy = copy.crop((56, 56, 744, 744)).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
        case "screenshot":
            copy = Image.new("RGB", (SIZE, SIZE), "#f4f4f6")
            copy.paste(picture.resize((700, 700)), (50, 60))
            art = Art(base=copy)
            art.text("9:41", (70, 36), 34, "#222222", anchor="l")
            art.text("5G   87%", (930, 36), 28, "#222222", anchor="r")
            corner = rng.choice(["已售 10万+", "热卖爆款", "回头客 3000+"])
            art.part(rect(62, 888, 560, 976, 20), "#ffffff")
            art.text(corner, (90, 932), 42, "#e3172e", anchor="l", bold=0.5)
            copy = art.image
        case _:
            raise KeyError(kind)
    copy = copy.convert("RGB")
    if rng.random() < 0.4 and kind not in ("banner", "screenshot"):
        art = Art(base=copy)
        if rng.random() < 0.5:
            price_flag(art, str(rng.choice([19, 29, 39, 59, 88, 99])), word="秒杀价")
        else:
            corner_flag(art, rng.choice(["爆款", "高品质", "同款", "特卖"]))
        copy = art.image.convert("RGB")
    noise = Image.merge("RGB", [grain(seed % 5 + 11)] * 3)
    return Image.blend(copy, noise, 0.025)
