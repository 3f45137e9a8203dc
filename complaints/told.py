"""What each kind of entry in the ledger is called where people read what happened to a complaint."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Told:
    """The title of one kind of entry, its tone and its icon."""

    title: str | Promise
    tone: str
    icon: str


TOLD = {
    "complaint.submit": Told(gettext_lazy("Submitted"), "info", "flag"),
    "complaint.accept": Told(gettext_lazy("Accepted for decision"), "info", "check"),
    "complaint.return": Told(gettext_lazy("Returned for supplement"), "warning", "undo"),
    "complaint.supplement": Told(gettext_lazy("Supplement sent"), "info", "upload"),
    "complaint.reject": Told(gettext_lazy("Rejected at the door"), "danger", "x"),
    "complaint.lapse": Told(gettext_lazy("Lapsed for want of the supplement"), "danger", "clock"),
    "complaint.uphold": Told(gettext_lazy("Decided: upheld"), "success", "scale"),
    "complaint.dismiss": Told(gettext_lazy("Decided: dismissed"), "danger", "scale"),
    "complaint.notify": Told(gettext_lazy("Parties told"), "info", "mail"),
    "complaint.close": Told(gettext_lazy("Closed"), "neutral", "check"),
    "complaint.withdraw": Told(gettext_lazy("Withdrawn"), "neutral", "undo"),
    "complaint.links_withdrawn": Told(gettext_lazy("Some links withdrawn"), "neutral", "undo"),
    "complaint.message": Told(gettext_lazy("A message was written"), "neutral", "mail"),
    "complaint.overdue": Told(gettext_lazy("Waits longer than was promised"), "warning", "clock"),
    "complaint.signature_read": Told(gettext_lazy("Signature looked at"), "neutral", "eye"),
    "statement.read": Told(gettext_lazy("Statement of reasons opened by the merchant"), "neutral", "mail"),
}
#: what staff alone read
_AMONG_STAFF = ("complaint.signature_read", "complaint.message", "statement.read")
TO_PARTIES = frozenset(TOLD) - frozenset(_AMONG_STAFF)
