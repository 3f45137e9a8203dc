"""JSON bodies with a limit: DRF's own parser reads whatever is sent, past Django's limit on memory."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.errors import TooLarge

#: so deep may lists and objects stand in each other; the deepest that we describe are some eight deep
DEEPEST = 64


class BoundedJSONParser(JSONParser):
    """Refuses a body over `DATA_UPLOAD_MAX_MEMORY_SIZE` unread, one that is nested without end, and numbers without end."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        request = (parser_context or {}).get("request")
        # The server never hands on more than what was announced.
        announced = int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
        if announced > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge()
        try:
            return read_json(stream.read())
        except RecursionError as nested:
            raise ParseError(_("JSON parse error - nested too deeply.")) from nested
        except ValueError as wrong:
            raise ParseError(_("JSON parse error - %(why)s.") % {"why": wrong}) from wrong


def read_json(body: bytes) -> Any:
    """What JSON says (RFC 8259). Raises ValueError, also for a number that no float holds, and RecursionError.

    What the parser could just follow would be a level too deep for whatever looks at it afterwards.
    """
    said = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
    level = [said]
    for _level in range(DEEPEST):
        level = [part for one in level if isinstance(one, dict | list) for part in _parts(one)]
        if not level:
            return said
    raise RecursionError


def _parts(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is out of range")
    return number
