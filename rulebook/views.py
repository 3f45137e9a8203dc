"""What everybody may read without signing in: the rules in force, every version of each, and a feed of changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import NotYours
from rulebook import selectors
from rulebook.models import Effect, Ladder, Measure, RuleVersion

#: the parts of the book, in its order
PARTS = (
    (Effect.UPHOLDS, Ladder.NONE, gettext_noop("What carries a takedown")),
    (Effect.DISMISSES, Ladder.NONE, gettext_noop("What carries a dismissal")),
    (Effect.POINTS, Ladder.SHOP, gettext_noop("What brings points against a shop")),
    (Effect.POINTS, Ladder.COMPLAINANT, gettext_noop("What brings points against a complainant")),
    (Effect.LADDER, None, gettext_noop("What points lead to")),
    (Effect.CONDUCT, None, gettext_noop("How complainants are to behave, and what follows")),
)
NEWEST = 50


@dataclass(frozen=True)
class Shown:
    """A version with its standing, as the pages draw it."""

    version: RuleVersion
    standing: str
    ends_at: datetime | None

    @property
    def words(self) -> str:
        return {"coming": _("not yet in force"), "in_force": _("in force"), "past": _("no longer in force")}[
            self.standing
        ]

    @property
    def tone(self) -> str:
        return {"coming": "info", "in_force": "success", "past": "neutral"}[self.standing]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return [{**step, "measure": Measure(step["measure"]).label} for step in self.version.steps]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The rules in force now, part by part, and what is published for later."""
    rules = list(selectors.rules_in_force().values())
    parts = [
        (str(_(title)), [r for r in rules if r.effect == effect and against in (None, r.ladder)])
        for effect, against, title in PARTS
    ]
    return render(request, "rulebook/index.html", {"parts": parts, "coming": list(selectors.coming())})


@require_safe
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """The version of a rule that is in force, or its latest one, with links to all others."""
    versions = _shown(code)
    current = next((v for v in versions if v.standing == "in_force"), versions[0])
    return _page(request, current, versions, is_current=True)


@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version for ever, whether it is in force or not: what a decision cites."""
    versions = _shown(code)
    for shown in versions:
        if shown.version.number == number:
            return _page(request, shown, versions, is_current=False)
    raise NotYours()


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Versions as they were published, the latest first (Atom)."""
    made = Atom1Feed(
        title=_("Changes of the rules"), link=_address("rules"), description="", feed_url=_address("rules-feed"),
        language=get_language(),
    )  # fmt: skip
    for v in selectors.published()[:NEWEST]:
        link = _address("rule-version", v.code, v.number)
        made.add_item(
            title=f"{v.code} v{v.number}: {v.title}", link=link, unique_id=link, description=v.text,
            pubdate=v.published_at, updateddate=v.published_at,
        )  # fmt: skip
    answer = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    made.write(answer, "utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def _address(name: str, *args: Any) -> str:
    return settings.BASE_URL + reverse(name, args=args)


def _shown(code: str) -> list[Shown]:
    versions = selectors.versions_of(code)
    return [Shown(v, *selectors.standing_of(v, versions)) for v in versions]


def _page(request: HttpRequest, shown: Shown, versions: list[Shown], *, is_current: bool) -> HttpResponse:
    context = {"shown": shown, "rule": shown.version, "versions": versions, "is_current": is_current}
    return render(request, "rulebook/rule.html", context)
