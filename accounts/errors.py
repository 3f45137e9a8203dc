"""What can go wrong in the accounts room."""

from typing import Any, Self

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Forbidden


class NotForMerchants(Forbidden):
    """A merchant files no rights, and complains under the certificates of its own images alone."""

    code = "not_for_merchants"
    message = _(
        "Rights are filed, and complaints made, by rights holders and agencies; you act for a merchant. If your "
        "company owns a right itself, register it once more as a rights holder under “Organisation and colleagues” "
        "and act for that one. Pictures of your own you can register as originals: once they are certified, you can "
        "complain of copies."
    )


class NotVerified(Forbidden):
    """Nobody is written to in the name of an agency whose papers nobody has looked at."""

    code = "organisation_not_verified"
    message = _("Your organisation must be verified before it can hand in powers of attorney. Submit its papers first.")


class UnderReview(DomainError):
    """Identity and papers stand still while a reviewer looks at them."""

    code = "under_review"
    status = 409
    message = _("The papers are with a reviewer now. You can change them again once they come back.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    status = 409
    message = _("This is the last administrator. Make somebody else an administrator first.")


class ActsForAnother(DomainError):
    """A form was sent from a page of another organisation than the one that somebody acts for now."""

    code = "acts_for_another"
    status = 409

    @classmethod
    def between(cls, then: Any, now: Any) -> Self:
        """`then` is whose page it was; None if this person does not belong to it any more."""
        if then is None:
            return cls(
                _("The page was made for an organisation that you do not belong to any more. Nothing was changed.")
            )
        said = gettext(
            "This page was made while you acted for %(then)s, and you act for %(now)s now. Nothing was changed. Act for "
            "%(then)s again in the account menu, then send the page once more."
        )
        return cls(said % {"then": then.name, "now": now.name})


class OwnOrganisation(DomainError):
    """Nobody accepts the papers of an organisation they belong to."""

    code = "own_organisation"
    status = 403
    message = _("You belong to this organisation. Somebody else has to review its papers.")


class StaffBelongToNobody(DomainError):
    """Who decides between the parties is none of them."""

    code = "staff_belong_to_nobody"
    status = 403
    message = _("Staff of the platform cannot belong to an organisation. Use another account for that.")


class InvitationUnknown(DomainError):
    code = "invitation_unknown"
    status = 404
    message = _("This invitation does not exist, or a newer letter has replaced it. Use the link of the newest letter.")


class InvitationClosed(DomainError):
    """Used, revoked or too old; which of these is said in the message."""

    code = "invitation_closed"
    status = 410
    message = _("This invitation can no longer be used. Ask your colleague to send a new one.")


class NotInvited(DomainError):
    code = "not_invited"
    status = 403
    message = _("This invitation was sent to another address. Sign in with the address that got the letter.")
