"""The rules that a decision cites, with the law behind each. The versioned catalogue of the governance
room takes their place; until then the code is their only version.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.reasons import ITEMS, PATENTS, SHOPS
from filings.models import RightKind

EVERY_RIGHT = frozenset(RightKind.values)
FIRST_PUBLICATION = frozenset({RightKind.FIRST_PUBLICATION})
EVERY_TARGET = ITEMS | SHOPS


@dataclass(frozen=True)
class Rule:
    """One rule: `upholds` says whether it carries a takedown or a dismissal, and of which right and target."""

    code: str
    title: str | Promise
    source: str | Promise
    upholds: bool
    rights: frozenset[str] = EVERY_RIGHT
    targets: frozenset[str] = EVERY_TARGET

    def fits(self, *, right: str, kinds: Iterable[str]) -> bool:
        """Whether a decision under a right of this kind may cite it for targets of these kinds."""
        return right in self.rights and set(kinds) <= self.targets


RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "U1",
            _("Goods under a registered mark without the holder's licence"),
            _("Trademark Law art. 57(1)–(3)"),
            True,
            rights=frozenset({RightKind.TRADEMARK}),
        ),
        Rule(
            "U2",
            _("Confusingly similar use of a registered mark"),
            _("Trademark Law art. 57(2), (7)"),
            True,
            rights=frozenset({RightKind.TRADEMARK}),
        ),
        Rule(
            "U3",
            _("Copying or distribution of a protected work without permission"),
            _("Copyright Law arts. 52–53"),
            True,
            rights=frozenset({RightKind.COPYRIGHT_WORK, RightKind.PUBLISHING}) | FIRST_PUBLICATION,
        ),
        Rule(
            "U4",
            _("Copying of software without permission"),
            _("Regulations on Computer Software Protection art. 24"),
            True,
            rights=frozenset({RightKind.COPYRIGHT_SOFTWARE}),
        ),
        Rule(
            "U5",
            _("Manufacture, offer or sale of a patented product without permission"),
            _("Patent Law art. 11"),
            True,
            rights=PATENTS | {RightKind.PATENT_DESIGN},
        ),
        Rule(
            "U6",
            _("Misuse of a geographical indication"),
            _("Trademark Law art. 16; Civil Code art. 123"),
            True,
            rights=frozenset({RightKind.GEOGRAPHICAL_INDICATION}),
        ),
        Rule(
            "U7",
            _("Misleading shop name or avatar"),
            _("Anti-Unfair Competition Law art. 6"),
            True,
            rights=frozenset({RightKind.TRADEMARK, RightKind.COPYRIGHT_WORK}),
            targets=SHOPS,
        ),
        Rule(
            "U8",
            _("Forged authorisation"),
            _("E-Commerce Law art. 38; Criminal Law art. 280"),
            True,
            rights=EVERY_RIGHT - FIRST_PUBLICATION,
            targets=SHOPS,
        ),
        Rule("D1", _("The evidence does not show an infringement"), _("E-Commerce Law art. 42"), False),
        Rule(
            "D2",
            _("Not identical or similar to what the right protects"),
            _("Trademark Law art. 57; Copyright Law art. 52"),
            False,
        ),
        Rule("D3", _("Genuine or licensed goods"), _("Civil Code art. 123"), False),
        Rule("D4", _("Lawful reference or fair use"), _("Trademark Law art. 59; Copyright Law art. 24"), False),
        Rule(
            "D5",
            _("The right does not cover this territory, class or time"),
            _("Trademark Law art. 56; Copyright Law art. 23"),
            False,
        ),
        Rule("D6", _("What the link showed could not be found any more"), _("Fa Fa [2020] No. 32 art. 5(2)"), False),
        Rule(
            "D7",
            _("Somebody else published the image before the complainant"),
            _("Copyright Law art. 12: who is named on a published work is its author unless the contrary is proved"),
            False,
            rights=FIRST_PUBLICATION,
        ),
    )
}


def rules_for(*, right: str, kinds: Iterable[str]) -> list[Rule]:
    """The rules that a decision may cite, by the kind of right and the kinds of targets."""
    kinds = set(kinds)
    return [rule for rule in RULES.values() if rule.fits(right=right, kinds=kinds)]


#: the rule that a reviewer most probably means, by kind of infringement
USUAL_RULE = {
    "counterfeit": "U1", "trademark_use": "U2", "pirated_book": "U3", "copied_image": "U3",
    "pirated_software": "U4", "patent_product": "U5", "design_copy": "U5", "gi_misuse": "U6",
    "shop_name": "U7", "forged_authorisation": "U8",
}  # fmt: skip
