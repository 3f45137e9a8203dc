"""The tables of the complaints room, one file a noun."""

from complaints.models.answers import Answer, AnswerRow, AnswerSheet
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
from complaints.models.conduct import (
    AbuseCase,
    AbuseFinding,
    ConductMonth,
    Lane,
    Look,
    Suspension,
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
from complaints.models.imports import Import, ImportBatch, ImportFile, ImportQuerySet, ImportRow
from complaints.models.public import PublicNotice
from complaints.models.searches import SavedSearch, SavedSearchHit, SavedSearchQuerySet
from complaints.models.selfservice import Privilege, Removal, RemovalQuerySet, TrainingAttempt
from complaints.models.staffing import ReviewerProfile

__all__ = [
    "AbuseCase",
    "AbuseFinding",
    "Answer",
    "AnswerRow",
    "AnswerSheet",
    "Complaint",
    "ComplaintQuerySet",
    "ComplaintTarget",
    "ConductMonth",
    "CounterEvidence",
    "CounterNotice",
    "CounterNoticeQuerySet",
    "CounterNoticeTarget",
    "CourtOrder",
    "Decision",
    "Draft",
    "Evidence",
    "Finding",
    "Import",
    "ImportBatch",
    "ImportFile",
    "ImportQuerySet",
    "ImportRow",
    "Infringement",
    "Lane",
    "Look",
    "MatchedLink",
    "Message",
    "MessageTemplate",
    "NoticeQuerySet",
    "Privilege",
    "Proceeding",
    "PublicNotice",
    "Removal",
    "RemovalQuerySet",
    "ReviewerProfile",
    "SavedSearch",
    "SavedSearchHit",
    "SavedSearchQuerySet",
    "StaffNote",
    "StatementOfReasons",
    "Suspension",
    "TrainingAttempt",
]
