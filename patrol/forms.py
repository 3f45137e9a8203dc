"""Forms of the rights holders' pages: a profile, who may sell, an official picture, an answer."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.forms import PlainForm
from patrol.models import BrandAnswer, WatchProfile
from patrol.profiles import KINDS, TERMS, watchable

_PICTURES = "image/jpeg,image/png,image/webp,image/gif"


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000
    )


class FilingForm(PlainForm):
    """Which right is to be watched."""

    filing = forms.ChoiceField(label=_("Right on file"), error_messages={"required": _("Choose a right.")})

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rights = {right.public_id: right for right in watchable(user)}
        names = [(i, f"{r.title} · {r.get_kind_display()} {r.registration_number}") for i, r in self.rights.items()]
        self.fields["filing"].choices = names  # type: ignore[attr-defined]


class ProfileForm(PlainForm):
    """What to look for: the whole profile on one page; what is left empty is not looked for."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name of the profile"), max_length=200)
    kind = forms.ChoiceField(label=_("What it is"), choices=WatchProfile.Kind)
    names = _lines(
        _("Names and variants"), _("One in each line: titles, brand names, spellings. Chinese, pinyin, English.")
    )
    code_words = _lines(
        _("Words that pirates use instead"), _("One in each line, such as nicknames or deliberate misspellings.")
    )
    honest_words = _lines(
        _("Words of honest offers"), _("One in each line: what an offer says that is none of yours, and allowed.")
    )
    categories = _lines(_("Categories"), _("One in each line, as the marketplace calls them. Empty: any."))
    isbn = forms.CharField(label=_("ISBN"), required=False, max_length=40, help_text=_("13 digits, or the older 10"))
    publisher = forms.CharField(label=_("Publisher"), required=False, max_length=200)
    model_number = forms.CharField(label=_("Model or edition"), required=False, max_length=100)
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="CNY")
    list_price = forms.DecimalField(label=_("List price"), required=False, max_digits=14, decimal_places=2)
    usual_price = forms.DecimalField(label=_("Usual price"), required=False, max_digits=14, decimal_places=2)
    price_floor = forms.DecimalField(
        label=_("Price floor"), required=False, max_digits=14, decimal_places=2,
        help_text=_("Below this the goods cannot be genuine."),
    )  # fmt: skip
    packaging_notes = forms.CharField(
        label=_("How look-alike packaging is told"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )  # fmt: skip

    BOOK = ("isbn", "publisher")

    def __init__(self, *args: Any, profile: WatchProfile, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("initial", initial_of(profile))
        super().__init__(*args, **kwargs)
        kinds = KINDS[profile.filing.kind]
        self.fields["kind"].choices = [(k, label) for k, label in WatchProfile.Kind.choices if k in kinds]  # type: ignore[attr-defined]
        if WatchProfile.Kind.BOOK not in kinds:
            for name in self.BOOK:
                del self.fields[name]

    @property
    def said(self) -> dict[str, Any]:
        """What the page says, as `patrol.profiles.change` takes it."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        for name in (*TERMS, "categories"):
            if name in said:
                said[name] = [line for line in said[name].splitlines() if line.strip()]
        return said


def initial_of(profile: WatchProfile) -> dict[str, Any]:
    """A profile as its form shows it."""
    columns = (
        "name", "kind", "isbn", "publisher", "model_number", "currency", "list_price", "usual_price", "price_floor",
        "packaging_notes", "version",
    )  # fmt: skip
    said: dict[str, Any] = {name: getattr(profile, name) for name in columns}
    said["categories"] = "\n".join(profile.categories)
    terms = list(profile.terms.all())
    for name, kind in TERMS.items():
        said[name] = "\n".join(term.text for term in terms if term.kind == kind)
    return said


class ShopsForm(PlainForm):
    """Shops by their links, and whether they may sell."""

    shops = forms.CharField(
        label=_("Shops"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000,
        help_text=_("Links or share texts, one in each line."),
    )  # fmt: skip
    is_authorised = forms.TypedChoiceField(
        label=_("They"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("may sell")), ("no", _("may not sell"))],
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)


class PictureForm(PlainForm):
    """An official picture or cover."""

    picture = forms.FileField(
        label=_("Picture"),
        widget=forms.ClearableFileInput(attrs={"accept": _PICTURES, "data-max-bytes": str(settings.MAX_UPLOAD_BYTES)}),
        help_text=_("JPEG, PNG, WebP or GIF"),
    )
    is_cover = forms.BooleanField(label=_("It is the cover of the book"), required=False)


class AnswerForm(PlainForm):
    """What the brand says of a candidate."""

    verdict = forms.ChoiceField(
        label=_("Are the goods yours?"), choices=BrandAnswer.Verdict, widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the answers.")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("How you can tell"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
