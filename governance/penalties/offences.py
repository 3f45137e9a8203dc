"""Which rule of the book brings points for what: by the kind of infringement that was upheld, and for other acts.

The points themselves stand in the rulebook and are those of the version in force at the time of the act.
"""

from datetime import timedelta

from complaints.models import Infringement

OFFENCES: dict[str, str] = {
    Infringement.COUNTERFEIT: "M1",
    Infringement.TRADEMARK_USE: "M2",
    Infringement.GI_MISUSE: "M2",
    Infringement.PIRATED_BOOK: "M3",
    Infringement.PIRATED_SOFTWARE: "M3",
    Infringement.COPIED_IMAGE: "M4",
    Infringement.PATENT_PRODUCT: "M5",
    Infringement.DESIGN_COPY: "M5",
    Infringement.SHOP_NAME: "M6",
    Infringement.FORGED_AUTHORISATION: "M7",
}
RELISTING = "M8"
EVASION = "M10"
#: what staff count by hand: forged papers and refused cooperation, in the case that a notice to the shop is about
BY_HAND = ("M7", "M9")

#: how long points count, and how long a repetition of the same rule counts double (ADR 14)
COUNTS = timedelta(days=365)
#: after the hearing, how long the platform takes to decide
DECISION = timedelta(days=7)
