"""The limited worker that decodes pictures. It runs as a script of its own, without Django.

Started once by `core.imaging`, it takes sockets from its standard input and forks a child for each. The
child limits its own memory and time, decodes the one picture that comes through the socket, answers and
dies: a picture that kills it, or takes it over, has met nobody else's. The worker ends when all who hold
the other end of its standard input are gone.
"""

import json
import os
import resource
import signal
import socket
import sys
from io import BytesIO
from typing import Any

#: what Pillow may open; pictures of several frames hidden behind JPEG (MPO) come as JPEG and show their first
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


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
        head, preview = decode(data, max_pixels=limits["max_pixels"], preview_px=limits["preview_px"])
        caller.sendall(json.dumps(head).encode() + b"\n" + preview)
    finally:
        os._exit(0)


def _limit(limits: dict[str, int]) -> None:
    seconds, memory = limits["cpu_seconds"], limits["memory_bytes"]
    signal.alarm(limits["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def decode(data: bytes, *, max_pixels: int, preview_px: int) -> tuple[dict[str, Any], bytes]:
    """What the picture is, and a re-encoded copy of its first frame at most `preview_px` wide and high."""
    from PIL import Image, ImageOps

    # The header is looked at before anything is decoded; Pillow's own limit would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > max_pixels:
            return {"refused": "pixels", "width": width, "height": height}, b""
        if picture.format in ("JPEG", "MPO"):
            picture.draft("RGB", (preview_px, preview_px))
        picture.load()
        exif = picture.getexif().get(0x0112, 1)
        has_alpha = picture.has_transparency_data
        if picture.mode.startswith(("I", "F")):
            # 16 bits a channel: `convert` would clip instead of scaling.
            picture = picture.convert("F").point(lambda value: value / 256).convert("L")
        picture = picture.convert("RGBA" if has_alpha else "RGB")
        picture.thumbnail((preview_px, preview_px), Image.Resampling.LANCZOS)
        # Whatever was written beside the picture (place, camera, comments) stays behind.
        picture.info = {"exif": _orientation(exif)}
        picture = ImageOps.exif_transpose(picture)
        picture.info = {}
        out = BytesIO()
        if has_alpha:
            picture.save(out, "PNG")
        else:
            picture.save(out, "JPEG", quality=85)
    except MemoryError:
        return {"refused": "memory"}, b""
    except Exception as failure:
        # Pillow lets through whatever its readers raise: SyntaxError, struct.error, ValueError, …
        return {"refused": "damaged", "failure": type(failure).__name__}, b""
    turned = exif in (5, 6, 7, 8)
    kind = "image/png" if has_alpha else "image/jpeg"
    return {
        "width": height if turned else width,
        "height": width if turned else height,
        "preview": kind,
    }, out.getvalue()


def _orientation(value: Any) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = value if value in range(1, 9) else 1
    return exif.tobytes()


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    from PIL import GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    serve(socket.socket(fileno=0))
