"""What a legal regime consists of: elements, periods, and whose data goes to whom. The laws themselves stand beside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise

from core.calendars import Calendar

Text = str | Promise


@dataclass(frozen=True)
class Element:
    """Something that a notice or counter-notice must have: the field that carries it, and the law that asks for it."""

    field: str
    label: Text
    missing: Text
    source: str
    #: tells apart two elements that one field carries
    key: str = ""

    @property
    def code(self) -> str:
        return self.key or self.field


class Party(StrEnum):
    COMPLAINANT = "complainant"
    MERCHANT = "merchant"


class Document(StrEnum):
    """What is passed on from one party to the other."""

    NOTICE = "notice"
    COUNTER_NOTICE = "counter-notice"


@dataclass(frozen=True)
class Passing:
    """What of a document goes to the other party. A field that no passing names stays with the platform."""

    document: Document
    to: Party
    #: fields of the document: of its elements, or of the party that sent it
    fields: tuple[str, ...]
    why: Text
    source: str


class Unit(StrEnum):
    #: a length of time, from the moment of the event
    TIME = "time"
    #: calendar days, the day of the event not counted
    DAYS = "days"
    #: working days of the regime's calendar, the day of the event not counted
    WORKING_DAYS = "working days"
    #: months by the calendar, to the day with the same number
    MONTHS = "months"


class Event(StrEnum):
    """What a period runs from. Not every regime knows every one."""

    NOTICE_RECEIVED = "notice-received"
    NOTICE_RETURNED = "notice-returned"
    NOTICE_ACCEPTED = "notice-accepted"
    DECISION_REACHED = "decision-reached"
    PARTIES_TOLD = "parties-told"
    COUNTER_NOTICE_RECEIVED = "counter-notice-received"
    COUNTER_NOTICE_RETURNED = "counter-notice-returned"
    COUNTER_NOTICE_DELIVERED = "counter-notice-delivered"
    DECISION_NOTIFIED = "decision-notified"
    APPEAL_RECEIVED = "appeal-received"
    PENALTY_ANNOUNCED = "penalty-announced"


@dataclass(frozen=True)
class Period:
    """How long somebody has from an event on, and what happens when it is over.

    `at_most` makes a window of it: what follows may happen from `length` on, and has to until `at_most`.
    """

    event: Event
    whose: Text
    what: Text
    consequence: Text
    length: int | timedelta
    unit: Unit
    source: Text
    at_most: int | None = None
    #: a last day that is no working day moves to the next one
    moves: bool = False
    #: chosen by the platform where the law is silent or says "in time"
    is_own: bool = False


@dataclass(frozen=True)
class Misuse:
    """How long, after a warning, somebody is suspended who misuses the procedure, or infringes repeatedly."""

    who: Text
    what: Text
    suspension_days: int | None
    source: Text


@dataclass(frozen=True)
class Regime:
    """One legal regime. Every period is a value of it, none a constant of the code."""

    code: str
    name: Text
    source: Text
    #: the zone in which its days begin and end
    timezone: str
    calendar: Calendar
    #: what the signatory of a notice, or of a counter-notice, states
    assurance: Text
    counter_assurance: Text
    notice: tuple[Element, ...]
    counter_notice: tuple[Element, ...]
    passes: tuple[Passing, ...]
    periods: tuple[Period, ...]
    misuse: tuple[Misuse, ...]
    #: the event that starts the wait after which a hold is released; None where time alone releases nothing
    waits_from: Event | None
    #: kinds of proceedings that keep down what a counter-notice answers for, once they are proved (`Proceeding.Kind`) …
    proofs: frozenset[str]
    #: … what the complainant has to do for that, in words, and where it is written
    proof_asked: Text
    proof_source: str
    #: what a shop is told that it can do about a takedown; `%(contact)s` is the platform's address
    redress: Text
    #: bodies outside the courts that a party may turn to
    out_of_court: Text
    #: what was chosen where the law leaves room, for lawyers to judge
    choices: tuple[str, ...] = ()

    def period(self, event: str) -> Period | None:
        """What runs from an event under this regime; None if nothing does."""
        return next((p for p in self.periods if p.event == event), None)

    def passed(self, document: str, *, to: str) -> Collection[str]:
        """The fields of a document that its other party gets to see."""
        return {field for p in self.passes if (p.document, p.to) == (document, to) for field in p.fields}

    # --- the platform's own times, by what they are for ---

    @property
    def admission(self) -> timedelta:
        """The platform answers within this time whether the notice is complete …"""
        return self._own(Event.NOTICE_RECEIVED)

    @property
    def decision(self) -> timedelta:
        """… and decides an accepted notice within this time."""
        return self._own(Event.NOTICE_ACCEPTED)

    @property
    def supplement(self) -> timedelta:
        """A returned notice must be completed within this time, else it lapses."""
        return self._own(Event.NOTICE_RETURNED)

    @property
    def notification(self) -> timedelta:
        """Parties are told at the latest after this time, even if a marketplace does not answer."""
        return self._own(Event.DECISION_REACHED)

    @property
    def closing(self) -> timedelta:
        """A notified case without further steps is closed after this time."""
        return self._own(Event.PARTIES_TOLD)

    def _own(self, event: Event) -> timedelta:
        period = self.period(event)
        if period is None or not isinstance(period.length, timedelta):
            raise LookupError(f"{self.code} sets no time for {event}")
        return period.length
