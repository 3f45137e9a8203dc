"""Addresses that open something to whoever reads them: no log keeps that part of them, and no cache what they show."""

import logging
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

#: private links, and letters that confirm a notice: what follows is the secret, and no cookie is asked for beside it
_ALONE = r"/(?:case|report/confirm)/"
#: the same, and letters that choose a password or invite a colleague
_SECRET = re.compile(rf"({_ALONE}|/account/password/reset/key/|(?<!/organisation)/invitations/)[^/\s]+")
_BY_ITSELF = re.compile(_ALONE)


class SecretAddressMiddleware:
    """Whatever is answered at such an address, failures and redirects too: kept by no cache, found by no search engine.

    It stands before all others, so that what they answer themselves passes it. The address is told to no other site; where
    a form asks for a cookie not even the origin may be hidden from us, or the form would be refused as forged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if _SECRET.match(request.path_info):
            answer["Cache-Control"] = "private, no-store"
            answer["X-Robots-Tag"] = "noindex, nofollow"
            answer["Referrer-Policy"] = "no-referrer" if _BY_ITSELF.match(request.path_info) else "same-origin"
        return answer


class WithoutSecrets(logging.Filter):
    """Takes the secret out of addresses, such as that of a page that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (told := _SECRET.sub(r"\1…", said)) != said:
            record.msg, record.args = told, ()
        return True
