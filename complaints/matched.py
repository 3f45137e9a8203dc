"""Copies of an original become a complaint, and what became of it.

A complaint rests on one right, so the chosen matches are sorted by original. What was found is put into words and
pictures for the reviewer and the seller; the person only signs and sends, or has signed for it beforehand
(`complaints.automatic`).
"""

import io
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image

from accounts.models import Organisation, User
from complaints import services
from complaints.forms import LONGEST_DESCRIPTION
from complaints.models import Complaint, ComplaintTarget, Draft, Infringement, MatchedLink
from core import clock, files
from core.errors import DomainError, Invalid, NotYours
from core.ids import new_id
from core.models import FilePurpose, PrivateFile
from core.moments import time_code
from filings.models import Filing
from filings.standing import require_to_complain
from imageguard import explanations
from imageguard.explanations import View
from imageguard.models import Match, Original
from marketplace.links import links_of

log = logging.getLogger("ippro.complaints")

#: comparisons that are attached; the others can be looked at on the match itself
MOST_SHEETS = 20
#: places in one film that are named; the others are on its matches
MOST_CODES = 5
#: a page does not wait longer than this for them
SHEETS_SECONDS = 12.0
GAP_PX, GROUND = 16, (245, 245, 245)
QUALITY = 90


# --- choosing ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Matches of one original that somebody chose: those of which can be complained, and the others."""

    original: Original
    usable: list[Match] = field(default_factory=list)
    unusable: list[Match] = field(default_factory=list)


def chosen(*, ids: Sequence[str], user: User) -> list[Chosen]:
    """The matches with these ids, by original. Raises Forbidden, NotYours (for one unknown among them), Invalid."""
    organisation = require_to_complain(user).organisation
    ids = list(dict.fromkeys(ids))
    most = settings.MAX_LINKS_PER_COMPLAINT
    if len(ids) > most:
        raise Invalid(
            _("A complaint takes at most %(most)d links, these are %(n)d. File the rest in another complaint.")
            % {"most": most, "n": len(ids)},
            field="match",
        )
    mine = Match.objects.visible_to(user).filter(original__organisation=organisation, public_id__in=ids)
    found = list(
        mine.select_related("original__filing", "original__image", "image__file", "target__shop").order_by(
            "original", "pk"
        )
    )
    if len(found) < len(ids):
        raise NotYours()
    groups: dict[int, Chosen] = {}
    for match in found:
        group = groups.setdefault(match.original_id, Chosen(match.original))
        may = match.state == Match.State.CONFIRMED and _in_force(match.original)
        (group.usable if may else group.unusable).append(match)
    return list(groups.values())


def _in_force(original: Original) -> bool:
    return original.filing is not None and original.filing.is_in_force()


# --- writing -----------------------------------------------------------------------------------------


def draft_from(*, group: Chosen, by: User, public_id: str = "") -> Draft:
    """A draft of a complaint of these matches, with everything filled in but the signature.

    `public_id` is the draft's id where a page gave one, so that a second click is the same draft.
    """
    organisation = require_to_complain(by).organisation
    public_id = public_id or new_id("drf")
    sheets = keep_sheets(group.usable, by=by, organisation=organisation, seconds=SHEETS_SECONDS)
    filing = _filing_of(group.original)
    data = {
        "filing": filing.public_id,
        "links": "\n".join(lines_of(group.usable)),
        "infringement": Infringement.COPIED_IMAGE.value,
        "description": description_of(group.original, group.usable),
    }
    services.keep_draft(public_id=public_id, by=by, data=data)
    return services.change_draft_files(public_id=public_id, by=by, add=list(sheets.values()))


def _filing_of(original: Original) -> Filing:
    if original.filing is None:
        raise NotYours()
    return original.filing


def lines_of(matches: Iterable[Match]) -> list[str]:
    """A link for each target that shows a copy, once."""
    places = {match.target_id: (match.target, match.seconds) for match in matches}
    return links_of(list(places.values()))


def description_of(original: Original, matches: Sequence[Match]) -> str:
    """What was found, in words that a reviewer and the sellers can check: copies are named by the edit they share."""
    when = original.certified_at or clock.now()
    said = [
        _(
            "The links show copies of our image “%(title)s”. It was certified as first published by us under "
            "%(number)s on %(day)s; SHA-256 %(sha256)s. Each copy was laid on the original and compared with it "
            "place by place:"
        )
        % {
            "title": original.title, "number": original.number, "day": when.strftime("%Y-%m-%d"),
            "sha256": original.sha256,
        }
    ]  # fmt: skip
    alike: dict[str, list[Match]] = {}
    for match in matches:
        alike.setdefault(explanations.sentence(match), []).append(match)
    for sentence, some in alike.items():
        said.append(f"– {sentence} {_listed(some, LONGEST_DESCRIPTION // (2 * len(alike)))}")
    return "\n".join(said)[:LONGEST_DESCRIPTION]


def _listed(matches: Sequence[Match], most: int) -> str:
    """The numbers of what shows these copies, with how sure the comparison is, in at most so many characters."""
    lowest = min(match.score for match in matches)
    names, length = [], 0
    targets: dict[int, list[Match]] = {}
    for match in matches:
        targets.setdefault(match.target_id, []).append(match)
    for some in targets.values():
        name = _named(some)
        length += len(name) + 2
        if length > most:
            break
        names.append(name)
    listed = "; ".join(names)
    if left := len(targets) - len(names):
        listed += " " + ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left}
    return _("%(listed)s (score %(percent)d of 100 or more)") % {"listed": listed, "percent": int(lowest * 100)}


def _named(matches: Sequence[Match]) -> str:
    """The number of a target, and where in a film it shows the copies."""
    codes = [time_code(at) for at in sorted({match.seconds for match in matches if match.seconds is not None})]
    shown = ", ".join(codes[:MOST_CODES]) + (", …" if len(codes) > MOST_CODES else "")
    return f"{matches[0].target.external_id} {shown}".strip()


# --- the pictures ------------------------------------------------------------------------------------


def keep_sheets(
    matches: Iterable[Match], *, by: User, organisation: Organisation, seconds: float | None = None,
    draws: bool = False,
) -> dict[int, PrivateFile]:  # fmt: skip
    """Comparisons of the first matches, by match, kept as evidence; those that are not there in time are left out.

    Whoever has time (`draws`: a worker) draws what is not there yet. To be called outside any transaction: bytes are stored first.
    """
    until = None if seconds is None else time.monotonic() + seconds
    kept: dict[int, PrivateFile] = {}
    for match in matches:
        if len(kept) >= MOST_SHEETS or (until is not None and time.monotonic() > until):
            break
        try:
            sheet = sheet_of(match, draws=draws)
        except DomainError as missing:
            log.info("no comparison of %s: %s", match.public_id, missing.code)
            continue
        upload = ContentFile(sheet, name=f"{match.number} {match.target.external_id}.jpg")
        kept[match.pk] = files.keep(upload=upload, purpose=FilePurpose.EVIDENCE, by=by, organisation=organisation)
    return kept


def sheet_of(match: Match, *, draws: bool = False) -> bytes:
    """Original and copy side by side; below, the copy laid on the original, and where they agree and differ. As JPEG.

    Raises NoPicture, PictureLater.
    """
    beside, warped, overlay = (
        Image.open(io.BytesIO(explanations.picture(match, view, draws=draws)), formats=("JPEG",))
        for view in (View.SIDE_BY_SIDE, View.WARPED, View.OVERLAY)
    )
    below = beside.height + GAP_PX
    right = warped.width + GAP_PX
    size = (max(beside.width, right + overlay.width), below + max(warped.height, overlay.height))
    sheet = Image.new("RGB", size, GROUND)
    for view, place in ((beside, (0, 0)), (warped, (0, below)), (overlay, (right, below))):
        sheet.paste(view, place)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


# --- what became of it -------------------------------------------------------------------------------


def link_of_match(*, match_id: str, user: User) -> ComplaintTarget | None:
    """The link of the latest complaint that was made of a match. Raises NotYours for a match this person may not see."""
    match = Match.objects.visible_to(user).filter(public_id=match_id).first()
    if match is None:
        raise NotYours()
    links = ComplaintTarget.objects.filter(matched__match=match, complaint__in=Complaint.objects.visible_to(user))
    return links.select_related("complaint__filing", "target").order_by("-pk").first()


def outcomes_for(user: User) -> dict[str, int]:
    """How many copies of an organisation's originals were complained of, by what became of the latest complaint."""
    latest = MatchedLink.objects.filter(match=OuterRef("match")).order_by("-pk").values("pk")[:1]
    mine = MatchedLink.objects.filter(match__in=Match.objects.visible_to(user), pk=Subquery(latest))
    counted = dict(mine.values_list("link__outcome").annotate(n=Count("pk")).order_by())
    return {outcome: counted.get(outcome, 0) for outcome in ComplaintTarget.Outcome.values}
