"""Pages for people without an account: the form, the letter's question, and a fresh private link."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from complaints import selectors
from complaints.public import pace, services
from complaints.public.by_address import opened_by_its_address
from complaints.public.forms import FILES, LinkAgainForm, PublicForm
from core.errors import DomainError, Invalid
from core.ids import new_id
from core.models import FilePurpose, PrivateFile

PURPOSES = dict(zip(FILES, (FilePurpose.CERTIFICATE, FilePurpose.PICTURE, FilePurpose.EVIDENCE), strict=True))
MOST_FILES = 20
_kept = signing.TimestampSigner(salt="public-notice-files")


@never_cache
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """A notice by somebody without an account. The hidden id makes a second click the same notice."""
    if request.method != "POST":
        return _page(request, PublicForm(), public_id=new_id("ntc"))
    pace.may_look(request)
    form = PublicForm(request.POST, request.FILES)
    if form.is_trapped:
        # A program hears that all went well, and nothing is kept.
        return redirect("public:sent")
    looked = _looked_at(form)
    form.fit_to(looked)
    kept, refused = _files(request)
    if request.POST.get("action") == "check":
        shown = PublicForm(initial=request.POST.dict() | {"good_faith": "good_faith" in request.POST})
        return _page(request, shown, looked=looked, kept=kept, refused=refused, status=422 if refused else 200)
    for name, words in refused:
        form.add_error(name, words)
    if form.is_valid() and _sent(request, form, kept):
        return redirect("public:sent")
    return _page(request, form, looked=looked, kept=kept, status=422)


def _sent(request: HttpRequest, form: PublicForm, kept: list[PrivateFile]) -> bool:
    """Whether the notice is kept and its letter owed; what is wrong stands beside its field otherwise."""
    try:
        services.check(said=form.said, kept=kept)
        pace.may_send(request)
        services.keep_notice(
            public_id=request.POST.get("notice", ""), said=form.said, kept=kept, language=get_language() or "zh-hans"
        )  # fmt: skip
    except Invalid as failure:
        form.add_errors(failure.errors or {"__all__": failure.message})
        return False
    except services.TooManyLetters as failure:
        form.add_error("email", str(failure))
        return False
    return True


def _looked_at(form: PublicForm) -> list[selectors.PastedLink]:
    return [selectors.PastedLink(seen=view) for view in selectors.look_at_links(form.lines[: services.MOST_LINKS + 1])]


def _files(request: HttpRequest) -> tuple[list[PrivateFile], list[tuple[str, str]]]:
    """Files of this form, those of an earlier answer to it among them; and the words of what could not be taken."""
    kept, refused = _kept_before(request), []
    for name, purpose in PURPOSES.items():
        for upload in request.FILES.getlist(name):
            try:
                if len(kept) >= MOST_FILES:
                    raise Invalid(_("At most %(n)d files. Put the pages into one PDF.") % {"n": MOST_FILES})
                pace.may_keep_a_file(request)
                kept.append(services.keep_upload(upload=upload, purpose=purpose))
            except DomainError as failure:
                refused.append((name, f"{upload.name}: {failure}"))
    removed = set(request.POST.getlist("remove_file"))
    return [file for file in kept if file.public_id not in removed], refused


def _kept_before(request: HttpRequest) -> list[PrivateFile]:
    """Files that came with an earlier answer of the form, by the signed list that its page carries."""
    try:
        ids = _kept.unsign_object(request.POST.get("kept", ""), max_age=24 * 60 * 60)
    except signing.BadSignature:
        return []
    return list(PrivateFile.objects.filter(public_id__in=ids, uploaded_by__isnull=True).order_by("pk"))


def _page(
    request: HttpRequest,
    form: PublicForm,
    *,
    public_id: str = "",
    looked: list[selectors.PastedLink] | None = None,
    kept: list[PrivateFile] | None = None,
    refused: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    looked = looked or []
    reasons = form.fit_to(looked)
    files = kept or []
    context = {
        "form": form,
        "notice_id": public_id or request.POST.get("notice", ""),
        "looked": looked,
        "usable": sum(p.is_usable for p in looked),
        "unusable": sum(not p.is_usable for p in looked),
        "reasons": reasons,
        "chosen_reason": form["infringement"].value() or "",
        "no_reason_fits": not reasons,
        "files": files,
        "kept": _kept.sign_object([file.public_id for file in files]) if files else "",
        "refused": [words for _name, words in refused or []],
        "most_links": services.MOST_LINKS,
    }
    return render(request, "public/report.html", context, status=status)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What comes next: the letter. The page is the same for everybody."""
    return render(request, "public/sent.html", {"hours": int(services.CONFIRM_WITHIN.total_seconds() // 3600)})


@opened_by_its_address
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The letter's link: what was written, once more, and the button. Programs that open links in letters press none."""
    notice = services.notice_behind(token)
    if notice.confirmed_at is not None and notice.complaint_id is None:
        # It was put among the drafts of an account; there it is opened, and by no letter.
        return render(request, "public/in_your_drafts.html")
    error = ""
    if request.method == "POST":
        try:
            done = services.confirm(token=token)
        except DomainError as failure:
            if failure.status == 404:
                raise
            error = _all_of(failure)
        else:
            if done.draft is not None:
                return render(request, "public/in_your_drafts.html", {"draft": done.draft})
            return redirect(done.address)
    said = services.said_in(notice)
    context = {
        "notice": notice,
        "said": said,
        "lines": str(said.get("links", "")).splitlines(),
        "files": list(notice.files.order_by("pk")),
        "error": error,
        **services.words_of(said),
    }
    return render(request, "public/confirm.html", context, status=422 if error else 200)


def _all_of(failure: DomainError) -> str:
    errors: dict[str, Any] = failure.errors if isinstance(failure, Invalid) else {}
    sentences = [str(one) for many in errors.values() for one in (many if isinstance(many, list) else [many])]
    return " ".join(sentences) or str(failure)


@never_cache
@require_http_methods(["GET", "POST"])
def link_again(request: HttpRequest) -> HttpResponse:
    """A fresh private link, to the mailbox alone."""
    form = LinkAgainForm(request.POST if request.method == "POST" else None)
    is_asked = False
    if request.method == "POST" and form.is_valid():
        pace.may_ask_again(request)
        services.send_link_again(email=form.cleaned_data["email"])
        is_asked = True
    status = 422 if form.is_bound and not is_asked else 200
    return render(request, "public/link_again.html", {"form": form, "is_asked": is_asked}, status=status)
