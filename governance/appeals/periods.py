"""How long a decision can be appealed against, and how long each turn of an appeal takes, by legal regime.

When appealing ends and when the platform has to decide are periods of the regime (`complaints/regimes/`). What it
sets itself besides stands here: marketplaces return an appeal for a supplement within 24 hours, which is no time for a
small seller. So it is days here, and an appeal whose supplement does not come is decided on what is there instead of
failing.
"""

from datetime import datetime, timedelta

from complaints.deadlines import Window, window
from complaints.regimes import REGIMES, Event

SUPPLEMENT = timedelta(days=3)


def appeal_window(*, regime: str, notified_at: datetime) -> Window:
    """Until when a decision that was notified then can be appealed against."""
    return window(REGIMES[regime], Event.DECISION_NOTIFIED, notified_at)


def until_decision(*, regime: str, received_at: datetime) -> datetime:
    """Until when the platform decides an appeal that was received, or completed, then."""
    return window(REGIMES[regime], Event.APPEAL_RECEIVED, received_at).closes_at


def until_supplement(*, asked_at: datetime) -> datetime:
    """Until when the appellant may add what was asked for then."""
    return asked_at + SUPPLEMENT
