"""Letters about originals and matches, to everybody who may register images for the organisation, in their language.

What happens is noted as news (`News`) in the transaction of the event's delivery and gathered: one letter for the hundred
images of an archive, one for whatever copies turned up in ten minutes. The first copy after a quiet time is told at once.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from accounts.roles import MAY_FILE_RIGHTS
from core import clock, mail
from core.models import Letter
from core.outbox import hint
from imageguard.explanations import sentence
from imageguard.models import Conflict, Match, News, Original

log = logging.getLogger("ippro.imageguard")

State = Original.State
#: news of originals waits for others that are still on their way, and news of matches for the next ones, so long at most
GATHERED = timedelta(minutes=10)
#: lines of one letter; the rest is a number
MOST_LINES = 10
ORIGINALS, MATCHES = News.About.ORIGINALS, News.About.MATCHES
#: what became of an original, in the words of a letter
_TOLD: dict[str, str | Promise] = {
    State.CERTIFIED: _("has its certificate."),
    State.IN_CONFLICT: _(
        "waits for a reviewer: somebody else published the same picture earlier. Add the camera original, it helps most."
    ),
    State.REFUSED: _("got no certificate."),
    State.WITHDRAWN: _("was withdrawn. Its certificate proves nothing any more, and copies are reported no longer."),
    State.REVOKED: _("lost its certificate: the platform revoked it."),
}
#: how a conflict ended, for a side of which it changed nothing
_STILL_OPEN = _("stands in one of its conflicts. Others are still open.")
_WAS_FIRST = _("stands: somebody registered the same picture later, and a reviewer found that yours was first.")
_BOTH_STAND = _("stands: somebody registered a picture like it later, and a reviewer found that both may stand.")


# --- what happened -----------------------------------------------------------------------------------


def original_changed(subject: str) -> None:
    """Consumer of every step of an original that its holder should know."""
    original = Original.objects.filter(public_id=subject).first()
    if original is not None:
        _note(original.organisation_id, ORIGINALS, subject)


def conflict_settled(subject: str) -> None:
    """Consumer of `conflict.settled`: whom the decision leaves as they were is told of it as well.

    Who won a certificate or lost something hears so as a step of the original.
    """
    conflict = Conflict.objects.filter(public_id=subject).select_related("original", "rival").first()
    if conflict is None:
        return
    if conflict.original.state == State.IN_CONFLICT:
        _note(conflict.original.organisation_id, ORIGINALS, subject)
    if conflict.rival is not None and conflict.is_rival_upheld:
        _note(conflict.rival.organisation_id, ORIGINALS, subject)


def match_changed(subject: str) -> None:
    """Consumer of `match.confirmed` and `match.dismissed`."""
    match = Match.objects.filter(public_id=subject).select_related("original").first()
    if match is not None:
        _note(match.original.organisation_id, MATCHES, subject)


def _note(organisation_id: int, about: str, subject: str) -> None:
    News.objects.bulk_create(
        [News(organisation_id=organisation_id, about=about, subject=subject)], ignore_conflicts=True
    )
    hint("imageguard.tasks.tell_holders")


# --- telling it --------------------------------------------------------------------------------------


def tell_holders() -> int:
    """Write the letters for which the time has come; returns how many organisations were told something."""
    told = 0
    for organisation_id, about in list(
        News.objects.order_by("organisation", "about").values_list("organisation", "about").distinct()
    ):
        try:
            told += _tell(organisation_id, about)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # one that cannot be written stops no other, and is tried again
            log.exception("organisation %s could not be told of %s", organisation_id, about)
    return told


@transaction.atomic
def _tell(organisation_id: int, about: str) -> bool:
    """One letter of all news of one kind, unless more is about to come."""
    # Two workers do not write the same letter.
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
    news = list(News.objects.filter(organisation=organisation, about=about).order_by("pk"))
    if not news or not _is_ripe(organisation, about, news):
        return False
    News.objects.filter(pk__in=[item.pk for item in news]).delete()
    subjects = [item.subject for item in news]
    if about == ORIGINALS:
        return _write_originals(organisation, subjects, news[0].pk)
    return _write_matches(organisation, subjects, news[0].pk)


def _is_ripe(organisation: Organisation, about: str, news: Sequence[News]) -> bool:
    if news[0].at <= clock.now() - GATHERED:
        return True
    if about == ORIGINALS:
        on_the_way = Original.objects.filter(organisation=organisation, state__in=(State.RECEIVED, State.CHECKED))
        return not on_the_way.filter(due_at__isnull=False).exists()
    lately = Letter.objects.filter(about=organisation.public_id, template="matches_found")
    return not lately.filter(created_at__gt=clock.now() - GATHERED).exists()


def _write_originals(organisation: Organisation, subjects: Sequence[str], key: int) -> bool:
    found = Original.objects.filter(public_id__in=subjects, state__in=_TOLD).order_by("pk")
    settled = Conflict.objects.filter(public_id__in=subjects).select_related("original", "rival").order_by("pk")
    lines = [
        *({"original": o, "told": _TOLD[o.state], "why": partial(_why, o)} for o in found[:MOST_LINES]),
        *(_settled(conflict, organisation) for conflict in settled[:MOST_LINES]),
    ][:MOST_LINES]
    count = found.count() + settled.count()
    about = lines[0]["original"].public_id if count == 1 else organisation.public_id
    _write(organisation, "originals_told", key, about, lines=lines, count=count, more=count - len(lines))
    return bool(lines)


def _settled(conflict: Conflict, organisation: Organisation) -> dict[str, Any]:
    """A settled conflict as a line for a side that keeps what it had."""
    if conflict.rival is None or conflict.original.organisation_id == organisation.pk:
        return {"original": conflict.original, "told": _STILL_OPEN, "why": conflict.note}
    return {"original": conflict.rival, "told": _BOTH_STAND if conflict.is_upheld else _WAS_FIRST, "why": conflict.note}


def _why(original: Original) -> str:
    """The reason, in words of the platform or of a reviewer; "" where none is needed."""
    words = [str(original.get_refusal_display())] if original.state == State.REFUSED else []
    if original.state in (State.REFUSED, State.REVOKED):
        words += [original.public_reason, _said(original, stands=False)]
    elif original.is_certified:
        words = [_said(original, stands=True)]
    return "\n".join(filter(None, words))


def _said(original: Original, *, stands: bool) -> str:
    """What a reviewer wrote when a conflict was settled for the original, or against it."""
    as_later, as_earlier = Q(original=original, is_upheld=stands), Q(rival=original, is_rival_upheld=stands)
    settled = Conflict.objects.filter(as_later if stands else as_later | as_earlier).order_by("-settled_at").first()
    return settled.note if settled is not None else ""


def _write_matches(organisation: Organisation, subjects: Sequence[str], key: int) -> bool:
    told = False
    for template, state in (("matches_found", Match.State.CONFIRMED), ("matches_dismissed", Match.State.DISMISSED)):
        found = Match.objects.filter(public_id__in=subjects, state=state).order_by("-score", "pk")
        shown = list(found.select_related("original", "target__shop")[:MOST_LINES])
        count = found.count()
        lines = [{"match": match, "said": partial(sentence, match)} for match in shown]
        _write(organisation, template, key, organisation.public_id, lines=lines, count=count, more=count - len(lines))
        told = told or bool(lines)
    return told


def _write(
    organisation: Organisation, template: str, key: int, about: str, *, lines: Sequence[Any], **context: Any
) -> None:
    if not lines:
        return  # settled in the meantime
    for reader in _readers(organisation):
        mail.write_to(
            reader, template=template, dedupe_key=f"{template}:{organisation.public_id}:{key}", about=about,
            context={"organisation": organisation, "lines": lines, "first": lines[0], **context},
        )  # fmt: skip


def _readers(organisation: Organisation) -> Iterable[Any]:
    people = Membership.objects.filter(organisation=organisation, role__in=MAY_FILE_RIGHTS, user__is_active=True)
    return [membership.user for membership in people.select_related("user").order_by("pk")]
