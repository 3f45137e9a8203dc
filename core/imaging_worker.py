"""The limited worker that decodes pictures. It runs as a script of its own, without Django.

Started once by `core.imaging`, it takes sockets from its standard input and forks a child for each. The
child limits its own memory and time, decodes the one picture that comes through the socket, answers and
dies: a picture that kills it, or takes it over, has met nobody else's. The worker ends when all who hold
the other end of its standard input are gone.
"""

import gc
import json
import os
import resource
import signal
import socket
import sys
from io import BytesIO
from typing import Any

HEIC, DNG = "image/heic", "image/x-adobe-dng"
#: what Pillow may open; pictures of several frames hidden behind JPEG (MPO) come as JPEG and show their first
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
#: programs that change pictures, as they sign themselves in what they write
EDITORS = (
    "Photoshop",
    "Lightroom",
    "Camera Raw",
    "GIMP",
    "Snapseed",
    "PicsArt",
    "VSCO",
    "Pixelmator",
    "Affinity",
    "Capture One",
    "Canva",
    "Meitu",
    "美图",
    "醒图",
    "黄油相机",
    "B612",
    "轻颜",
    "稿定",
    "Facetune",
    "Luminar",
    "darktable",
    "RawTherapee",
    "ACDSee",
    "PhotoScape",
    "Paint.NET",
    "Krita",
    "ImageMagick",
    "Polarr",
    "Darkroom",
    "Topaz",
    "Adobe Firefly",
    "Midjourney",
    "DALL",
    "Stable Diffusion",
)


def serve(requests: socket.socket) -> None:
    # Ctrl-C in a terminal reaches the whole group; this process ends with its owners instead.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
        if not message:
            return
        for descriptor in descriptors:
            with socket.socket(fileno=descriptor) as caller:
                try:
                    child = os.fork()
                except OSError:
                    continue  # The caller sees the end of the socket without an answer.
                if child == 0:
                    requests.close()
                    _answer(caller)


def _answer(caller: socket.socket) -> None:
    """In the child: one picture in, one answer out, and the end."""
    try:
        with caller.makefile("rb") as stream:
            limits = json.loads(stream.readline())
            _limit(limits)
            data = stream.read()
        head, preview = decode(
            data, limits.get("kind"), max_pixels=limits["max_pixels"], preview_px=limits["preview_px"]
        )
        caller.sendall(json.dumps(head).encode() + b"\n" + preview)
    finally:
        os._exit(0)


def _limit(limits: dict[str, Any]) -> None:
    seconds, memory = limits["cpu_seconds"], limits["memory_bytes"]
    signal.alarm(limits["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def decode(data: bytes, kind: str | None = None, *, max_pixels: int, preview_px: int) -> tuple[dict[str, Any], bytes]:
    """What the picture is, and a re-encoded copy of its first frame at most `preview_px` wide and high.

    `kind` is the media type of a camera original; only these may be HEIC or DNG, and only these are asked about
    themselves.
    """
    from PIL import Image

    # The header is looked at before anything is decoded; Pillow's own limit would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture, (width, height) = _opened(data, kind, max_pixels)
        if width * height > max_pixels:
            return {"refused": "pixels", "width": width, "height": height}, b""
        if picture.format in ("JPEG", "MPO"):
            picture.draft("RGB", (preview_px, preview_px))
        picture.load()
        told = {"metadata": metadata(data, picture)} if kind else {}
        turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8) and kind != DNG
        preview, preview_kind = _preview(picture, preview_px)
    except MemoryError:
        return {"refused": "memory"}, b""
    except Exception as failure:
        # Pillow lets through whatever its readers raise: SyntaxError, struct.error, ValueError, …
        return {"refused": "damaged", "failure": type(failure).__name__}, b""
    size = {"width": height if turned else width, "height": width if turned else height}
    return {**size, "preview": preview_kind, **told}, preview


def _preview(picture: Any, preview_px: int) -> tuple[bytes, str]:
    from PIL import Image, ImageOps

    exif = picture.getexif().get(0x0112, 1)
    has_alpha = picture.has_transparency_data
    if picture.mode.startswith(("I", "F")):
        # 16 bits a channel: `convert` would clip instead of scaling.
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((preview_px, preview_px), Image.Resampling.LANCZOS)
    # Whatever was written beside the picture (place, camera, comments) stays behind.
    picture.info = {}
    if exif in range(2, 9):
        picture.info = {"exif": _orientation(exif)}
        picture = ImageOps.exif_transpose(picture)
        picture.info = {}
    out = BytesIO()
    if has_alpha:
        picture.save(out, "PNG")
        return out.getvalue(), "image/png"
    picture.save(out, "JPEG", quality=85)
    return out.getvalue(), "image/jpeg"


def _orientation(value: Any) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


# --- camera originals --------------------------------------------------------------------------------------


def _opened(data: bytes, kind: str | None, max_pixels: int) -> tuple[Any, tuple[int, int]]:
    """The picture, not yet decoded, and its size; of a raw file what the camera made of it, or we do."""
    from PIL import Image

    if kind == DNG:
        return _developed(data, max_pixels)
    formats = FORMATS if kind is None else ("JPEG",)
    if kind == HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
        formats = ("HEIF",)
    picture: Any = Image.open(BytesIO(data), formats=formats)
    return picture, picture.size


def _developed(data: bytes, max_pixels: int) -> tuple[Any, tuple[int, int]]:
    """A DNG: the picture that lies in it if that is large enough to be compared, else the raw values developed."""
    # One thread: each further one would want its share of the limited memory.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    import rawpy
    from PIL import Image

    with rawpy.imread(BytesIO(data)) as raw:
        width, height = raw.sizes.width, raw.sizes.height
        if raw.sizes.flip in (5, 6):
            width, height = height, width
        if width * height > max_pixels:
            return None, (width, height)
        try:
            thumbnail = raw.extract_thumb()
        except rawpy.LibRawError:
            thumbnail = None
        if thumbnail is not None and thumbnail.format == rawpy.ThumbFormat.JPEG:
            shown: Any = Image.open(BytesIO(bytes(thumbnail.data)), formats=("JPEG",))
            if max(shown.size) >= 1000 and shown.width * shown.height <= max_pixels:
                return _turned(shown, raw.sizes.flip), (width, height)
        return Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)), (width, height)


def _turned(shown: Any, flip: int) -> Any:
    """The picture in a raw file as it was seen; `flip` is how LibRaw says that the camera was held."""
    from PIL import Image

    turns = {3: Image.Transpose.ROTATE_180, 5: Image.Transpose.ROTATE_90, 6: Image.Transpose.ROTATE_270}
    says_so_itself = shown.getexif().get(0x0112, 1) != 1
    return shown if says_so_itself or flip not in turns else shown.transpose(turns[flip])


def metadata(data: bytes, picture: Any) -> dict[str, Any]:
    """What a camera original says of itself. Of place and numbers of the device only whether they are there."""
    import exifread

    # Where HEIC keeps it is found by libheif; what it keeps is a TIFF, as in all others.
    block = picture.info.get("exif", b"") if picture.format == "HEIF" else data
    try:
        tags = exifread.process_file(BytesIO(block.removeprefix(b"Exif\0\0")), details=False, extract_thumbnail=False)
    except Exception:
        tags = {}  # What cannot be read is not there.
    said = {name: _words(value) for name, value in tags.items()}
    notes = [str(value) for key, value in picture.info.items() if key in ("xmp", "comment") and value]
    software = " ".join([said.get("Image Software", ""), said.get("Image ProcessingSoftware", ""), *notes])
    return {
        "make": said.get("Image Make", ""),
        "model": said.get("Image Model", ""),
        "lens": said.get("EXIF LensModel", ""),
        "taken_at": said.get("EXIF DateTimeOriginal", ""),
        "taken_offset": said.get("EXIF OffsetTimeOriginal", ""),
        "changed_at": said.get("Image DateTime", ""),
        "width_said": _number(said.get("EXIF ExifImageWidth", "")),
        "height_said": _number(said.get("EXIF ExifImageLength", "")),
        "editors": sorted({editor for editor in EDITORS if editor.lower() in software.lower()}),
        "has_place": any(name.startswith("GPS GPSL") for name in said),
        "has_serial": any(name.endswith(("SerialNumber", "0xC62F")) for name in said),
    }


def _words(value: Any) -> str:
    return "".join(c for c in str(value)[:80] if c.isprintable()).strip()


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 7 else None


def _prepare() -> None:
    """Load all that a child needs, by decoding a picture of our own of each kind: what is loaded here no child loads.

    Loading took a child longer than its picture. What is there now is left out of the collector's rounds, which would
    copy it into each child.
    """
    from PIL import Image, MpoImagePlugin  # noqa: F401

    for kind in FORMATS:
        drawn = BytesIO()
        Image.new("RGB", (8, 8)).save(drawn, kind, exif=_orientation(6))
        decode(drawn.getvalue(), max_pixels=64, preview_px=4)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    _prepare()
    serve(socket.socket(fileno=0))
