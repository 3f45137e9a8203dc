"""Answers as JSON, whatever is repeated in them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


class _Escaping(JSONRenderer):
    ensure_ascii = True


class EchoingJSONRenderer(JSONRenderer):
    """As DRF's. Half of a character, which came in as an escape and no encoding takes, goes back as that escape."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> Any:  # fmt: skip
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return _Escaping().render(data, accepted_media_type, renderer_context)
