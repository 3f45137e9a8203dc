"""The components of the design system as template tags: `{% load ui %}`; see the living page /styleguide/.

They draw what they are given. They query nothing and know no rule of any room.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from core import clock
from core.moments import ago, time_code
from ippro.icons import ICONS

register = template.Library()
register.filter("ago", ago)
register.filter("time_code", time_code)

#: how a state reads at a glance, whatever room it belongs to
TONES = {
    "success": {"approved", "verified", "upheld", "closed", "up", "certified"},
    "info": {"submitted", "accepted", "notified", "pending", "received", "checked", "complained"},
    "warning": {"returned", "expiring", "unverified", "in_conflict", "in_review", "confirmed", "hearing"},
    "danger": {"rejected", "dismissed", "revoked", "expired", "down", "refused", "in_force"},
}


@register.filter
def tone(state: object) -> str:
    """The tone of a state's machine name; neutral if it is not known."""
    for name, states in TONES.items():
        if str(state) in states:
            return name
    return "neutral"


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An inline icon; decorative unless it is given a label."""
    paths = mark_safe(ICONS[name])
    classes = f"icon {css}".strip()
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', classes, label, paths
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', classes, paths
    )


@register.inclusion_tag("components/badge.html")
def badge(label: object, tone: str = "neutral", icon: str = "") -> dict[str, Any]:
    return {"label": label, "tone": tone, "icon": icon}


@register.inclusion_tag("components/badge.html")
def state(case: Any, tone: str = "") -> dict[str, Any]:
    """The state of a case as a pill: its display name, toned by its machine name."""
    return {"label": case.get_state_display(), "tone": tone or globals()["tone"](case.state), "icon": ""}


@register.simple_block_tag
def card(content: str, title: str = "", subtitle: str = "", icon: str = "", tone: str = "", id: str = "") -> str:
    return render_to_string("components/card.html", locals())


@register.simple_block_tag
def page_header(content: str, title: str, subtitle: str = "", eyebrow: str = "") -> str:
    """Title of a page; what stands between the tags are its actions."""
    return render_to_string("components/page_header.html", locals())


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: str = "", icon: str = "") -> str:
    icon = icon or {"info": "info", "success": "check", "warning": "alert", "danger": "alert"}.get(tone, "info")
    return render_to_string("components/alert.html", locals())


@register.simple_block_tag
def empty(content: str, title: str, icon: str = "inbox") -> str:
    """Nothing here yet: says why, and between the tags what to do next."""
    return render_to_string("components/empty.html", locals())


@register.simple_block_tag
def fact(content: str, label: str) -> str:
    """One row of a definition list `<dl class="facts">`."""
    return format_html('<div class="facts__row"><dt>{}</dt><dd>{}</dd></div>', label, mark_safe(content))


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """`{% breadcrumbs "Complaints" url "C-2026-000123" %}`: pairs of label and address, last label alone; none without one."""
    pairs = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2) if parts[i]]
    return {"crumbs": pairs}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Sequence[Any]) -> dict[str, Any]:
    """Entries with `at`, `title` and optionally `text`, `actor`, `tone`, `icon`, in the order given."""
    return {"entries": entries}


@register.inclusion_tag("components/next.html")
def next_step(
    whose: str, next: str, until: datetime | None = None, otherwise: str = "", is_yours: bool = False
) -> dict[str, Any]:
    """What is next in a case: whose turn, what, until when, and what happens otherwise."""
    urgent = until is not None and until - clock.now() < timedelta(days=1)
    return {
        "whose": whose,
        "next": next,
        "until": until,
        "otherwise": otherwise,
        "is_yours": is_yours,
        "urgent": urgent,
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Any) -> dict[str, Any]:
    """Pages of a Django `Page`; keeps the filters in the address."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "numbers": list(numbers),
        "request": context.get("request"),
        "ellipsis": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: object, hint: str = "", url: str = "", tone: str = "", icon: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "hint": hint, "url": url, "tone": tone, "icon": icon}


@register.inclusion_tag("components/copyable.html")
def copyable(text: str, label: str = "") -> dict[str, Any]:
    """An identifier that one click copies."""
    return {"text": text, "label": label}


@register.simple_tag
def moment(at: datetime | date | None, relative: bool = False, only: str = "") -> str | SafeString:
    """A point in time as `<time>`, in the reader's format and zone; `only="date"` leaves the hours out.

    With `relative`, words such as “in 3 days” follow, reckoned by the platform's clock; for a day that is more
    than a year away they would say nothing.
    """
    if at is None:
        return mark_safe('<span class="muted">–</span>')
    if not isinstance(at, datetime):
        words = f" ({relative_days(at)})" if relative and abs((at - clock.today()).days) <= 366 else ""
        return format_html(
            '<time datetime="{}">{}{}</time>',
            at.isoformat(),
            date_format(at, _format(with_hours=False)),
            words,
        )
    local = timezone.localtime(at)
    shown = date_format(local, _format(with_hours=only != "date"))
    title = f"{local:%Y-%m-%d %H:%M:%S %Z}"
    if not relative:
        return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, shown)
    return format_html(
        '<time datetime="{}" title="{}">{} <span class="time__relative">{}</span></time>',
        at.isoformat(),
        title,
        shown,
        ago(at),
    )


def _format(*, with_hours: bool) -> str:
    # Django's English formats are American; these pages are read by everybody who has no Chinese.
    if (get_language() or "en").startswith("en"):
        return "j M Y, H:i" if with_hours else "j M Y"
    return "DATETIME_FORMAT" if with_hours else "DATE_FORMAT"


def relative_days(day: date) -> str:
    n = (day - clock.today()).days
    if n == 0:
        return gettext("today")
    words = ngettext("%(n)d day", "%(n)d days", abs(n)) % {"n": abs(n)}
    return (gettext("in %(time)s") if n > 0 else gettext("%(time)s ago")) % {"time": words}
