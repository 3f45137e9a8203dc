"""Prepared reasons: words that reviewers give again and again, by decision, kind of infringement and rule, in both languages.

Senior reviewers keep them; every wording stays as a version. Places such as {number} are filled in for the case in front of a
reviewer, who reads and changes what is inserted: a decision has its own words, never a macro.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.models import User
from core import clock, ledger
from core.errors import Forbidden, Invalid
from core.ids import PublicIdField
from core.text import clean_text

LONGEST = 4000
#: what a text may name, and what stands there for the reader
PLACES: dict[str, str | Promise] = {
    "number": gettext_lazy("number of the case"),
    "mark": gettext_lazy("name of the right"),
    "registration": gettext_lazy("registration number of the right"),
    "holder": gettext_lazy("who has the right"),
    "infringement": gettext_lazy("kind of infringement"),
    "until": gettext_lazy("until when the present turn lasts"),
}
_PLACE = re.compile(r"\{(\w*)\}")


class ReasonMacro(models.Model):
    """One prepared reason as it is offered now; how it was worded before stands in its versions."""

    class Place(models.TextChoices):
        UPHOLD = "uphold", gettext_lazy("complaint: facts for what is upheld")
        DISMISS = "dismiss", gettext_lazy("complaint: facts for what is dismissed")
        RETURN = "return", gettext_lazy("complaint: what is missing")
        REJECT = "reject", gettext_lazy("complaint: why it is rejected at the door")
        ANSWER = "answer", gettext_lazy("counter-notice: facts and reasons")
        ANSWER_RETURN = "answer_return", gettext_lazy("counter-notice: what is missing")
        APPEAL = "appeal", gettext_lazy("appeal: reasons")
        APPEAL_RETURN = "appeal_return", gettext_lazy("appeal: what is missing")
        FILING = "filing", gettext_lazy("filing: what the holder reads")

    public_id = PublicIdField("mac")
    title = models.CharField(gettext_lazy("title"), max_length=80)
    place = models.CharField(gettext_lazy("where it is offered"), max_length=16, choices=Place)
    #: a kind of infringement of the room above; empty is every one
    infringement = models.CharField(gettext_lazy("kind of infringement"), max_length=32, blank=True)
    rule = models.CharField(
        gettext_lazy("rule"), max_length=16, blank=True, help_text=gettext_lazy("code of the rule it goes with, such as U1")
    )  # fmt: skip
    text_zh = models.TextField(gettext_lazy("text in Chinese"), max_length=LONGEST, blank=True)
    text_en = models.TextField(gettext_lazy("text in English"), max_length=LONGEST, blank=True)
    is_offered = models.BooleanField(gettext_lazy("offered to reviewers"), default=True)
    version = models.PositiveIntegerField(gettext_lazy("version"), default=0)
    changed_at = models.DateTimeField(gettext_lazy("changed at"), default=clock.now)
    changed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("changed by")
    )

    class Meta:
        verbose_name = gettext_lazy("prepared reason")
        verbose_name_plural = gettext_lazy("prepared reasons")
        ordering = ["place", "title"]
        constraints = [models.UniqueConstraint(fields=["place", "title"], name="one_reason_of_a_title")]

    def __str__(self) -> str:
        return self.title


class ReasonMacroVersion(models.Model):
    """How a prepared reason was worded, by whom and when: a row per change, never changed."""

    macro = models.ForeignKey(ReasonMacro, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(gettext_lazy("version"))
    title = models.CharField(gettext_lazy("title"), max_length=80)
    text_zh = models.TextField(gettext_lazy("text in Chinese"), blank=True)
    text_en = models.TextField(gettext_lazy("text in English"), blank=True)
    written_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("written by")
    )
    written_at = models.DateTimeField(gettext_lazy("written at"), default=clock.now)

    class Meta:
        verbose_name = gettext_lazy("version of a prepared reason")
        verbose_name_plural = gettext_lazy("versions of prepared reasons")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["macro", "version"], name="one_wording_per_version")]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


def unknown_places(text: str, known: Collection[str]) -> list[str]:
    """What is wrong with the places of a text: only known ones may stand in it."""
    unknown = sorted({place for place in _PLACE.findall(text) if place not in known})
    said = _("“{%(place)s}” is no place that can be filled in. Known are: %(known)s.")
    names = ", ".join(f"{{{place}}}" for place in known)
    return [said % {"place": place, "known": names} for place in unknown]


def fill_places(text: str, values: Mapping[str, Any]) -> str:
    """Put a value into each known place. Nothing else of a text means anything: it is no program."""
    return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), text)


@transaction.atomic
def save_macro(*, macro: ReasonMacro, by: User) -> ReasonMacro:
    """Keep a new or changed prepared reason, as its next version. Raises Forbidden, Invalid by its field."""
    if not roles.is_senior(by):
        raise Forbidden(_("Prepared reasons are changed by senior reviewers."))
    errors: dict[str, list[str]] = {}
    for name in ("text_zh", "text_en"):
        setattr(macro, name, clean_text(getattr(macro, name), multiline=True, max_length=LONGEST).strip())
        errors[name] = unknown_places(getattr(macro, name), PLACES)
    if not macro.text_zh and not macro.text_en:
        errors["text_zh"].append(_("Write it in Chinese, in English, or in both."))
    if errors := {name: faults for name, faults in errors.items() if faults}:
        raise Invalid(errors=errors)
    if macro.pk is not None:
        macro.version = ReasonMacro.objects.select_for_update().get(pk=macro.pk).version
    macro.version += 1
    macro.changed_by, macro.changed_at = by, clock.now()
    macro.save()
    ReasonMacroVersion.objects.create(
        macro=macro, version=macro.version, title=macro.title, text_zh=macro.text_zh, text_en=macro.text_en,
        written_by=by, written_at=macro.changed_at,
    )  # fmt: skip
    ledger.record(
        kind="reason_macro.changed", subject=macro.public_id, actor=by,
        payload={"version": macro.version, "is_offered": macro.is_offered},
    )  # fmt: skip
    return macro


@dataclass(frozen=True)
class Offered:
    """A prepared reason in one language, filled in for a case."""

    title: str
    text: str
    language: str


@dataclass(frozen=True)
class Choice:
    """What is offered in one language, that of the case first."""

    language: str
    label: str
    macros: list[Offered]


def offered(*places: str, language: str, values: Mapping[str, Any], infringement: str = "") -> dict[str, list[Choice]]:
    """What stands beside each box of reasons of a case: by its place, in the language of the case first; one query."""
    fits = Q(infringement__in={"", infringement})
    rows = list(ReasonMacro.objects.filter(fits, place__in=places, is_offered=True))
    first = "zh-hans" if language.startswith("zh") else "en"
    found: dict[str, list[Choice]] = {}
    for place in places:
        for code, label, field in sorted(
            (("zh-hans", "中文", "text_zh"), ("en", "English", "text_en")), key=lambda one: one[0] != first
        ):
            with translation.override(code):
                macros = [
                    Offered(f"{row.rule} · {row.title}" if row.rule else row.title, fill_places(text, values), code)
                    for row in rows
                    if row.place == place and (text := getattr(row, field))
                ]
            if macros:
                found.setdefault(place, []).append(Choice(code, label, macros))
    return found
