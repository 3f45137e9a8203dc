"""Which form an answer of the API takes: DRF's own rules, without weighing where nothing was asked for."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class ContentNegotiation(DefaultContentNegotiation):
    """Most programs take what they get; then there is nothing to weigh."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        asks = format_suffix or request.query_params or request.META.get("HTTP_ACCEPT", "*/*") != "*/*"
        if asks:
            return super().select_renderer(request, renderers, format_suffix)
        return renderers[0], renderers[0].media_type
