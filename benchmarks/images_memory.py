"""The most memory that a worker of the queue `images` ever holds while it looks at hostile images.

    python -m benchmarks.images_memory

Each is handed to the look as the marketplace's word: bombs of pixels, large files, animations, lying and truncated ones,
in every format that is taken. Told is the peak of the worker itself: of what is hostile it holds bytes alone, at most
ten megabytes each and eight at once. They are decoded in a child of their own (`core/imaging.py`), which ends with its
picture and may have one gigabyte; what comes back is at most 1024 pixels wide and high.
"""

import io
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.setting import ROOT, begin, installation, tell

TARGET_MB = 1024


def main() -> int:
    with installation("sqlite") as env, tempfile.TemporaryDirectory(prefix="ippro-hostile-") as folder:
        # Drawn by another process: what that needs is nothing that the worker holds.
        drawn = subprocess.call([sys.executable, "-m", __spec__.name, "--draw", folder], cwd=ROOT, env=env)
        return drawn or subprocess.call([sys.executable, "-m", __spec__.name, "--here", folder], cwd=ROOT, env=env)


def draw(folder: Path) -> int:
    begin()
    for n, (name, content) in enumerate(hostile()):
        (folder / f"{n:02} {name.replace('/', ' ')}").write_bytes(content)
    return 0


def hostile() -> Iterator[tuple[str, bytes]]:
    """Images that somebody might make to bring a worker down."""
    import numpy as np
    from django.conf import settings
    from PIL import Image

    noise = np.random.default_rng(1)

    def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        picture.save(out, kind, **options)
        return out.getvalue()

    def noisy(width: int, height: int, mode: str = "RGB") -> Image.Image:
        cell = noise.integers(0, 255, (max(1, height // 8), max(1, width // 8), len(mode)), np.uint8)
        return Image.fromarray(cell, mode).resize((width, height))

    yield "a photo of 2 megapixels", saved(noisy(1600, 1250), "JPEG", quality=85)
    yield "just under 40 megapixels, JPEG", saved(noisy(7300, 5400), "JPEG", quality=60)
    yield "just under 40 megapixels, progressive", saved(noisy(7300, 5400), "JPEG", quality=50, progressive=True)
    yield "just under 40 megapixels, PNG with alpha", saved(Image.new("RGBA", (7300, 5400), (9, 9, 9, 9)), "PNG")
    yield "just under 40 megapixels, WebP with alpha", saved(Image.new("RGBA", (7300, 5400), (9, 9, 9, 9)), "WEBP")
    yield "just under 40 megapixels, CMYK", saved(Image.new("CMYK", (7300, 5400), (9, 9, 9, 9)), "JPEG")
    yield "169 megapixels in a small PNG", saved(Image.new("L", (13000, 13000)), "PNG")
    yield "30,000 × 30,000 said, nothing there", _png_that_says(30000, 30000)
    yield "a line of 1 × 40,000,000", _png_that_says(1, 40_000_000)
    yield "40,000 × 999, long and thin", saved(Image.new("RGB", (40000, 999), "red"), "PNG")
    frames = [Image.new("P", (1000, 1000), n) for n in range(255)]
    yield "an animation of 255 frames", saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "16 bits a channel", saved(Image.fromarray(noise.integers(0, 65535, (3000, 3000), np.uint16)), "PNG")
    whole = saved(noisy(7300, 5400), "JPEG", quality=60)
    yield "truncated in the middle", whole[: len(whole) // 2]
    yield "10 MiB of nothing behind a picture", (whole[:100_000] + bytes(settings.MAX_UPLOAD_BYTES))[:10_485_760]
    yield "a text of PNG that unfolds to 200 MB", _png_with_text(200_000_000)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_that_says(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(1000)))


def _png_with_text(length: int) -> bytes:
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(length)))
    rows = zlib.compress(b"".join(b"\0" + bytes(192) for _n in range(64)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + text + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def here(folder: Path) -> int:
    begin()
    from core import clock
    from core.fetch import Fetched
    from imageguard import watching
    from imageguard.models import Appearance, Match, SeenImage
    from marketplace import pictures
    from tests.factories import ListingFactory
    from tests.imageguard.helpers import a_picture, an_edit, as_jpeg, certified

    certified()
    (folder / "99 a copy of an original").write_bytes(as_jpeg(an_edit(a_picture(), "collage")))
    files = {f"https://img.example/{file.name[:2]}": file for file in sorted(folder.iterdir())}
    listing = ListingFactory()
    for n, url in enumerate(files):
        image = SeenImage.objects.create(
            marketplace=listing.marketplace, url=url, url_hash=str(n), due_at=clock.now(), first_seen_at=clock.now()
        )
        Appearance.objects.create(image=image, target=listing, position=n)
    pictures.fetch_picture = lambda url, **limits: Fetched(files[url].read_bytes(), url)
    before, began = _peak(), time.perf_counter()
    while watching.look_due():
        pass
    seconds = time.perf_counter() - began
    for image in SeenImage.objects.order_by("pk"):
        what = "looked at" if image.looked_at else f"given up: {image.last_error}"
        print(f"  {files[image.url].name[3:]}: {what}", file=sys.stderr)
    worker = _peak()
    waiting = SeenImage.objects.filter(due_at__isnull=False).count()
    return tell(
        __spec__.name, images=len(files), matches=Match.objects.count(), seconds=round(seconds, 1), before_mb=before,
        worker_peak_mb=worker, target_mb=TARGET_MB,
        still_waiting=waiting, passed=worker < TARGET_MB and not waiting,
    )  # fmt: skip


def _peak() -> int:
    """The most memory that was resident, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    _here = {"--draw": draw, "--here": here}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    sys.exit(_here(Path(sys.argv[2])) if _here else main())
