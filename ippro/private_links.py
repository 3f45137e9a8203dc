"""What a private link opens to somebody without an account: the pages of their own cases, and no others.

The pages are those of everybody who signs in. Here they are shown to the guest behind the link, who acts for the guest's
own organisation alone; their addresses begin with the link (Django's script prefix), so that each form and each link on
them is one of the guest's. The token is what allows it, and no cookie, so that there is nothing to forge from other sites.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from allauth.account.forms import ResetPasswordForm
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, get_script_prefix, resolve, reverse, set_script_prefix
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.guests import services as guests
from accounts.guests.models import Guest
from complaints.public.by_address import opened_by_its_address
from complaints.selectors import complaints_of
from core.errors import NotYours
from core.pace import keep_pace

#: pages that a guest sees as whoever signs in does
SHOWN = frozenset({
    "complaints:detail", "complaints:supplement", "complaints:withdraw", "complaints:message", "complaints:decision-pdf",
    "complaints:counter-notice", "complaints:counter-notice-proof", "complaints:counter-notice-concede",
    "filings:detail", "filings:edit", "filings:submit", "filings:withdraw",
    "appeals:list", "appeals:offer", "appeals:new", "appeals:detail", "appeals:supplement", "appeals:withdraw",
    "complaints:standing", "private-file", "thumbnail", "patrol:looks", "set_language",
})  # fmt: skip
#: which of them stand for whoever signs in under the same address
SIGNED_IN = ("complaints/", "counter-notices/", "filings/", "appeals/")
LETTERS_A_DAY = 3


@opened_by_its_address
@require_http_methods(["GET", "HEAD", "POST"])
def opened(request: HttpRequest, token: str, page: str) -> HttpResponse:
    """One page behind a private link. An unknown link, an old one and one that was replaced look alike."""
    guest = guests.guest_behind(token)
    if guest is None:
        return render(request, "public/link_unknown.html", status=404)
    if guest.has_account:
        # The letter may have reached others since; whoever has an account proves who they are.
        into = quote(f"/{page}" if page.startswith(SIGNED_IN) else "/complaints/")
        return render(
            request, "public/link_over.html", {"sign_in": f"{reverse('account_login')}?next={into}"}, status=410
        )
    with _as_guest(request, guest, token):
        own = OWN.get(page)
        if own is not None:
            return own(request, guest)
        return _shown(request, page)


def _shown(request: HttpRequest, page: str) -> HttpResponse:
    try:
        found = resolve(f"/{page}")
    except Resolver404 as unknown:
        raise NotYours() from unknown
    if found.view_name not in SHOWN:
        if request.method == "POST":
            raise NotYours()
        # What everybody sees, such as the rules, stands where it always does.
        return redirect(f"/{page}")
    answer: Any = found.func(request, *found.args, **found.kwargs)
    if hasattr(answer, "render") and not answer.is_rendered:
        answer.render()
    return answer  # type: ignore[no-any-return]


@contextmanager
def _as_guest(request: HttpRequest, guest: Guest, token: str) -> Iterator[None]:
    """The request as the guest's own; afterwards it is whose it was, so that an error page tells nothing of them."""
    before: Any = request.user
    root = get_script_prefix()
    prefix = f"{root}{guests.PRIVATE.lstrip('/')}{token}/"
    request.user, request.private_link = guests.acting(guest), prefix  # type: ignore[attr-defined,assignment]
    set_script_prefix(prefix)
    try:
        with translation.override(_language(request, guest)):
            yield
    finally:
        set_script_prefix(root)
        request.user, request.private_link = before, ""  # type: ignore[attr-defined]


def _language(request: HttpRequest, guest: Guest) -> str | None:
    """That in which the notice was written, unless this browser chose another one."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return translation.get_language() if chosen else guest.user.language


# --- pages of their own -------------------------------------------------------------------------------


def _overview(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Their cases; the only one at once."""
    found = list(complaints_of(request.user).order_by("-pk")[:100])  # type: ignore[arg-type]
    if len(found) == 1 and request.method != "POST":
        return redirect("complaints:detail", found[0].public_id)
    return render(request, "public/cases.html", {"cases": found, "guest": guest})


def _new_link(request: HttpRequest, guest: Guest) -> HttpResponse:
    """End every link that is about, this one too, and go on by a fresh one."""
    if request.method != "POST":
        return render(request, "public/new_link.html", {"guest": guest})
    return redirect(guests.replace_links(guest=guest))


def _account(request: HttpRequest, guest: Guest) -> HttpResponse:
    """The invitation: a letter to the proved mailbox with which a password is chosen. The link alone does not open an account."""
    is_sent = False
    if request.method == "POST":
        keep_pace(what="guest-account", who=guest.public_id, most=LETTERS_A_DAY, seconds=24 * 60 * 60)
        with _outside():
            form = ResetPasswordForm({"email": guest.user.email})
            if form.is_valid():
                form.save(request)
        is_sent = True
        messages.success(request, _("A letter is on its way to you. Choose a password by its link, then sign in."))
    return render(request, "public/account.html", {"guest": guest, "is_sent": is_sent})


@contextmanager
def _outside() -> Iterator[None]:
    """Addresses as everybody has them, for a letter that leads out of the private pages."""
    inside = get_script_prefix()
    set_script_prefix("/")
    try:
        yield
    finally:
        set_script_prefix(inside)


OWN = {"": _overview, "complaints/": _overview, "filings/": _overview, "new-link/": _new_link, "account/": _account}
