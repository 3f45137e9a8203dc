"""What the platform sets itself under every law: how long its own steps take. None of them shortens what a law gives."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from complaints.regimes.parts import Event, Period, Unit

PLATFORM, COMPLAINANT, MERCHANT = _("the platform"), _("the complainant"), _("the merchant")
OWN_TIME = _("the platform's own time")

NOTICE_PERIODS = (
    Period(
        Event.NOTICE_RECEIVED, PLATFORM, _("says whether the notice has all its elements"),
        _("A senior reviewer is told, and the case moves to the top of the queue."),
        timedelta(days=2), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.NOTICE_RETURNED, COMPLAINANT, _("adds what is missing of the notice"),
        _("The notice lapses; it may be filed anew at any time."),
        timedelta(days=5), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.NOTICE_ACCEPTED, PLATFORM, _("decides on each link, with reasons"),
        _("A senior reviewer is told, and the case moves to the top of the queue."),
        timedelta(days=5), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.DECISION_REACHED, PLATFORM, _("tells both parties, once the marketplace has confirmed"),
        _("The parties are told all the same, and the takedown is tried on."),
        timedelta(minutes=30), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.PARTIES_TOLD, MERCHANT, _("may answer before the case is closed"),
        _("The case is closed. What was taken down stays down; a later answer or appeal opens it again."),
        timedelta(days=15), Unit.TIME, OWN_TIME, is_own=True,
    ),
)  # fmt: skip

ANSWER_PERIODS = (
    Period(
        Event.COUNTER_NOTICE_RETURNED, MERCHANT, _("adds what is missing of the counter-notice"),
        _("The counter-notice lapses; it may be sent anew while the takedown lasts."),
        timedelta(days=5), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.APPEAL_RECEIVED, PLATFORM, _("decides the appeal, by somebody else than before"),
        _("A senior reviewer is told, and the appeal moves to the top of the queue."),
        timedelta(days=7), Unit.TIME, OWN_TIME, is_own=True,
    ),
    Period(
        Event.PENALTY_ANNOUNCED, MERCHANT, _("is heard before the penalty takes effect"),
        _("The penalty takes effect."),
        5, Unit.WORKING_DAYS, OWN_TIME, is_own=True,
    ),
)  # fmt: skip
