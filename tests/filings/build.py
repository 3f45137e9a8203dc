"""What the tests of filings build with: drafts that are complete, uploads that are real files."""

from datetime import date
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.models import FilePurpose
from filings import services
from filings.models import Filing, RightKind
from filings.numbers import patent_check_digit
from tests.factories import member

_serial = iter(range(1, 10_000_000))


def a_picture(name: str = "cover.png", size: tuple[int, int] = (40, 30)) -> SimpleUploadedFile:
    """A PNG that no other test has: its colour is its number."""
    n = next(_serial)
    image = Image.new("RGB", size, (n % 256, n // 256 % 256, n // 65536))
    out = BytesIO()
    image.save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def a_number(kind: str) -> str:
    n = next(_serial)
    match kind:
        case RightKind.TRADEMARK:
            return str(20_000_000 + n)
        case RightKind.COPYRIGHT_WORK:
            return f"国作登字-2020-F-{n:08d}"
        case RightKind.COPYRIGHT_SOFTWARE:
            return f"2020SR{n:07d}"
        case RightKind.GEOGRAPHICAL_INDICATION:
            return f"AGI2018-01-{n:04d}"
        case RightKind.PUBLISHING:
            body = f"978711{n:06d}"
            return body + str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(body)) % 10)
        case _:
            digit = {RightKind.PATENT_INVENTION: 1, RightKind.PATENT_UTILITY: 2, RightKind.PATENT_DESIGN: 3}[kind]
            body = f"2020{digit}{n:07d}"
            return f"ZL{body}.{patent_check_digit(body)}"


def a_draft(kind: str = RightKind.TRADEMARK, *, by: Any = None, papers: bool = True, **said: Any) -> Filing:
    """A draft that has everything its kind needs."""
    by = by or member()
    values: dict[str, Any] = {
        "title": "SUNBIRD",
        "registration_number": a_number(kind),
        "owner_name": "Owner Ltd",
        "valid_from_on": date(2020, 1, 1),
        "valid_until_on": date(2029, 12, 31),
    }
    if kind == RightKind.TRADEMARK:
        values |= {"mark_type": "word", "nice_classes": [25]}
    filing = services.create_draft(kind=kind, by=by, **(values | said))
    if papers:
        services.add_file(filing=filing, by=by, upload=a_picture(), purpose=FilePurpose.CERTIFICATE)
        services.add_file(filing=filing, by=by, upload=a_picture(), purpose=FilePurpose.PICTURE)
    filing.refresh_from_db()
    return filing


def submitted(kind: str = RightKind.TRADEMARK, *, by: Any = None, **said: Any) -> Filing:
    by = by or member()
    return services.submit_filing(filing=a_draft(kind, by=by, **said), by=by)
