"""Changing what one has seen, and nothing else: `ETag` on what can be changed, `If-Match` on its change.

A tag is a digest of the row as it stands. A change that names another one is refused with 412, and one that does not
say what it is based on with 428. Where a thing has a `version`, that number in the body says the same, and is refused
with 409 as the pages do. Source: RFC 9110 sections 8.8.3 and 13.1.1, RFC 6585 section 3.
"""

import hashlib
import json
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError, WrongState
from core.lifecycle import lock

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` on which the change is based. Another one is refused with 412, none with 428.",
)


class ChangedMeanwhile(DomainError):
    code = "precondition_failed"
    status = 412
    message = _("This is no longer as you saw it. Fetch it again, and send the change with its new ETag.")


class NotSaidWhatItIsBasedOn(DomainError):
    code = "precondition_required"
    status = 428
    message = _("Say what the change is based on: send the ETag of what you fetched as If-Match.")


def tag_of(thing: models.Model) -> str:
    """The ETag of a row: the same as long as nothing of it changed."""
    said = "\n".join(f"{f.attname}={_plain(getattr(thing, f.attname))}" for f in thing._meta.concrete_fields)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def _plain(value: Any) -> Any:
    """JSON in one order: PostgreSQL keeps it in its own."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def based_on(request: Request) -> str:
    """What a request says it is based on. Raises NotSaidWhatItIsBasedOn."""
    said: str = request.headers.get("If-Match", "").strip()
    if not said:
        raise NotSaidWhatItIsBasedOn()
    return said


def require_match(request: Request, thing: models.Model) -> None:
    """A locked row is what a request is based on. Raises NotSaidWhatItIsBasedOn, ChangedMeanwhile."""
    said = based_on(request)
    if said != "*" and tag_of(thing) not in [tag.strip() for tag in said.split(",")]:
        raise ChangedMeanwhile()


def still_as_seen(thing: models.Model, seen: str) -> None:
    """A locked row is what somebody had before them on the page whose hidden field says `seen`. Raises WrongState."""
    if seen and seen != tag_of(thing):
        raise WrongState(_("This was changed after you opened the page. Nothing was done: read it anew, then decide."))


class Tagged:
    """For viewsets with `_one(public_id)` and `partial_update`: a PATCH says what it is based on."""

    #: whether the body may say it by a `version`
    has_version = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        # DRF calls `self.patch`, on viewsets too; an address that takes none answers so afterwards.
        change: Any = getattr(self, "patch", None)
        if request.method == "PATCH" and change is not None:
            self.patch = lambda request, public_id: self._changed(change, request, public_id)

    def tagged(self, answer: Response, thing: models.Model) -> Response:
        """The answer with the tag of what it shows."""
        answer["ETag"] = tag_of(thing)
        return answer

    def _changed(self, change: Any, request: Request, public_id: str) -> Response:
        try:
            based_on(request)
        except NotSaidWhatItIsBasedOn:
            said: Any = request.data
            if not (self.has_version and isinstance(said, dict) and "version" in said):
                raise
            return change(request, public_id)  # type: ignore[no-any-return]
        # Held until the change is written, so that nobody comes in between.
        with transaction.atomic():
            require_match(request, lock(self._one(public_id)))  # type: ignore[attr-defined]
            return change(request, public_id)  # type: ignore[no-any-return]
