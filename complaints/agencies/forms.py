"""Forms of powers of attorney: who, for what, from when until when, and the paper."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CountryField, RoomForm
from accounts.models import PowerOfAttorney
from accounts.powers.services import Days
from complaints.agencies import scope
from complaints.models import Infringement
from core import clock
from core.forms import MultipleFileField
from filings.models import Filing
from marketplace.models import Scene

_DAY = {"type": "date"}


class ScopeForm(RoomForm):
    """What every power says, whoever hands it in."""

    valid_from_on = forms.DateField(label=_("Valid from"), widget=forms.DateInput(_DAY, format="%Y-%m-%d"))
    valid_until_on = forms.DateField(
        label=_("Valid until"),
        help_text=_("The last day belongs to it."),
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    rights = forms.CharField(
        label=_("Only these rights"),
        help_text=_(
            "One registration number per line. Leave it empty for all rights: only then can new ones be filed."
        ),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        required=False,
    )
    infringements = forms.MultipleChoiceField(
        label=_("Only these kinds of infringement"), help_text=_("Tick none for all of them."),
        choices=Infringement.choices, widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    scenes = forms.MultipleChoiceField(
        label=_("Only these scenes"), help_text=_("Tick none for all of them."),
        choices=Scene.choices, widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    marketplaces = forms.MultipleChoiceField(
        label=_("Only these marketplaces"), help_text=_("Tick none for all of them."),
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    document = MultipleFileField(
        label=_("The signed power of attorney"),
        help_text=_("Pictures or PDF, every page; stored encrypted, seen by both sides and our reviewers alone."),
        required=False,
    )

    def __init__(self, *args: Any, power: PowerOfAttorney | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places: Any = self.fields["marketplaces"]
        places.choices = scope.marketplaces()
        if power is None:
            self.initial.setdefault("valid_from_on", clock.today())
            return
        filed = Filing.objects.filter(organisation=power.holder_id, public_id__in=power.rights)
        self.initial.update(
            valid_from_on=power.valid_from_on, valid_until_on=power.valid_until_on, infringements=power.infringements,
            scenes=power.scenes, marketplaces=power.marketplaces,
            rights="\n".join(filed.order_by("pk").values_list("number", flat=True)),
        )  # fmt: skip

    @property
    def days(self) -> Days:
        return Days(self.cleaned_data["valid_from_on"], self.cleaned_data["valid_until_on"])

    def scope_for(self, holder: Any) -> Any:
        """Raises Invalid."""
        said = self.cleaned_data
        return scope.read_scope(
            holder=holder, rights=said["rights"].splitlines(), infringements=said["infringements"],
            scenes=said["scenes"], places=said["marketplaces"],
        )  # fmt: skip


class RequestForm(ScopeForm):
    """An agency hands in what a rights holder signed."""

    field_order = ("number", "country", "name", "email")

    number = forms.CharField(
        label=_("Credit code or company number of the rights holder"), max_length=64,
        help_text=_("Or its reference here, such as O-2026-000123. If it has an account, it is asked to confirm."),
    )  # fmt: skip
    country = CountryField(initial="CN")
    name = forms.CharField(
        label=_("Name of the rights holder"), max_length=200, help_text=_("As it stands on the paper.")
    )
    email = forms.EmailField(
        label=_("Email of the rights holder"), required=False,
        help_text=_("If it has no account here, this is where it hears of the power and of its end."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The service asks for the paper.
        self.fields["document"].is_element = True  # type: ignore[attr-defined]


class GrantForm(ScopeForm):
    """A rights holder lets an agency act for it."""

    field_order = ("number",)

    number = forms.CharField(
        label=_("Reference or credit code of the agency"), max_length=64, help_text=_("Such as O-2026-000123.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].help_text = _("If there is one on paper. You grant it by sending this form.")


class RevokeForm(RoomForm):
    """Why a power ends; both sides read it."""

    reason = forms.CharField(label=_("Why? Both sides read it."), widget=forms.Textarea({"rows": 4}), max_length=5_000)
