"""How often one person may send pictures, and one address in the internet ask what strangers may ask; on pages and by API
together.
"""

from typing import Any

from core.api import PublicThrottle
from core.pace import keep_pace

#: in a minute: a look-up decodes and searches a picture, and numbers follow each other, so that nobody shall read all
#: certificates in an hour
LOOK_UPS, CERTIFICATES = 10, 120


#: of one person: each file is decoded and kept while it is waited for. The page's script waits and goes on by itself.
UPLOADS, ARCHIVES, CAMERA_ORIGINALS = 120, 10, 10


def may_upload(by: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="upload", who=by.public_id, most=UPLOADS)


def may_send_archive(by: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="archive", who=by.public_id, most=ARCHIVES)


def may_send_camera_original(by: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="camera-original", who=by.public_id, most=CAMERA_ORIGINALS)


def may_look_up(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="look-up", who=PublicThrottle().get_ident(request), most=LOOK_UPS)


def may_read_certificate(request: Any) -> None:
    """Raises TooOften."""
    keep_pace(what="certificate", who=PublicThrottle().get_ident(request), most=CERTIFICATES)
