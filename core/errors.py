"""What can go wrong in a room: each error has a code for programs and a sentence for people.

Services raise them; one middleware turns them into pages, one handler into problem details.
"""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def problem_body(code: str, status: int, title: Any, **extra: Any) -> dict[str, Any]:
    """What an answer in the form of RFC 9457 says."""
    return {"type": f"urn:ippro:problem:{code}", "code": code, "title": str(title), "status": status, **extra}


class DomainError(Exception):
    """Something that the caller can mend. `message` says how, in the caller's language."""

    code = "error"
    status = 400
    message: Any = _("This cannot be done.")

    def __init__(self, message: Any = None, *, field: str | None = None, **detail: Any) -> None:
        if message is not None:
            self.message = message
        self.field = field
        self.detail = detail
        super().__init__(str(self.code))

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """The input is not as it should be; `errors` names each field."""

    code = "invalid"
    status = 422
    message = _("Please correct what is marked below.")

    def __init__(self, message: Any = None, *, errors: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.errors = errors or ({self.field: [self.message]} if self.field else {})


class NotYours(DomainError):
    """Not visible to this person: looks exactly like an id that does not exist."""

    code = "not_found"
    status = 404
    message = _("There is nothing here, or it is not yours to see.")


class Forbidden(DomainError):
    """Visible, but this person's role may not do this."""

    code = "forbidden"
    status = 403
    message = _("Your role does not allow this. Ask an administrator of your organisation.")


class WrongState(DomainError):
    """The case has moved on, or somebody else was faster: reload and look again."""

    code = "wrong_state"
    status = 409
    message = _("This has changed in the meantime. Reload the page to see where it stands now.")


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    message = _("That is larger than what is accepted here.")

    @classmethod
    def read(cls, failure: Exception) -> Self:
        """What Django refuses to read of a request (one of `UNREAD`), with the limit and what to do instead."""
        if isinstance(failure, TooManyFilesSent):
            said = gettext("At most %(most)d files are taken at once. Send some of them, and the others afterwards.")
            return cls(said % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES})
        if isinstance(failure, TooManyFieldsSent):
            said = gettext("At most %(most)d fields are taken at once. Send it in several parts.")
            return cls(said % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS})
        said = gettext("At most %(most)s of text are taken at once. Shorten it, or attach the long part as a file.")
        return cls(said % {"most": filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)})


#: how Django says that a request is larger than the settings allow
UNREAD = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
