"""What can go wrong in the marketplace room."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NotDead(DomainError):
    code = "nothing_to_retry"
    status = 409
    message = _("This order is not waiting for a retry. Reload the page to see where it stands now.")
