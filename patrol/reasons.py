"""What a decision on a candidate rests on: kinds of infringement and rules that fit, and why one is dismissed."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models import Infringement
from complaints.reasons import Reason, reasons_for
from complaints.rules import USUAL_RULE
from patrol.models import Candidate, WatchProfile
from rulebook.models import RuleVersion
from rulebook.selectors import rules_for


class Dismissal(models.TextChoices):
    """Why a candidate is none; each is a thing that the risk model can learn from."""

    AUTHORISED = "authorised", _("authorised seller, or allowed by the brand")
    RESALE = "resale", _("resale of genuine goods")
    COMPATIBLE = "compatible", _("compatible with the goods: says what it is for")
    OTHER_GOODS = "other_goods", _("not the goods: another thing of the same name")
    LAWFUL_USE = "lawful_use", _("parody, review, quotation or another lawful use")
    OTHER = "other", _("another reason")


#: what a listing that shows the signs of each kind of profile most probably is, by what its right allows
_USUAL = {
    WatchProfile.Kind.BOOK: (Infringement.PIRATED_BOOK, Infringement.COPIED_IMAGE),
    WatchProfile.Kind.BRAND: (Infringement.COUNTERFEIT, Infringement.TRADEMARK_USE),
    WatchProfile.Kind.WORK: (Infringement.PIRATED_SOFTWARE, Infringement.COPIED_IMAGE),
}


def infringements_for(candidate: Candidate) -> list[Reason]:
    """The kinds of infringement that fit the right and what was found, the most probable first."""
    fitting = reasons_for(candidate.profile.filing.kind, {candidate.target.kind})
    usual: Sequence[str] = _USUAL[WatchProfile.Kind(candidate.profile.kind)]
    return sorted(fitting, key=lambda r: usual.index(r.kind) if r.kind in usual else len(usual))


def rules_that_fit(candidate: Candidate) -> list[RuleVersion]:
    """The rules that carry a takedown and were in force when it was found, the one most probably meant first."""
    found = rules_for(right=candidate.profile.filing.kind, kinds={candidate.target.kind}, at=candidate.found_at)
    fitting = [rule for rule in found if rule.upholds]
    usual = [USUAL_RULE.get(reason.kind) for reason in infringements_for(candidate)[:1]]
    return sorted(fitting, key=lambda rule: rule.code not in usual)
