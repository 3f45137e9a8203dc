"""Which kinds of infringement fit which right and which target, and what must be attached.

Source for shops: Douyin IPPRO asks for a screenshot of name or avatar, or a sealed statement of the
holder for a forged authorisation (docs/explanation/sources.md).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Infringement
from filings.models import RightKind
from marketplace.models import Target

ITEMS = frozenset({Target.Kind.LISTING, Target.Kind.VIDEO, Target.Kind.LIVESTREAM})
SHOPS = frozenset({Target.Kind.SHOP})
PATENTS = frozenset({RightKind.PATENT_INVENTION, RightKind.PATENT_UTILITY})


@dataclass(frozen=True)
class Reason:
    """One kind of infringement: on which rights it can rest, what it can be said of, what proves it."""

    kind: str
    rights: frozenset[str]
    targets: frozenset[str]
    hint: str | Promise
    #: what must be attached; empty when the description can be enough
    attach: str | Promise = ""

    @property
    def label(self) -> str:
        return str(Infringement(self.kind).label)


REASONS = (
    Reason(Infringement.COUNTERFEIT, frozenset({RightKind.TRADEMARK}), ITEMS,
           _("Goods that bear your mark and are not yours. A test buy or a comparison of features helps most.")),
    Reason(Infringement.TRADEMARK_USE, frozenset({RightKind.TRADEMARK}), ITEMS,
           _("Your mark, or one that is confusingly similar, in title, image or packaging of other goods.")),
    Reason(Infringement.PIRATED_BOOK, frozenset({RightKind.PUBLISHING, RightKind.COPYRIGHT_WORK}), ITEMS,
           _("A book, scan or copy that was not printed by the publisher. Name the ISBN and what gives it away.")),
    Reason(Infringement.COPIED_IMAGE, frozenset({RightKind.COPYRIGHT_WORK, RightKind.FIRST_PUBLICATION}), ITEMS,
           _("Your picture, text, drawing or film used without permission.")),
    Reason(Infringement.PIRATED_SOFTWARE, frozenset({RightKind.COPYRIGHT_SOFTWARE}), ITEMS,
           _("Your program, key or account sold without licence.")),
    Reason(Infringement.PATENT_PRODUCT, PATENTS, ITEMS,
           _("A product with all features of one of your claims."),
           attach=_("Attach a comparison of the claim with the product.")),
    Reason(Infringement.DESIGN_COPY, frozenset({RightKind.PATENT_DESIGN}), ITEMS,
           _("A product with the same or a similar overall appearance as your design."),
           attach=_("Attach a comparison of the design with the product.")),
    Reason(Infringement.GI_MISUSE, frozenset({RightKind.GEOGRAPHICAL_INDICATION}), ITEMS,
           _("Goods from elsewhere sold under the protected name.")),
    Reason(Infringement.SHOP_NAME, frozenset({RightKind.TRADEMARK, RightKind.COPYRIGHT_WORK}), SHOPS,
           _("The shop's name or avatar uses your mark or work."),
           attach=_("Attach a screenshot that shows the shop's name or avatar.")),
    # Nobody shows an authorisation for a picture: the certificate says only who published it first.
    Reason(Infringement.FORGED_AUTHORISATION, frozenset(RightKind.values) - {RightKind.FIRST_PUBLICATION}, SHOPS,
           _("The shop shows an authorisation that you never gave."),
           attach=_("Attach your sealed statement that names the shop and its operator.")),
)  # fmt: skip

REASON = {reason.kind: reason for reason in REASONS}


def reasons_for(right: str, kinds: set[str] | None = None) -> list[Reason]:
    """The reasons that fit a kind of right, and all of the given kinds of targets."""
    return [r for r in REASONS if right in r.rights and (not kinds or kinds <= r.targets)]
