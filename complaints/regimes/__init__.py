"""Legal regimes as data: what a notice must contain, how long each turn takes, and where that is written.

A complaint carries the regime of its marketplace. Periods are values of the regime, not constants of the
code: Civil Code art. 1196(2) says "a reasonable period" where E-Commerce Law art. 43 says 15 days.
`complaints/deadlines.py` turns a period into dates; `docs/reference/regime-*.md` are written from these tables.
"""

from complaints.regimes.cn import CN_ECOMMERCE
from complaints.regimes.eu import EU_DSA
from complaints.regimes.parts import Document, Element, Event, Misuse, Party, Passing, Period, Regime, Unit
from complaints.regimes.us import US_DMCA

REGIMES: dict[str, Regime] = {regime.code: regime for regime in (CN_ECOMMERCE, US_DMCA, EU_DSA)}

__all__ = [
    "CN_ECOMMERCE", "EU_DSA", "REGIMES", "US_DMCA", "Document", "Element", "Event", "Misuse", "Party", "Passing",
    "Period", "Regime", "Unit",
]  # fmt: skip
