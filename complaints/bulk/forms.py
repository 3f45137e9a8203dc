"""Forms of complaints from a sheet: its columns, and the signature under all of it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import selectors
from complaints.bulk.services import KIND
from complaints.forms import LONGEST_DESCRIPTION, RightChoice, signed_by
from complaints.models import Infringement
from complaints.regimes import REGIMES
from core.imports.forms import AskedAgain, ColumnsForm
from filings.models import Filing


class LinkColumnsForm(ColumnsForm):
    """The columns of a sheet of links, and beside them what holds for all rows that say nothing themselves."""

    kind = KIND

    filing_for_all = RightChoice(
        label=_("Right for all other rows"),
        queryset=Filing.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("None: every row names its own"),
        error_messages={"invalid_choice": _("This right is not in force, or not yours. Choose another one.")},
    )
    infringement_for_all = forms.ChoiceField(
        label=_("Kind of infringement for all other rows"),
        choices=[("", _("None: every row names its own")), *Infringement.choices],
        required=False,
    )
    description_for_all = forms.CharField(
        label=_("Description for all other rows"),
        help_text=_("At least 20 characters: what infringes, and how you know. The seller reads this too."),
        widget=forms.Textarea({"rows": 4}),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )

    def __init__(self, *args: Any, sheet: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, sheet=sheet, user=user, **kwargs)
        field: Any = self.fields["filing_for_all"]
        field.queryset = selectors.rights_to_rest_on(user)
        field.own_id = sheet.organisation_id


class SignForm(AskedAgain):
    """The signature and the statement of good faith, for every complaint of the sheet."""

    signature = signed_by()
    good_faith = forms.BooleanField(
        label=_("I make this statement of good faith for every row that is sent."),
        error_messages={
            "required": _("Confirm that the notice is true: without this assurance it cannot be accepted.")
        },
    )

    def __init__(self, *args: Any, laws: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["good_faith"].help_text = " ".join(str(REGIMES[law].assurance) for law in sorted(set(laws)))
