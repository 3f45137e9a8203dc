"""What can go wrong in the marketplace room."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Forbidden, WrongState


class NotByHand(WrongState):
    code = "not_by_hand"
    message = _("Nothing of this shop waits to be carried out by hand.")


class NotDead(DomainError):
    code = "nothing_to_retry"
    status = 409
    message = _("This order is not waiting for a retry. Reload the page to see where it stands now.")


class NoPicture(DomainError):
    code = "no_picture"
    status = 404
    message = _("There is no picture, or it cannot be shown.")


class PictureLater(DomainError):
    code = "picture_later"
    status = 503
    message = _("The picture cannot be shown at the moment. Reload the page in a minute.")


class MayNotSearch(Forbidden):
    code = "organisation_not_verified"
    message = _(
        "Search is for rights holders and agencies that were verified. Submit the papers of your organisation first."
    )
