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
    "complaint.adopt": Told(gettext_lazy("The rights holder stands by it"), "info", "check"),
    "complaint.return": Told(gettext_lazy("Returned for supplement"), "warning", "undo"),
    "complaint.supplement": Told(gettext_lazy("Supplement sent"), "info", "upload"),
    "complaint.reject": Told(gettext_lazy("Rejected at the door"), "danger", "x"),
    "complaint.lapse": Told(gettext_lazy("Lapsed for want of the supplement"), "danger", "clock"),
    "complaint.uphold": Told(gettext_lazy("Decided: upheld"), "success", "scale"),
    "complaint.remove": Told(gettext_lazy("Taken down by the holder, under its privilege"), "success", "scale"),
    "complaint.removal_confirmed": Told(gettext_lazy("Staff reviewed the removal: it stands"), "info", "check"),
    "complaint.removal_stands": Told(gettext_lazy("Nobody appealed against the removal in time"), "info", "clock"),
    "complaint.dismiss": Told(gettext_lazy("Decided: dismissed"), "danger", "scale"),
    "complaint.readmit": Told(gettext_lazy("Accepted after all, on appeal"), "info", "check"),
    "complaint.decide_anew": Told(gettext_lazy("Decided anew, on appeal or on review"), "info", "scale"),
    "complaint.reopen": Told(gettext_lazy("Can be answered anew"), "info", "clock"),
    "complaint.order": Told(gettext_lazy("A court order was carried out"), "warning", "scale"),
    "complaint.notify": Told(gettext_lazy("Parties told"), "info", "mail"),
    "complaint.close": Told(gettext_lazy("Closed"), "neutral", "check"),
    "complaint.withdraw": Told(gettext_lazy("Withdrawn"), "neutral", "undo"),
    "complaint.links_withdrawn": Told(gettext_lazy("Some links withdrawn"), "neutral", "undo"),
    "complaint.message": Told(gettext_lazy("A message was written"), "neutral", "mail"),
    "complaint.messages_read": Told(gettext_lazy("Messages were read"), "neutral", "mail"),
    "complaint.slowed": Told(
        gettext_lazy("Moved into the slow lane: the complainant was suspended"), "warning", "clock"
    ),
    "complaint.overdue": Told(gettext_lazy("Waits longer than was promised"), "warning", "clock"),
    "complaint.signature_read": Told(gettext_lazy("Signature looked at"), "neutral", "eye"),
    "complaint.counter": Told(gettext_lazy("Answered by a merchant"), "info", "mail"),
    "complaint.resume": Told(gettext_lazy("No counter-notice is open any more"), "neutral", "check"),
    "counter_notice.submit": Told(gettext_lazy("Counter-notice sent"), "info", "flag"),
    "counter_notice.forward": Told(gettext_lazy("Complete: forwarded to the complainant"), "info", "mail"),
    "counter_notice.pass_on": Told(
        gettext_lazy("Passed on unchecked: the law lets the links go up by now"), "warning", "mail"
    ),
    "counter_notice.passed": Told(gettext_lazy("Passed on to the complainant, as the law says"), "neutral", "mail"),
    "counter_notice.take_up": Told(gettext_lazy("Complete: looked at anew"), "info", "check"),
    "counter_notice.return": Told(gettext_lazy("Returned for supplement"), "warning", "undo"),
    "counter_notice.supplement": Told(gettext_lazy("Supplement sent"), "info", "upload"),
    "counter_notice.lapse": Told(gettext_lazy("Lapsed for want of the supplement"), "danger", "clock"),
    "counter_notice.withdraw": Told(gettext_lazy("Counter-notice withdrawn"), "neutral", "undo"),
    "counter_notice.links_withdrawn": Told(gettext_lazy("Some links withdrawn"), "neutral", "undo"),
    "counter_notice.deliver": Told(gettext_lazy("Delivered: the waiting period runs"), "info", "clock"),
    "counter_notice.move_deadline": Told(gettext_lazy("The waiting period ends on another day"), "warning", "clock"),
    "counter_notice.prove": Told(gettext_lazy("A proceeding was proved"), "warning", "scale"),
    "counter_notice.proved_too_late": Told(gettext_lazy("A proceeding was proved too late"), "neutral", "clock"),
    "counter_notice.concede": Told(gettext_lazy("Accepted by the complainant"), "success", "check"),
    "counter_notice.put_back": Told(gettext_lazy("The waiting period is over: released"), "success", "refresh"),
    "counter_notice.put_back_rest": Told(
        gettext_lazy("The waiting period is over: released, but for what a proceeding keeps down"), "success", "refresh"
    ),
    "counter_notice.settle": Told(gettext_lazy("Waits for the proceedings"), "neutral", "scale"),
    "counter_notice.end_proceeding": Told(gettext_lazy("A proceeding ended"), "info", "scale"),
    "counter_notice.late_proceeding_ended": Told(gettext_lazy("A proceeding ended"), "neutral", "scale"),
    "counter_notice.order": Told(gettext_lazy("A court order was carried out"), "warning", "scale"),
    "counter_notice.decide": Told(gettext_lazy("Decided anew"), "info", "scale"),
    "counter_notice.conclude": Told(gettext_lazy("Concluded"), "neutral", "check"),
    "counter_notice.overdue": Told(gettext_lazy("Waits longer than was promised"), "warning", "clock"),
    "counter_notice.overdue_by_law": Told(
        gettext_lazy("Not passed on, though the links may go up again by now"), "warning", "clock"
    ),
    "statement.passed": Told(
        gettext_lazy("The notice was passed on to the merchant, as the law says"), "neutral", "mail"
    ),
    "statement.read": Told(gettext_lazy("Statement of reasons opened by the merchant"), "neutral", "mail"),
}
#: what staff alone read
_AMONG_STAFF = (
    "complaint.signature_read", "complaint.message", "complaint.messages_read", "statement.read", "statement.passed",
)  # fmt: skip
TO_PARTIES = frozenset(TOLD) - frozenset(_AMONG_STAFF)
