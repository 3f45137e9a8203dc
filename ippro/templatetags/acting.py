"""`{% csrf_token %}` that also says for which organisation of somebody the page was made.

Every form of the pages carries it, so that no form has to remember; `accounts.middleware.ActingMiddleware` reads it.
"""

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from accounts.middleware import ACTING

register = template.Library()


class FormNode(CsrfTokenNode):
    """The token, and beside it the organisation for which somebody acts on this page."""

    def render(self, context: Context) -> Any:
        token = super().render(context)
        acting = getattr(getattr(context, "request", None), "acting_as", "")
        if not token or not acting:
            return token
        return token + format_html('<input type="hidden" name="{}" value="{}">', ACTING, acting)


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormNode:
    return FormNode()
