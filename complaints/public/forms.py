"""Forms for people without an account: the notice with who they are and their right, and the mailbox for a fresh link."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms import CountryField
from complaints import selectors
from complaints.forms import NoticeForm
from complaints.models import Infringement
from complaints.public.services import MOST_LINKS, too_many_links
from complaints.reasons import REASONS, Reason, reasons_for
from core.forms import MultipleFileField, PlainForm
from filings.forms import PAPERS, PICTURES, ClassesField, day_field
from filings.models import Filing, RightKind
from filings.requirements import FILED_BY_HAND

#: what a bot fills in and nobody sees
TRAP = "website"
FILES = ("certificate", "pictures", "evidence")


class PublicForm(NoticeForm):
    """A notice on one page: who complains, the right and its papers, the links, the assurance.

    Fields that one kind of right needs and another does not are optional here; what is missing is said when it is checked.
    """

    field_order = (
        "name", "country", "email", "phone", "address", "kind", "title", "registration_number", "owner_name", "territory",
        "mark_type", "nice_classes", "valid_from_on", "valid_until_on", "certificate", "pictures",
    )  # fmt: skip

    name = forms.CharField(
        label=_("Rights holder"),
        help_text=_("The person or company whose right it is, or whom the right was licensed to."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    country = CountryField(label=_("Country or region"), initial="CN")
    email = forms.EmailField(
        label=_("Email"),
        help_text=_(
            "You get a letter there: only when you confirm it does your notice reach us. Sellers never see it."
        ),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Telephone"), required=False, max_length=40,
        help_text=_("Telephone or address: the law wants you to be reachable. Sellers never see them."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Address"), required=False, max_length=400,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )  # fmt: skip

    kind = forms.ChoiceField(
        label=_("Kind of right"),
        choices=[("", _("Choose the kind of right")), *((k, capfirst(RightKind(k).label)) for k in FILED_BY_HAND)],
        error_messages={"required": _("Choose the kind of right.")},
    )
    title = forms.CharField(label=_("Name of the mark, work, invention or product"), max_length=200)
    registration_number = forms.CharField(
        label=_("Registration number"), max_length=64,
        help_text=_("As on the certificate: of a mark 12345678, of a patent ZL202010123456.7, of a book its ISBN."),
    )  # fmt: skip
    owner_name = forms.CharField(
        label=_("Owner, as on the certificate"), max_length=200, required=False,
        help_text=_("If it is somebody else than the rights holder above."),
    )  # fmt: skip
    territory = forms.CharField(
        label=_("Territory"), max_length=2, initial="CN",
        help_text=_("Two letters: of a country, such as CN, or of a region, such as EU."),
    )  # fmt: skip
    mark_type = forms.ChoiceField(
        label=_("Type of mark"), required=False, help_text=_("For a trademark."),
        choices=[("", "–"), *Filing.MarkType.choices],
    )  # fmt: skip
    nice_classes = ClassesField(
        label=_("Nice classes"), required=False, max_length=200,
        help_text=_("For a trademark: numbers from 1 to 45, such as 9, 25, 35."),
    )  # fmt: skip
    valid_from_on = day_field(_("Valid from"))
    valid_until_on = day_field(_("Valid until"), _("The last day, as on the certificate. A copyright needs none."))
    certificate = MultipleFileField(
        label=_("Certificate"), required=False, max_files=5, accept=PAPERS,
        help_text=_("Every page of it, as PDF or picture, up to 10 MB each. If you act for the owner, your authority too."),
    )  # fmt: skip
    pictures = MultipleFileField(
        label=_("Pictures"), required=False, max_files=5, accept=PICTURES,
        help_text=_("The mark as a picture, the views of the design, the cover of the book: what buyers see of the right."),
    )  # fmt: skip
    website = forms.CharField(required=False, widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.take_links(MOST_LINKS)
        for name in ("valid_from_on", "valid_until_on"):
            self.fields[name].required = False
        for name in FILES:
            self.fields[name].widget.attrs["data-max-bytes"] = str(settings.MAX_UPLOAD_BYTES)

    @property
    def is_trapped(self) -> bool:
        """Whether a program filled in what no person sees."""
        return bool(self.data.get(TRAP))

    def fit_to(self, looked: Iterable[selectors.PastedLink]) -> list[Reason]:
        """Offer what fits the kind of right and what the links name, with the statement of their law."""
        looked = list(looked)
        kind, kinds = str(self["kind"].value() or ""), {p.seen.target.kind for p in looked if p.seen.target}
        fitting = reasons_for(kind, kinds) if kind else list(REASONS)
        field: Any = self.fields["infringement"]
        field.choices = [(r.kind, Infringement(r.kind).label) for r in fitting]
        self.ask_assurance_of(looked)
        return fitting

    def clean_links(self) -> str:
        n = len(self.lines)
        if n > MOST_LINKS:
            raise forms.ValidationError(too_many_links(n))
        return str(self.cleaned_data["links"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not (said.get("phone") or said.get("address") or {"phone", "address"} & set(self.errors)):
            self.add_error("phone", _("Enter a telephone number or an address."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """What was written, without its files, for the services."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in (*FILES, TRAP)}
        return {**said, "owner_name": said["owner_name"] or said["name"], "law": self.law}

    def add_errors(self, errors: dict[str, Any]) -> None:
        super().add_errors(
            {{"contact": "phone", "filing": "registration_number"}.get(n, n): e for n, e in errors.items()}
        )


class LinkAgainForm(PlainForm):
    """The mailbox to which a fresh private link goes."""

    email = forms.EmailField(
        label=_("Email"),
        help_text=_("The one with which you complained. If we know it, a letter is on its way; we say no more here."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
