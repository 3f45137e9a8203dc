"""The tables of the complaints room, one file a noun."""

from complaints.models.complaint import (
    Complaint,
    ComplaintQuerySet,
    ComplaintTarget,
    Decision,
    Draft,
    Evidence,
    Finding,
    Infringement,
    MatchedLink,
    NoticeQuerySet,
    StaffNote,
    StatementOfReasons,
)
from complaints.models.conversation import Message, MessageTemplate
from complaints.models.counter_notice import (
    CounterEvidence,
    CounterNotice,
    CounterNoticeQuerySet,
    CounterNoticeTarget,
    CourtOrder,
    Proceeding,
)

__all__ = [
    "Complaint",
    "ComplaintQuerySet",
    "ComplaintTarget",
    "CounterEvidence",
    "CounterNotice",
    "CounterNoticeQuerySet",
    "CounterNoticeTarget",
    "CourtOrder",
    "Decision",
    "Draft",
    "Evidence",
    "Finding",
    "Infringement",
    "MatchedLink",
    "Message",
    "MessageTemplate",
    "NoticeQuerySet",
    "Proceeding",
    "StaffNote",
    "StatementOfReasons",
]
