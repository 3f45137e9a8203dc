"""Pages of many complaints answered at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.signed_in import SignedInRequest
from complaints.answers import services
from complaints.answers.services import ANSWERS, Act
from complaints.forms import LONGEST_DESCRIPTION
from complaints.models import AnswerSheet
from core.errors import Invalid
from core.imports.forms import AskedAgain, ColumnsForm
from core.imports.views import PAGE, SheetPages


class AnswerColumnsForm(ColumnsForm):
    kind = ANSWERS

    action_for_all = forms.ChoiceField(
        label=_("What to do with all other complaints"),
        choices=[("", _("None: every row says it")), *Act.choices],
        required=False,
    )


class AnswerForm(AskedAgain):
    """What is said in all complaints whose row says nothing itself."""

    text = forms.CharField(
        label=_("Reason of a withdrawal, or words of a supplement"),
        help_text=_(
            "For all complaints whose row says nothing itself. The reason of a withdrawal is read by staff alone."
        ),
        widget=forms.Textarea({"rows": 4}),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )


class AnswerPages(SheetPages):
    kind = ANSWERS
    name = "complaints:answers"
    columns_form = AnswerColumnsForm
    templates = "complaints/answers"
    confirmed_words = _("The complaints are being answered. You can leave this page.")

    def confirm_form(self, request: HttpRequest, sheet: AnswerSheet, judged: list[Any]) -> AnswerForm:
        return AnswerForm(request.POST if request.method == "POST" else None)

    def judged(self, request: HttpRequest, sheet: AnswerSheet, rows: list[Any]) -> dict[str, Any]:
        good = [row for row in rows if not row.faults]
        becomes = self.kind.becomes(sheet, rows)
        return {"answered": good[:PAGE], "more": max(0, len(good) - PAGE), "withdrawn": becomes[Act.WITHDRAW]}


pages = AnswerPages()


@login_required
@require_POST
def tick(request: SignedInRequest) -> HttpResponse:
    """What was ticked on the list goes to the page that says what would become of each."""
    try:
        made = services.tick(
            numbers=request.POST.getlist("complaint"), action=request.POST.get("action", ""), by=request.user
        )
    except Invalid as refused:
        messages.warning(request, str(refused))
        return redirect("complaints:list")
    return redirect("complaints:answers-preview", made.public_id)
