"""Moments in words, and the time code of a film."""

from datetime import datetime

from django.utils.translation import gettext, ngettext, pgettext

from core import clock


def time_code(seconds: int) -> str:
    """The place in a film as players show it: 1:13, or 1:02:05 an hour in."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def ago(at: datetime) -> str:
    """How far away a moment is, in words: “3 hours ago”, “in 2 days”."""
    seconds = int((at - clock.now()).total_seconds())
    ahead, distance = seconds > 0, abs(seconds)
    if distance < 60:
        return pgettext("relative time", "just now") if not ahead else pgettext("relative time", "in a moment")
    if distance < 3600:
        n = distance // 60
        words = ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    elif distance < 36 * 3600:
        n = distance // 3600
        words = ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    else:
        n = round(distance / 86_400)
        words = ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
    return (gettext("in %(time)s") if ahead else gettext("%(time)s ago")) % {"time": words}
