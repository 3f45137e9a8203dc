"""What a decision on a candidate rests on: kinds of infringement and rules that fit, and why one is dismissed."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models import Infringement
from complaints.reasons import Reason, reasons_for
from complaints.rules import USUAL_RULE
from marketplace.models import Target
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


#: what an offer that shows the signs of each kind of profile most probably is, by what its right allows
_USUAL = {
    WatchProfile.Kind.BOOK: (Infringement.PIRATED_BOOK, Infringement.COPIED_IMAGE),
    WatchProfile.Kind.BRAND: (Infringement.COUNTERFEIT, Infringement.TRADEMARK_USE),
    WatchProfile.Kind.WORK: (Infringement.PIRATED_SOFTWARE, Infringement.COPIED_IMAGE),
}
#: needs a paper of the holder that no look at an offer shows: never what is meant unless a person says so
_LAST = Infringement.FORGED_AUTHORISATION


def infringements_for(candidate: Candidate) -> list[Reason]:
    """The kinds of infringement that fit the right and what was found, the most probable first."""
    return infringements_of(candidate.profile, candidate.target.kind)


def infringements_of(profile: WatchProfile, kind: str) -> list[Reason]:
    """The same of a kind of target. A shop that bears a mark or a work misleads by it, or else sells what infringes."""
    right = profile.filing.kind
    fitting = reasons_for(right, {kind})
    if kind == Target.Kind.SHOP:
        fitting = [*fitting, *reasons_for(right, {Target.Kind.LISTING})]
    usual: Sequence[str] = _USUAL[WatchProfile.Kind(profile.kind)]

    def place(reason: Reason) -> tuple[bool, bool, int]:
        of_goods = kind == Target.Kind.SHOP and kind not in reason.targets
        return reason.kind == _LAST, of_goods, usual.index(reason.kind) if reason.kind in usual else len(usual)

    return sorted(fitting, key=place)


def rules_that_fit(candidate: Candidate) -> list[RuleVersion]:
    """The rules that carry a takedown and were in force when it was found, the one most probably meant first."""
    found = rules_for(right=candidate.profile.filing.kind, kinds={candidate.target.kind}, at=candidate.found_at)
    fitting = [rule for rule in found if rule.upholds]
    usual = usual_rule(candidate.profile, candidate.target.kind)
    return sorted(fitting, key=lambda rule: rule.code != usual)


def usual_rule(profile: WatchProfile, kind: str) -> str:
    """The rule of the book that a target of this kind most probably breaks; empty where none fits the right."""
    return next((USUAL_RULE[reason.kind] for reason in infringements_of(profile, kind)), "")
