"""Draws the demo world's pictures, each when somebody first looks at it, and keeps them in a folder.

The folder says of which world its pictures are; its name carries a digest of what is drawn and how, so that an upgrade
draws anew.
"""

import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image

from seeds import pictures
from seeds.world import World, build_world
from seeds.world.things import Picture

#: of which world the pictures of a folder are: its seed and its scale
WORLD = "world.json"

TITLES = {
    "trademark": ("商标注册证", "TRADEMARK REGISTRATION · DEMO", "演示商标局"),
    "copyright_work": ("作品登记证书", "REGISTRATION OF A WORK · DEMO", "演示版权登记中心"),
    "copyright_software": ("软件著作权登记证", "SOFTWARE COPYRIGHT · DEMO", "演示版权登记中心"),
    "patent_invention": ("发明专利证书", "PATENT FOR INVENTION · DEMO", "演示专利局"),
    "patent_utility": ("实用新型专利证书", "UTILITY MODEL · DEMO", "演示专利局"),
    "patent_design": ("外观设计专利证书", "DESIGN PATENT · DEMO", "演示专利局"),
    "geographical_indication": ("地理标志登记证书", "GEOGRAPHICAL INDICATION · DEMO", "演示地标办公室"),
    "publishing": ("图书出版权证明", "PUBLISHING RIGHT · DEMO", "演示出版管理处"),
}


def folder_of(world: World, wanted: Sequence[Picture], *, inside: Path) -> Path:
    """The folder of this world's pictures, of which all are `wanted`, made if it is not there."""
    folder = inside / _version(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / WORLD
    if not said.exists():
        _keep(said, json.dumps({"seed": world.seed, "scale": world.scale}).encode())
    return folder


def _version(wanted: Sequence[Picture]) -> str:
    """A digest of the recipes and of the code that draws them."""
    here = Path(__file__).resolve().parent
    sources = [Path(__file__), *sorted((here / "pictures").glob("*.py"))]
    drawn_how = hashlib.sha256(b"".join(p.read_bytes() for p in sources))
    drawn_how.update(repr(wanted).encode())
    return drawn_how.hexdigest()[:12]


@lru_cache(maxsize=2)
def recipes(folder: Path) -> Mapping[str, Picture]:
    """What the marketplace of this folder's world shows, by the names of the files; nothing where no world is said."""
    said = folder / WORLD
    if not said.exists():
        return {}
    return {picture.name: picture for picture in build_world(**json.loads(said.read_text())).marketplace_pictures()}


def named(folder: Path, name: str) -> Path | None:
    """The file of this name, drawn now if nobody looked at it before; None if the marketplace shows no such picture."""
    recipe = recipes(folder).get(name)
    return None if recipe is None else _there(folder, recipe)


def read(folder: Path, picture: Picture) -> bytes:
    """The file of this picture, drawn now if it is not there yet."""
    return _there(folder, picture).read_bytes()


def _there(folder: Path, picture: Picture) -> Path:
    path = folder / picture.name
    if not path.is_file():
        _write((str(folder), picture))
    return path


def draw(picture: Picture) -> Image.Image:
    """One picture, from its recipe."""
    words: dict[str, Any] = dict(picture.words)
    match picture.kind:
        case "product":
            return pictures.product(_shot(picture))
        case "pirated":
            return pictures.pirated(pictures.product(_shot(picture)), picture.edit, seed=picture.seed)
        case "video":
            return pictures.video_cover(_shot(picture), title=words["title"], length=words["length"])
        case "livestream":
            return pictures.livestream_cover(picture.shots, **words)
        case "avatar":
            return pictures.avatar(seed=picture.seed, **words)
        case "logo":
            return pictures.logo(**words).image.convert("RGB")
        case "cover":
            flat = pictures.cover(_shot(picture).look).image
            return flat.crop((0, 0, 496, 704)).convert("RGB")
        case "licence":
            return pictures.business_licence(**words)
        case "certificate":
            title, subtitle, issuer = TITLES[words["right"]]
            rows = [
                ("权利人", words["owner"]),
                ("名称", words["title"]),
                ("有效期", f"{words['start']} 至 {words['until']}"),
            ]
            if words["nice"]:
                rows.append(("核定类别", f"第 {words['nice']} 类"))
            return pictures.certificate(
                title=title, subtitle=subtitle, number=f"第 {words['number']} 号", rows=rows, issuer=issuer,
                picture=draw(words["picture"]),
            )  # fmt: skip
    raise KeyError(picture.kind)


def _shot(picture: Picture) -> pictures.Shot:
    if picture.shot is None:
        raise ValueError(f"{picture.name} has nothing to show")
    return picture.shot


def draw_into(folder: Path, wanted: Sequence[Picture]) -> int:
    """Draw those of these pictures that the folder lacks, on all processors; returns how many were drawn."""
    there = set(os.listdir(folder))
    missing = [p for p in {p.name: p for p in wanted}.values() if p.name not in there]
    # Alike ones together: a process draws each ground and each article once.
    missing.sort(key=lambda p: (p.kind, p.shot.family if p.shot else "", repr(p.shot.look) if p.shot else "", p.name))
    workers = processors()
    if len(missing) < 20 or workers == 1:
        for picture in missing:
            _write((str(folder), picture))
        return len(missing)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(_write, [(str(folder), p) for p in missing], chunksize=16))
    return len(missing)


def processors() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1), 8)


def made(picture: Picture) -> bytes:
    """The file of one picture."""
    return pictures.jpeg(draw(picture), 88 if picture.kind in ("certificate", "licence") else 84)


def _write(job: tuple[str, Picture]) -> None:
    folder, picture = job
    _keep(Path(folder) / picture.name, made(picture))


def _keep(path: Path, content: bytes) -> None:
    """Each file appears under its name only when it is whole, whoever else writes the same at this moment."""
    partial = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    partial.write_bytes(content)
    partial.replace(path)
