"""What is read of a listing: title, attributes, the beginning of the description."""

from collections.abc import Iterator

from core.normalise import Text
from marketplace.models import Target

#: of descriptions and attributes so much is read: pirates put the name first, and whole catalogues stand in some
DESCRIPTION_CHARS, ATTRIBUTES_CHARS = 2000, 500


def texts(target: Target) -> Iterator[tuple[str, Text]]:
    """Each text of a listing with where it stands."""
    if target.title:
        yield "title", Text(target.title)
    if target.attributes:
        values = [str(v) for v in target.attributes.values() if isinstance(v, (str, int))]
        if values:
            yield "attributes", Text(" ; ".join(values)[:ATTRIBUTES_CHARS])
    if target.description:
        yield "description", Text(target.description[:DESCRIPTION_CHARS])
