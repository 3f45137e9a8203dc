"""The staff's pages of one case: a match and a conflict with both pictures side by side, an original with its certificate.

Each step is a plain form that carries the moment at which the case came into its state: sent from a page that is no
longer true, it changes nothing and answers 409.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts import roles
from accounts.signed_in import SignedInRequest
from core import clock, files
from core.admin import standing
from core.errors import DomainError, Invalid, WrongState
from imageguard import authorship, desk, explanations, selectors, services, watching
from imageguard.explanations import View
from imageguard.lifecycle import LIFECYCLE, MATCHES
from imageguard.models import CameraOriginal, Conflict, Match, Original

TEMPLATES = "admin/imageguard"


class CasePage:
    """What the three pages share: their address, who may open them, and what happens when a step is refused."""

    #: the name of the page, as in `admin:imageguard_match_review`
    page_name = "review"
    templates = TEMPLATES

    def page_of(self, request: SignedInRequest, case: Any, **extra: Any) -> HttpResponse:
        raise NotImplementedError

    def found(self, public_id: str) -> Any:
        raise NotImplementedError

    def take_step(self, request: SignedInRequest, case: Any) -> HttpResponse:
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        opts = self.model._meta  # type: ignore[attr-defined]
        page = self.shown(require_http_methods(["GET", "HEAD", "POST"])(self.case))
        name = f"{opts.app_label}_{opts.model_name}_{self.page_name}"
        return [path(f"<slug:public_id>/{self.page_name}/", page, name=name), *super().get_urls()]  # type: ignore[misc]

    def shown(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_site.admin_view(csrf_protect(guarded))  # type: ignore[attr-defined]

    def address_of(self, case: Any) -> str:
        opts = self.model._meta  # type: ignore[attr-defined]
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{self.page_name}", args=[case.public_id])

    def change_view(self, request: SignedInRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of the case takes the place of the generated one."""
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            return super().change_view(request, object_id, *args, **kwargs)  # type: ignore[misc]
        by = {"pk": int(object_id)} if object_id.isdecimal() and len(object_id) < 19 else {"public_id": object_id}
        case = self.model._base_manager.filter(**by).first()  # type: ignore[attr-defined]
        if case is None:
            raise Http404
        return redirect(self.address_of(case))

    def case(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """One case; a POST is a step, and what is refused stands on the page with nothing changed."""
        case = self.found(public_id)
        if request.method != "POST":
            return self.page_of(request, case)
        try:
            return self.take_step(request, case)
        except DomainError as failure:
            extra = {"failure": failure, "note": request.POST.get("note", ""), "chosen": request.POST.get("step", "")}
            return self.page_of(request, self.found(public_id), status=failure.status, **extra)

    def render(self, request: SignedInRequest, template: str, title: str, **context: Any) -> HttpResponse:
        status = context.pop("status", 200)
        frame = self.frame(request, title) | {  # type: ignore[attr-defined]
            "original_title": title, "failure": None, "note": "", "chosen": "",
            "may_decide": roles.is_reviewer(request.user),
        }  # fmt: skip
        return TemplateResponse(request, f"{self.templates}/{template}", {**frame, **context}, status=status)


def still(case: Any, request: SignedInRequest) -> None:
    """Raises WrongState if the page from which this came shows an earlier state."""
    if request.POST.get("since") != case.state_since_at.isoformat():
        raise WrongState(_("The case has changed since this page was opened."), state=case.state)


# --- matches -----------------------------------------------------------------------------------------


class MatchPages(CasePage):
    """One match: original and find side by side, what agrees, and the decision."""

    def get_urls(self) -> list[URLPattern]:
        to_next = self.shown(require_http_methods(["GET", "HEAD"])(self.next))
        return [path("next/", to_next, name="imageguard_match_next"), *super().get_urls()]

    def found(self, public_id: str) -> Match:
        match = (
            desk.matches().select_related("original__image", "image__file", "file").filter(public_id=public_id).first()
        )
        if match is None:
            raise Http404
        return match

    def next(self, request: SignedInRequest) -> HttpResponse:
        """To the most urgent match that nobody else has open."""
        left = Match.objects.filter(public_id=request.GET.get("after", "")[:40]).first()
        match = desk.next_match(request.user, after=left)
        if match is None:
            self.message_user(request, _("No match waits for a decision. Well done."), messages.SUCCESS)  # type: ignore[attr-defined]
            return redirect("admin:imageguard_match_changelist")
        return redirect(self.address_of(match))

    def take_step(self, request: SignedInRequest, case: Match) -> HttpResponse:
        still(case, request)
        note = request.POST.get("note", "")
        if request.POST.get("step") == "confirm":
            watching.confirm(match=case, by=request.user, note=note)
            messages.success(request, _("%(number)s is a copy: its holder is told.") % {"number": case.number})
        elif request.POST.get("step") == "dismiss":
            watching.dismiss(match=case, by=request.user, note=note, reason=request.POST.get("reason", ""))
            messages.success(request, _("%(number)s is no copy.") % {"number": case.number})
        else:
            raise Invalid(_("Say whether it is a copy."), field="step")
        return redirect("admin:imageguard_match_next")

    def page_of(self, request: SignedInRequest, case: Match, **extra: Any) -> HttpResponse:
        steps = {t.name for t in MATCHES.available(case, request.user)} & {"confirm", "dismiss"}
        is_own = desk.is_own(request.user, desk.parties_of(case))
        if case.state == Match.State.IN_REVIEW and steps and not is_own:
            # Who only reads it keeps it from nobody.
            desk.open_match(case, request.user)
        return self.render(
            request, "match/review.html", case.number,
            case=case,
            turn=MATCHES.turns[case.state],
            since=case.state_since_at.isoformat(),
            is_late=is_late(case),
            pictures=explanations.shown(case, View.SIDE_BY_SIDE, View.OVERLAY, View.WARPED),
            alone=_preview(case.original.image, request.user),
            sentence=explanations.sentence(case),
            score=explanations.score_in_words(case.score),
            parts=explanations.parts_in_words(case.parts),
            steps=steps,
            is_own=is_own,
            reason=request.POST.get("reason", ""),
            appearance=case.image.appearances.filter(target=case.target_id).first(),
            precision=desk.precision(),
            events=selectors.timeline(case, request.user),
            **extra,
        )  # fmt: skip


# --- conflicts ---------------------------------------------------------------------------------------


class ConflictPages(CasePage):
    """One conflict: what came earlier beside what came later, what speaks for whom, and the form that settles it."""

    page_name = "settle"

    def found(self, public_id: str) -> Conflict:
        conflict = (
            desk.conflicts()
            .select_related("original__image", "rival__image", "rival_image__file", "settled_by")
            .filter(public_id=public_id)
            .first()
        )
        if conflict is None:
            raise Http404
        return conflict

    def take_step(self, request: SignedInRequest, case: Conflict) -> HttpResponse:
        step = request.POST.get("step")
        if step not in ("stands", "falls", "both"):
            raise Invalid(_("Say who was first."), field="step")
        revokes = step == "stands" and case.rival is not None and case.rival.is_certified
        original = services.settle_conflict(
            conflict=case, by=request.user, is_upheld=step != "falls", both_stand=step == "both",
            note=request.POST.get("note", ""), public_reason=request.POST.get("public_reason", ""),
        )  # fmt: skip
        if revokes and case.rival is not None:
            messages.warning(request, _("The certificate %(number)s is revoked.") % {"number": case.rival.number})
        if original.state == Original.State.IN_CONFLICT:
            said = _("Settled. %(number)s has more conflicts, and gets its certificate when all are settled.")
        elif original.is_certified:
            said = _("%(number)s stands and has its certificate.")
        else:
            said = _("%(number)s was refused: somebody else was first.")
        messages.success(request, said % {"number": original.number})
        return redirect("admin:imageguard_conflict_changelist")

    def page_of(self, request: SignedInRequest, case: Conflict, **extra: Any) -> HttpResponse:
        original = case.original
        earlier = case.rival
        return self.render(
            request, "conflict/settle.html", original.number,
            case=case,
            sides=[_listing_side(case, request.user) if earlier is None else _side(earlier, request.user),
                   _side(original, request.user)],
            pictures=explanations.shown(case, View.OVERLAY, View.WARPED),
            sentence=explanations.sentence(case),
            score=explanations.score_in_words(case.score),
            parts=explanations.parts_in_words(case.parts),
            is_late=is_late(original),
            is_own=desk.is_own(request.user, desk.parties_of(case)),
            is_open=case.settled_at is None and original.state == Original.State.IN_CONFLICT,
            revokes=earlier.number if earlier is not None and earlier.is_certified else "",
            public_reason=request.POST.get("public_reason", ""),
            siblings=desk.siblings(case),
            events=selectors.timeline(original, request.user),
            **extra,
        )  # fmt: skip


def _side(original: Original, user: Any) -> dict[str, Any]:
    """An original as one side of a conflict."""
    return {
        "original": original,
        "preview": _preview(original.image, user),
        "proofs": [_proof(row, user) for row in original.camera_originals.select_related("file").order_by("pk")],
    }


def _listing_side(conflict: Conflict, user: Any) -> dict[str, Any]:
    """What another seller showed earlier, with our copy of it as far as there is one by now."""
    image = conflict.rival_image
    file = image.file if image is not None else None
    appearance = image.appearances.filter(target=conflict.rival_target_id).first() if image is not None else None
    return {
        "target": conflict.rival_target,
        "image": image,
        "appearance": appearance,
        "preview": _preview(file, user) if file is not None else "",
        # Nobody will fetch it any more: what was looked for is gone from the marketplace.
        "is_lost": file is None and (image is None or image.due_at is None),
    }


# --- originals ---------------------------------------------------------------------------------------


class OriginalPages(CasePage):
    """One original: its picture, its certificate and what happened to it; revoked in two steps."""

    page_name = "detail"

    def found(self, public_id: str) -> Original:
        original = desk.with_everything(Original.objects.all()).filter(public_id=public_id).first()
        if original is None:
            raise Http404
        return original

    def take_step(self, request: SignedInRequest, case: Original) -> HttpResponse:
        step = request.POST.get("step")
        if step == "retry":
            services.retry_check(original=case, by=request.user)
            messages.success(request, _("It is tried again now."))
            return redirect(self.address_of(case))
        if step not in ("preview", "revoke"):
            raise Invalid(_("Choose what to do."), field="step")
        still(case, request)
        LIFECYCLE.check(case, "revoke", request.user)
        reason = services.said(request.POST.get("note", ""), "note")
        if step == "preview":
            return self.page_of(request, case, preview_reason=reason, note=reason)
        services.revoke(original=case, by=request.user, public_reason=reason)
        messages.success(request, _("The certificate %(number)s is revoked.") % {"number": case.number})
        return redirect(self.address_of(case))

    def page_of(self, request: SignedInRequest, case: Original, **extra: Any) -> HttpResponse:
        counts = desk.match_counts(case)
        return self.render(
            request, "original/detail.html", case.number,
            case=case,
            turn=LIFECYCLE.turns[case.state],
            since=case.state_since_at.isoformat(),
            is_late=is_late(case),
            is_dead=standing(case) == "dead",
            preview=_preview(case.image, request.user),
            download=files.url(case.image, user=request.user),
            proofs=[_proof(row, request.user) for row in case.camera_originals.all()],
            conflicts=list(case.conflicts.all()),
            licences=list(case.licences.active().select_related("shop").order_by("pk")[:20]),
            counts=counts,
            may_revoke=LIFECYCLE.allows(case, "revoke", request.user),
            is_own=desk.is_own(request.user, [case.organisation_id]),
            events=selectors.timeline(case, request.user),
            **{"preview_reason": "", **extra},
        )  # fmt: skip


# --- what the pages show -----------------------------------------------------------------------------


def is_late(case: Any) -> bool:
    return case.deadline_at is not None and case.deadline_at <= clock.now()


def _preview(file: Any, user: Any) -> str:
    return files.url(file, user=user, preview=True)


def _proof(row: CameraOriginal, user: Any) -> dict[str, Any]:
    """A camera original with what it says, in words."""
    return {
        "row": row,
        "url": files.url(row.file, user=user),
        "preview": _preview(row.file, user),
        "findings": [
            {"speaks": f.get("speaks", "neither"), "text": authorship.in_words(f)} for f in authorship.for_staff(row)
        ],
    }
