"""Complaints that nobody sends by hand: sure copies of originals whose holder has signed for that beforehand.

What is owed follows from the rows: a confirmed copy in the automatic tier, found after the holder signed
(`Original.complains_since_at`), of which nothing was noted. All copies of one original that wait together become one
complaint. What cannot be complained of keeps its state, with a note that says why, and is tried no more: the holder
sees it among its matches and decides.
"""

import logging
import time
from collections.abc import Mapping, Sequence

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import matched, services
from complaints.models import Complaint, Infringement
from complaints.services import Notice
from core.errors import DomainError, Invalid
from core.models import PrivateFile
from core.outbox import hint
from imageguard import seeing, watching
from imageguard.models import Match, Original
from marketplace.links import resolve

log = logging.getLogger("ippro.complaints")

#: originals at a time
BATCH = 20
#: the comparisons of one complaint are drawn so long at most, and those of a whole sweep: its time limit is four minutes
SHEETS_SECONDS, SWEEP_SECONDS = 60.0, 90.0


def match_confirmed(subject: str) -> None:
    """Have the copies that wait complained of, if their original does so by itself. Consumer of `match.confirmed`."""
    if _waiting().filter(public_id=subject).exists():
        hint("complaints.tasks.complain_of_copies", queue="images")


def complain_of_copies(limit: int = BATCH) -> int:
    """Complain of every copy that waits, of up to `limit` originals; returns how many complaints were sent."""
    originals = Original.objects.filter(pk__in=_waiting().values("original")).order_by("pk")[:limit]
    sent, ends_at = 0, time.monotonic() + SWEEP_SECONDS
    for original in originals.select_related("complains_for", "organisation", "filing", "image"):
        if time.monotonic() > ends_at:
            break  # beat sends the next sweep
        with translation.override(original.complains_for.language if original.complains_for else None):
            sent += len(_complain_of(original))
    return sent


def _waiting() -> QuerySet[Match]:
    return Match.objects.filter(
        state=Match.State.CONFIRMED, tier=Match.Tier.AUTOMATIC, note="", original__complains_automatically=True,
        original__state=Original.State.CERTIFIED, state_since_at__gte=F("original__complains_since_at"),
    )  # fmt: skip


def _complain_of(original: Original) -> list[Complaint]:
    waiting = _waiting().filter(original=original).select_related("original__image", "image__file", "target__shop")
    # A licence of this very moment: the match is let be as soon as word of it is delivered.
    matches = seeing.without_leave(waiting.order_by("pk")[: settings.MAX_LINKS_PER_COMPLAINT])
    by = original.complains_for
    if by is None or not matches:
        return []
    try:
        # Outside any transaction; what a refusal leaves of them is swept.
        sheets = matched.keep_sheets(
            matches, by=by, organisation=original.organisation, seconds=SHEETS_SECONDS, draws=True
        )
        # Drawing takes its time: what was let be, allowed or taken down meanwhile is not complained of.
        still = {match.pk for match in seeing.without_leave(waiting)}
        matches = [match for match in matches if match.pk in still]
        return _send(original, matches, sheets) if matches else []
    except DomainError as refused:
        why = str(refused)
    except (OperationalError, SoftTimeLimitExceeded):  # nobody's fault: the next sweep finds the same rows
        raise
    except Exception as failure:  # one original that cannot be complained of stops no other
        log.exception("copies of %s could not be complained of", original.public_id)
        why = type(failure).__name__
    _leave(matches, why)
    return []


def _send(original: Original, matches: Sequence[Match], sheets: Mapping[int, PrivateFile]) -> list[Complaint]:
    """One complaint of all these copies; if it is refused because of some links, those are left out.

    Raises Forbidden where who signed may no longer complain for the holder.
    """
    try:
        return [
            services.submit_complaint(
                notice=_notice(original, matches, sheets), by=original.complains_for,  # type: ignore[arg-type]
                on_behalf_of=original.organisation, is_automated=True,
            )
        ]  # fmt: skip
    except Invalid as refused:
        if len(matches) == 1:
            _leave(matches, _words(refused))
            return []
    middle = len(matches) // 2
    return [*_send(original, matches[:middle], sheets), *_send(original, matches[middle:], sheets)]


def _notice(original: Original, matches: Sequence[Match], sheets: Mapping[int, PrivateFile]) -> Notice:
    return Notice(
        right=original.filing.public_id if original.filing else "",
        infringement=Infringement.COPIED_IMAGE.value,
        links=resolve(matched.lines_of(matches)),
        description=matched.description_of(original, matches),
        signature=original.complains_signature,
        good_faith=original.complains_since_at is not None,
        language=translation.get_language() or "zh-hans",
        evidence=[sheets[match.pk] for match in matches if match.pk in sheets],
    )


def _words(refused: Invalid) -> str:
    said = [str(word) for words in refused.errors.values() for word in (words if isinstance(words, list) else [words])]
    return " ".join(said) or str(refused)


def _leave(matches: Sequence[Match], why: str) -> None:
    """Leave copies to their holder, with the reason why nothing was sent."""
    words = _("No complaint was sent by itself: %(why)s") % {"why": why}
    for match in matches:
        watching.leave_to_holder(match=match, note=words)
