"""Forms of the accounts pages. They check what can be checked field by field; services check the rest."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.requirements import clean_uscc
from accounts.roles import OrgRole
from core.countries import COUNTRIES
from core.errors import DomainError, Invalid
from core.forms import PlainForm, too_large
from core.models import FilePurpose

Kind = Organisation.Kind
ROLE_HELP = _(
    "Administrators manage colleagues and papers; rights managers file rights and complain; "
    "complainants complain; read-only colleagues look."
)


class RoomForm(PlainForm):
    """A form that shows what a service refused beside the field it is about."""

    def refuse(self, failure: DomainError) -> None:
        errors = failure.errors if isinstance(failure, Invalid) else {}
        if not errors:
            self.add_error(None, failure.message)
        for field, sentences in errors.items():
            self.add_error(field if field in self.fields else None, sentences)


class SignUpForm(SignupForm):
    """allauth's form, which answers alike whether or not an address has an account, and takes as long for it."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class PersonForm(RoomForm):
    name = forms.CharField(label=_("Your name"), max_length=100, required=False, help_text=_("Signs your complaints."))
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of the pages and of the letters you get.")
    )


class CountryField(forms.CharField):
    """A two-letter country code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Country or region of registration"))
        kwargs.setdefault("help_text", _("Two letters: CN for mainland China, HK, MO, TW, US, FR, …"))
        super().__init__(min_length=2, max_length=2, widget=forms.TextInput({"autocomplete": "country"}), **kwargs)

    def clean(self, value: Any) -> str:
        code = str(super().clean(value)).upper()
        if code not in COUNTRIES:
            raise forms.ValidationError(_("This is no country code of ISO 3166. Examples: CN, HK, US, FR."))
        return code


class OrganisationForm(RoomForm):
    """Founding an organisation: as little as possible; the rest is asked for on its page."""

    kind = forms.ChoiceField(
        label=_("What is your organisation?"),
        choices=[
            (Kind.RIGHTS_HOLDER, _("Rights holder: it owns trademarks, copyrights or patents")),
            (Kind.AGENCY, _("Agency: it acts for rights holders")),
            (Kind.MERCHANT, _("Merchant: it runs shops")),
        ],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it stands on the business licence."))
    country = CountryField(initial="CN")


class IdentityForm(RoomForm):
    """Who the organisation is: what the reviewer compares with the papers."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it stands on the business licence."))
    country = CountryField()
    uscc = forms.CharField(
        label=_("Unified social credit code"), max_length=30, required=False,
        help_text=_("For mainland China: 18 characters, as on the business licence."),
    )  # fmt: skip
    registration_number = forms.CharField(
        label=_("Company number"), max_length=64, required=False,
        help_text=_("For other countries: the number in the company register."),
    )  # fmt: skip

    def clean_uscc(self) -> str:
        value = self.cleaned_data["uscc"]
        if not value or self.cleaned_data.get("country") != "CN":
            return value
        try:
            return clean_uscc(value)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class ContactForm(RoomForm):
    """How the platform and, where the law asks for it, the other party reaches the organisation."""

    address = forms.CharField(label=_("Address"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}))
    contact_name = forms.CharField(label=_("Contact"), max_length=100, required=False)
    contact_email = forms.EmailField(label=_("Contact email"), required=False)
    contact_phone = forms.CharField(
        label=_("Contact telephone"), max_length=40, required=False, widget=forms.TextInput({"type": "tel"})
    )


class DocumentForm(RoomForm):
    purpose = forms.ChoiceField(
        label=_("Kind of paper"),
        choices=[
            (FilePurpose.LICENCE, _("Business licence or extract from the register")),
            (FilePurpose.IDENTITY, _("Identity document of the legal representative")),
        ],
        widget=forms.RadioSelect,
        initial=FilePurpose.LICENCE,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("A picture or a PDF; stored encrypted, seen by your administrators and our reviewers alone."),
        validators=[too_large],
        widget=forms.FileInput(
            {
                "accept": "image/jpeg,image/png,image/webp,image/gif,application/pdf",
                "data-max-bytes": str(settings.MAX_UPLOAD_BYTES),
            }
        ),
    )


class InvitationForm(RoomForm):
    email = forms.EmailField(label=_("Email of your colleague"))
    role = forms.ChoiceField(label=_("Role"), choices=OrgRole, initial=OrgRole.COMPLAINANT, help_text=ROLE_HELP)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)


class RoleForm(RoomForm):
    role = forms.ChoiceField(label=_("Role"), choices=OrgRole)
