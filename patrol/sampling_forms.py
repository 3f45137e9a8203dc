"""What staff say when they announce a sample, and what is said of bought goods on the way to a verdict."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import MultipleFileField, PlainForm
from marketplace.models import Marketplace
from patrol.models import Custody, TestBuy, TestBuyFile
from patrol.profile_choice import ProfileField
from patrol.sampling import MOST


class AnnounceForm(PlainForm):
    title = forms.CharField(label=_("What is sampled, and why"))
    size = forms.IntegerField(
        label=_("Listings to draw"), min_value=1, max_value=MOST,
        help_text=_("Of each kind of listing and seller at least one is drawn; two or more make the estimate better."),
    )  # fmt: skip
    marketplace = forms.ModelChoiceField(
        label=_("Marketplace"), queryset=Marketplace.objects.order_by("name"), required=False, empty_label=_("all"),
        to_field_name="public_id",
    )  # fmt: skip
    profile = ProfileField(
        label=_("Only what names this profile"), required=False,
        help_text=_("Its number, or a part of its name. Empty: everything that is on sale."),
    )  # fmt: skip


class _Papers(PlainForm):
    files = MultipleFileField(label=_("Files"), required=False)  # type: ignore[assignment]  # only of a form, not of its class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*(name for name in self.fields if name != "files"), "files"])


class OrderForm(_Papers):
    order_number = forms.CharField(label=_("Number of the order"))
    paid = forms.DecimalField(label=_("Paid"), max_digits=14, decimal_places=2, min_value=0, required=False)


class ReceiveForm(_Papers):
    who = forms.CharField(label=_("Who keeps it, where, under which seal"))


class HandOverForm(PlainForm):
    who = forms.CharField(label=_("Who of the brand took it, and how it was sent"))
    profile = ProfileField(label=_("Whose goods they pretend to be"), required=False)


class PassOnForm(PlainForm):
    keeper = forms.ChoiceField(label=_("Kept by"), choices=Custody.Keeper.choices)
    who = forms.CharField(label=_("Who keeps it, where, under which seal"))


class PaperForm(_Papers):
    kind = forms.ChoiceField(label=_("What it is"), choices=TestBuyFile.Kind.choices)


class VerdictForm(_Papers):
    verdict = forms.ChoiceField(label=_("Verdict"), choices=TestBuy.Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What the verdict rests on"), widget=forms.Textarea(attrs={"rows": 5}), max_length=5000,
        help_text=_("What of paper, print, binding, stitching, packaging or codes tells so. Written down for somebody else: who gave it, and when."),
    )  # fmt: skip


class GiveUpForm(PlainForm):
    note = forms.CharField(label=_("Why it could not be bought"), max_length=1000)


#: the form of each step of a test buy
FORMS: dict[str, type[Any]] = {
    "order": OrderForm, "receive": ReceiveForm, "hand_over": HandOverForm, "judge": VerdictForm, "give_up": GiveUpForm,
    "add_paper": PaperForm, "pass_on": PassOnForm,
}  # fmt: skip
