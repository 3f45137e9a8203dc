"""The review of one case: right and target side by side, what a reviewer may do, and the decision with its
preview. Each step is a plain form that carries the moment at which the case came into its state: sent from a
page that is no longer true, it changes nothing and answers 409.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.signed_in import SignedInRequest
from complaints import assigning, conversations, court_orders, desk, review, services
from complaints.admin_forms import Choices, NoteForm, OrderForm, RejectForm, ReturnForm, usual_rule
from complaints.conversations import parties
from complaints.errors import DecidedBefore, OwnCase, TakenBySomebodyElse
from complaints.forms import MessageForm
from complaints.hidden import hidden_from
from complaints.lifecycle import LIFECYCLE
from complaints.models import Complaint, ComplaintTarget
from complaints.passing import description_for_merchant
from complaints.plan import PlannedShop, plan_of
from complaints.representation import is_still_represented
from complaints.rules import USUAL_DISMISSAL
from complaints.selectors import ground_of
from complaints.services import Found
from core import files
from core.errors import DomainError, Forbidden, Invalid, WrongState
from core.lifecycle import lock
from filings import services as filings
from rulebook import macros

Outcome = ComplaintTarget.Outcome
TEMPLATES = "admin/complaints/complaint"
#: at most so many characters of a description stand open on the page
UNFOLDED = 500


class ReviewPages:
    """The pages and steps of one case, mixed into the admin of complaints."""

    def get_urls(self) -> list[URLPattern]:
        name = "complaints_complaint"
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("review/", "review", require_http_methods(["GET", "HEAD", "POST"])(self.review)),
            ("review/accept/", "accept", require_POST(self.accept)),
            ("review/return/", "return", require_POST(self.send_back)),
            ("review/reject/", "reject", require_POST(self.reject)),
            ("review/preview/", "preview", require_POST(self.preview)),
            ("review/decide/", "decide", require_POST(self.decide)),
            ("review/order/", "order", require_POST(self.order)),
            ("review/assign/", "assign", require_POST(self.assign)),
            ("review/note/", "note", require_POST(self.note)),
            ("review/message/", "message", require_POST(self.message)),
            ("review/message/read/", "message_read", require_POST(self.message_read)),
            ("review/signature/", "signature", require_POST(self.signature)),
            ("review/retry/", "retry", require_POST(self.retry)),
        ]
        return [
            path("take-next/", self._shown(require_POST(self.take_next)), name=f"{name}_take_next"),  # type: ignore[attr-defined]
            *[
                path(f"<slug:public_id>/{address}", self._shown(view), name=f"{name}_{step}")
                for address, step, view in pages
            ],
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _shown(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """For staff with a role alone; what goes wrong is said on a page of the workplace."""

        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            if request.method == "POST" and (public_id := kwargs.get("public_id")):
                # Whoever must not see a case does nothing in it either: what answers a step tells how it stands.
                complaint = _find(request, public_id)
                if second_look := hidden_from(complaint, request.user):
                    return self._blind(request, complaint, second_look, status=403)
            try:
                return view(request, *args, **kwargs)
            except DomainError as failure:
                if failure.status == 404:
                    raise
                return self._refused(request, failure, kwargs.get("public_id"))

        return self.admin_site.admin_view(csrf_protect(guarded))  # type: ignore[attr-defined]

    def _refused(self, request: SignedInRequest, failure: DomainError, public_id: str | None) -> HttpResponse:
        complaint = _find(request, public_id) if public_id else None
        last = next(iter(review.timeline(complaint)), None) if complaint else None
        context = self._frame(request, complaint) | {"failure": failure, "last": last}
        return TemplateResponse(request, f"{TEMPLATES}/refused.html", context, status=failure.status)

    def _blind(
        self, request: SignedInRequest, complaint: Complaint, second_look: str, *, status: int = 200
    ) -> HttpResponse:
        context = self._frame(request, complaint) | {"second_look": second_look}
        return TemplateResponse(request, f"{TEMPLATES}/blind.html", context, status=status)

    def _frame(self, request: SignedInRequest, complaint: Complaint | None) -> dict[str, Any]:
        number = complaint.number if complaint else ""
        frame: dict[str, Any] = self.frame(request, number)  # type: ignore[attr-defined]
        return frame | {"original": number or None, "complaint": complaint}

    # --- the page ----------------------------------------------------------------------------------

    def review(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """One case. A POST carries the choices made so far to another page of its links."""
        complaint = _find(request, public_id)
        if request.method != "POST":
            return self._page(request, complaint)
        standing = review.Standing(complaint, request.user)
        _may(standing.may_decide, standing)
        _still(complaint, request)
        choices = _choices(complaint, request)
        if request.POST.get("step") == "fill":
            n = choices.fill(request.POST.get("all-rule", ""))
            if n:
                said = ngettext("Chosen for %(n)d link.", "Chosen for %(n)d links.", n) % {"n": n}
                messages.info(request, said)
        return self._page(request, complaint, choices=choices, status=422 if choices.errors else 200)

    def _page(
        self,
        request: SignedInRequest,
        complaint: Complaint,
        *,
        choices: Choices | None = None,
        status: int = 200,
        **extra: Any,
    ) -> HttpResponse:
        if second_look := hidden_from(complaint, request.user):
            return self._blind(request, complaint, second_look)
        standing = review.Standing(complaint, request.user)
        strip = review.strip(complaint)
        pages = max(1, -(-len(strip) // review.PANELS))
        current = _current(request, strip, choices)
        page = current.page if current else 1
        shown = [chip.key for chip in strip if chip.page == page]
        rows = list(review.rows_of(complaint).filter(public_id__in=shown))
        panels = review.panels(complaint, rows, first=(page - 1) * review.PANELS + 1, viewer=request.user)
        pending = [chip.key for chip in strip if chip.outcome == Outcome.PENDING]
        rules = review.rules_of(complaint)
        choices = choices or Choices(pending)
        statements = review.statements_of(complaint)
        talks = conversations.for_case(complaint, request.user)
        context = self._frame(request, complaint) | {
            "standing": standing,
            "not_represented": is_still_represented(complaint) if standing.waits_for_staff else None,
            "turn": LIFECYCLE.turns[complaint.state],
            "since": complaint.state_since_at.isoformat(),
            "right": _papers(review.right_of(complaint), request.user),
            "evidence": [_paper(e.file, request.user) for e in review.evidence_of(complaint)],
            "record": review.record_of(complaint, request.user),
            "signed_by": extra.pop("signed_by", None) or review.masked_name(complaint.signature),
            "panels": [{"it": p, "choice": choices.of(p.key), "errors": _errors_of(choices, p.key)} for p in panels],
            "strip": [{"chip": chip, "choice": choices.of(chip.key)} for chip in strip],
            "current": current,
            "page": page,
            "pages": range(1, pages + 1),
            "choices": choices,
            "uphold_errors": choices.errors.get("facts-uphold", ()),
            "dismiss_errors": choices.errors.get("facts-dismiss", ()),
            "fill_errors": choices.errors.get("all-rule", ()),
            "carried": choices.fields(leave_out=shown),
            "open_count": len(choices.open),
            "pending_count": len(pending),
            "rules_up": [r for r in rules if r.upholds],
            "rules_down": [r for r in rules if not r.upholds],
            "usual": {"uphold": usual_rule(complaint), "dismiss": USUAL_DISMISSAL},
            "notes": review.notes_of(complaint),
            "statements": statements,
            "decision": complaint.decisions.select_related("decided_by").order_by("-pk").first(),
            "events": review.timeline(complaint, [s.statement for s in statements]),
            "macros": _macros(complaint) if standing.may_act else {},
            "return_form": extra.pop("return_form", None) or ReturnForm(complaint),
            "reject_form": extra.pop("reject_form", None) or RejectForm(complaint),
            "note_form": extra.pop("note_form", None) or NoteForm(),
            "conversations": talks,
            "any_unread": any(talk["unread"] and talk["may_write"] for talk in talks),
            "orders": list(complaint.orders.order_by("-pk").prefetch_related("targets__target")),
            "may_order": standing.may_order,
            "order_form": extra.pop("order_form", None) or (_order_form(strip) if standing.may_order else None),
            "message_form": extra.pop("message_form", None) or MessageForm(),
            "templates": conversations.offered(complaint),
            "colleagues": assigning.colleagues_for(complaint) if standing.may_hand_over else (),
            "assignee": review.staff_name(complaint.assigned_to),
            "unfolded": UNFOLDED,
            "dead": sum(p.standing == "dead" for p in panels),
            **extra,
        }
        return TemplateResponse(request, f"{TEMPLATES}/review.html", context, status=status)

    # --- at the door -------------------------------------------------------------------------------

    def accept(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        complaint = _find(request, public_id)
        if request.POST.get("right") == "proved":
            self._approve_right(request, complaint)
        with _acting(complaint, request) as locked:
            services.accept(complaint=locked, by=request.user)
        messages.success(request, _("Accepted. Decide on each link below."))
        return _back(complaint)

    def _approve_right(self, request: SignedInRequest, complaint: Complaint) -> None:
        """The right that came with a notice without an account, whose papers stand on the same page: first it, then the notice.

        A step of its own, which stays if the notice cannot be accepted then.
        """
        standing = review.Standing(complaint, request.user)
        _may_at_all(complaint, request)
        _still(complaint, request)
        if standing.may_accept_with_right:
            version = request.POST.get("version", "")
            filings.approve(
                filing=complaint.filing, by=request.user, version=int(version) if version.isdecimal() else None
            )

    def send_back(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        complaint = _find(request, public_id)
        form = ReturnForm(complaint, request.POST)
        _may_at_all(complaint, request)
        if not form.is_valid():
            return self._page(request, complaint, status=422, return_form=form)
        with _acting(complaint, request) as locked:
            services.return_for_supplement(complaint=locked, by=request.user, missing=form.cleaned_data["missing"])
            if form.cleaned_data.get("with_right") and review.Standing(complaint, request.user).right_waits:
                filings.return_for_supplement(
                    filing=complaint.filing, by=request.user, missing=form.cleaned_data["missing"]
                )
        messages.success(request, _("%(number)s was returned to the complainant.") % {"number": complaint.number})
        return _to_queue()

    def reject(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        complaint = _find(request, public_id)
        form = RejectForm(complaint, request.POST)
        _may_at_all(complaint, request)
        if not form.is_valid():
            return self._page(request, complaint, status=422, reject_form=form)
        with _acting(complaint, request) as locked:
            services.reject(complaint=locked, by=request.user, reason=form.cleaned_data["reason"])
            if form.cleaned_data.get("with_right") and review.Standing(complaint, request.user).right_waits:
                filings.reject(filing=complaint.filing, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("%(number)s was rejected.") % {"number": complaint.number})
        return _to_queue()

    # --- deciding ----------------------------------------------------------------------------------

    def preview(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """Exactly what a decision would do, link by link and shop by shop. Nothing is written."""
        complaint = _find(request, public_id)
        standing = review.Standing(complaint, request.user)
        _may(standing.may_decide, standing)
        _still(complaint, request)
        choices = _choices(complaint, request)
        if not choices.check():
            return self._page(request, complaint, choices=choices, status=422)
        plan = plan_of(complaint, choices.decided(), choices.rules)
        shared = {
            "complaint": complaint,
            "description": description_for_merchant(complaint),
        }
        context = self._frame(request, complaint) | {
            "since": complaint.state_since_at.isoformat(),
            "plan": plan,
            "statements": [{"shop": shop, "text": _statement(shared, shop)} for shop in plan.told],
            "carried": choices.fields(),
        }
        return TemplateResponse(request, f"{TEMPLATES}/preview.html", context)

    def decide(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """The decision that was previewed, once."""
        complaint = _find(request, public_id)
        _may_at_all(complaint, request)
        choices = _choices(complaint, request)
        with _acting(complaint, request) as locked:
            rows = {row.public_id: row for row in locked.targets.filter(outcome=Outcome.PENDING)}
            if set(rows) != set(choices.keys):
                raise WrongState()
            if not choices.check():
                raise Invalid(errors=choices.errors)
            services.decide(
                complaint=locked,
                by=request.user,
                findings=[
                    Found(rows[key], choices.rules[rule].upholds, rule, facts)
                    for key, (rule, facts) in choices.decided().items()
                ],
            )
        messages.success(request, _("%(number)s is decided.") % {"number": complaint.number})
        return _back(complaint)

    def order(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """What a court ordered is carried out at once, whether or not anybody answered."""
        complaint = _find(request, public_id)
        standing = review.Standing(complaint, request.user)
        _may(standing.may_order, standing)
        form = _order_form(review.strip(complaint), request.POST)
        if not form.is_valid():
            return self._page(request, complaint, status=422, order_form=form)
        with _locked(complaint, request) as locked:
            rows = list(locked.targets.filter(public_id__in=form.cleaned_data["links"]))
            court_orders.record_order(complaint=locked, by=request.user, order=form.ordered(), rows=rows)
        messages.success(request, _("The order was recorded and is being carried out."))
        return _back(complaint)

    # --- around it ---------------------------------------------------------------------------------

    def assign(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """Take it, take it over, or give it back. Doing so twice does it once."""
        complaint = _find(request, public_id)
        standing = review.Standing(complaint, request.user)
        _may(standing.is_reviewer, standing)
        if request.POST.get("to") == "nobody":
            if complaint.assigned_to_id is not None:
                _may(standing.may_give_back, standing)
                services.assign(complaint=complaint, by=request.user, to=None)
            messages.success(request, _("%(number)s is back in the queue.") % {"number": complaint.number})
            return _to_queue()
        colleague = request.POST.get("colleague", "")
        if colleague and request.POST.get("to") == "colleague":
            _may(standing.may_hand_over, standing)
            to = assigning.reviewers().filter(public_id=colleague[:40]).first()
            if to is None:
                raise Invalid(_("Choose somebody who decides cases."))
            services.assign(complaint=complaint, by=request.user, to=to)
            said = _("%(number)s lies on the desk of %(name)s.")
            messages.success(request, said % {"number": complaint.number, "name": review.staff_name(to)})
            return _back(complaint)
        if not standing.is_mine:
            _may(standing.may_take, standing)
            services.assign(complaint=complaint, by=request.user, to=request.user)
        return _back(complaint)

    def note(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """A note among staff; the same words sent twice are one note."""
        complaint = _find(request, public_id)
        if not roles.is_reviewer(request.user):
            raise Forbidden()
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self._page(request, complaint, status=422, note_form=form)
        with transaction.atomic():
            last = lock(complaint).notes.order_by("-pk").first()
            text = form.cleaned_data["text"]
            if last is None or (last.author_id, last.text) != (request.user.pk, text):
                services.add_note(complaint=complaint, by=request.user, text=text)
        return redirect(_address(complaint) + "#notes")

    def message(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """A message to one party; opening the page has read what it wrote."""
        complaint = _find(request, public_id)
        party = next((p for p in parties(complaint) if p.public_id == request.POST.get("party")), None)
        if party is None:
            raise Http404
        form = MessageForm(request.POST)
        if not form.is_valid():
            return self._page(request, complaint, status=422, message_form=form, message_party=party)
        conversations.write(complaint=complaint, party=party, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Your message is in the case; %(party)s is told.") % {"party": party.name})
        return redirect(_address(complaint) + "#conversation")

    def message_read(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """What the parties wrote needs no answer: it leaves the desk."""
        complaint = _find(request, public_id)
        for party in parties(complaint):
            conversations.read(complaint=complaint, party=party, by=request.user)
        return redirect(_address(complaint) + "#conversation")

    def signature(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """Who signed, in full, on this page alone; the ledger keeps that it was looked at."""
        complaint = _find(request, public_id)
        name = desk.look_at_signature(complaint=complaint, by=request.user)
        return self._page(request, complaint, signed_by=name, is_revealed=True)

    def retry(self, request: SignedInRequest, public_id: str) -> HttpResponse:
        """Try an order again that the marketplace had refused for good."""
        complaint = _find(request, public_id)
        row = complaint.targets.filter(public_id=request.POST.get("target", "")[:40]).first()
        if row is None:
            raise Http404
        desk.retry_takedown(row=row, by=request.user)
        messages.success(request, _("It is tried again now."))
        return redirect(f"{_address(complaint)}?t={row.public_id}#{row.public_id}")


# --- what every step asks first -----------------------------------------------------------------------


def _find(request: SignedInRequest, public_id: str) -> Complaint:
    # One that is hidden is found: its page says where to go instead.
    found = (
        Complaint.objects.select_related("filing__organisation", "organisation", "assigned_to", "filed_by")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _may(allowed: bool, standing: review.Standing) -> None:
    """Raises the error that says why somebody may not. The services ask again under their lock."""
    if allowed:
        return
    if not standing.is_reviewer:
        raise Forbidden(_("Your role looks at cases and does not decide them."))
    if standing.is_own:
        raise OwnCase()
    if standing.waits_for_staff and standing.is_decided_before:
        raise DecidedBefore()
    if standing.waits_for_staff and standing.is_elsewhere:
        raise TakenBySomebodyElse()
    raise WrongState()


def _may_at_all(complaint: Complaint, request: SignedInRequest) -> None:
    standing = review.Standing(complaint, request.user)
    _may(standing.may_act, standing)


def _still(complaint: Complaint, request: SignedInRequest) -> None:
    """Raises WrongState if the page from which this came shows an earlier state."""
    if request.POST.get("since") != complaint.state_since_at.isoformat():
        raise WrongState(_("The case has changed since this page was opened."))


@contextmanager
def _acting(complaint: Complaint, request: SignedInRequest) -> Iterator[Complaint]:
    """One step of whoever has the case on their desk, from a page that is still true."""
    _may_at_all(complaint, request)
    with _locked(complaint, request) as locked:
        yield locked


@contextmanager
def _locked(complaint: Complaint, request: SignedInRequest) -> Iterator[Complaint]:
    """A case under its lock, from a page that is still true."""
    with transaction.atomic():
        locked = lock(complaint)
        _still(locked, request)
        yield locked


def _choices(complaint: Complaint, request: SignedInRequest) -> Choices:
    """What was posted for the links that wait for a decision, among the rules that fit the case."""
    fitting = {rule.code: rule for rule in review.rules_of(complaint)}
    return Choices.read(_pending(complaint), request.POST, rules=fitting)


def _pending(complaint: Complaint) -> list[str]:
    pending = complaint.targets.filter(outcome=Outcome.PENDING)
    return list(pending.order_by("pk").values_list("public_id", flat=True))


def _address(complaint: Complaint) -> str:
    return reverse("admin:complaints_complaint_review", args=[complaint.public_id])


def _back(complaint: Complaint) -> HttpResponse:
    return redirect(_address(complaint))


def _to_queue() -> HttpResponse:
    return redirect("admin:complaints_complaint_changelist")


# --- what the page shows ------------------------------------------------------------------------------


def _current(request: SignedInRequest, strip: list[review.Chip], choices: Choices | None) -> review.Chip | None:
    """The link in front of the reviewer: the one asked for, the first with an error or still open, the first."""
    asked = request.POST.get("go") or request.GET.get("t")
    wanted: list[Callable[[review.Chip], bool]] = [lambda chip: chip.key == asked]
    if choices is not None and choices.errors:
        wanted.insert(0, lambda chip: bool(_errors_of(choices, chip.key)))
    wanted.append(lambda chip: chip.outcome == Outcome.PENDING and not (choices and choices.of(chip.key).rule))
    return next((chip for want in wanted for chip in strip if want(chip)), strip[0] if strip else None)


def _errors_of(choices: Choices, key: str) -> list[str]:
    return [e for name in (f"rule-{key}", f"facts-{key}") for e in choices.errors.get(name, ())]


def _order_form(strip: list[review.Chip], data: Any = None) -> OrderForm:
    return OrderForm([(chip.key, chip.title) for chip in strip if chip.outcome != Outcome.WITHDRAWN], data)


def _macros(complaint: Complaint) -> dict[str, list[macros.Choice]]:
    """The prepared reasons for each box of the page."""
    place = macros.ReasonMacro.Place
    return macros.offered(
        place.UPHOLD, place.DISMISS, place.RETURN, place.REJECT, language=complaint.language,
        infringement=complaint.infringement, values=review.reason_values(complaint),
    )  # fmt: skip


def _paper(file: Any, user: Any) -> dict[str, Any]:
    return {"file": file, "url": files.url(file, user=user), "preview": files.url(file, user=user, preview=True)}


def _papers(right: review.Right, user: Any) -> dict[str, Any]:
    show = partial(_paper, user=user)
    certificates, pictures = [[show(file) for file in papers] for papers in (right.certificates, right.pictures)]
    first = next(iter([*pictures, *certificates]), None)
    return {"it": right, "certificates": certificates, "pictures": pictures, "first": first}


def _statement(shared: dict[str, Any], shop: PlannedShop) -> str:
    """The statement of reasons as the merchant will read it, in the merchant's language."""
    with translation.override(shop.reads):
        return render_to_string(
            f"{TEMPLATES}/statement.html", {**shared, "shop": shop, "ground": ground_of(shared["complaint"])}
        )
