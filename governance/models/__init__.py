"""Tables of the governance room, one file a noun."""

from governance.models.appeals import Appeal, AppealDecision, AppealedLink, AppealEvidence, OutOfCourtBody, Referral
from governance.models.penalties import Penalty, ShopLink, ShopRecord, Strike
from governance.models.quality import SecondLook

__all__ = [
    "Appeal", "AppealDecision", "AppealEvidence", "AppealedLink", "OutOfCourtBody", "Penalty", "Referral", "SecondLook",
    "ShopLink", "ShopRecord", "Strike",
]  # fmt: skip
