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

__all__ = [
    "Complaint",
    "ComplaintQuerySet",
    "ComplaintTarget",
    "Decision",
    "Draft",
    "Evidence",
    "Finding",
    "Infringement",
    "MatchedLink",
    "Message",
    "MessageTemplate",
    "NoticeQuerySet",
    "StaffNote",
    "StatementOfReasons",
]
