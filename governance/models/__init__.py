"""Tables of the governance room, one file a noun."""

from governance.models.appeals import Appeal, AppealDecision, AppealedLink, AppealEvidence, OutOfCourtBody, Referral

__all__ = ["Appeal", "AppealDecision", "AppealEvidence", "AppealedLink", "OutOfCourtBody", "Referral"]
