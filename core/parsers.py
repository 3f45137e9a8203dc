"""JSON bodies with a limit: DRF's own parser reads whatever is sent, past Django's limit on memory."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core.errors import TooLarge


class BoundedJSONParser(JSONParser):
    """Refuses a body over `DATA_UPLOAD_MAX_MEMORY_SIZE` unread, and one that is nested without end."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        request = (parser_context or {}).get("request")
        # The server never hands on more than what was announced.
        announced = int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
        if announced > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge()
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as nested:
            raise ParseError(_("JSON parse error - nested too deeply.")) from nested
