"""Which form an answer of the API takes: JSON, whatever was asked for; files are what their address says.

A program that asks for `text/csv` where a sheet is means the sheet, and one that asks for something that there is not is
answered all the same (RFC 9110 section 12.5.1 leaves that to the server): refusals too have to come in some form.
"""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class ContentNegotiation(DefaultContentNegotiation):
    """The first form of a view; there is nothing to weigh."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
