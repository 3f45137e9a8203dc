"""Forms of the imageguard pages: handing in, what a holder chooses, filters, and the public's questions."""

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import media, stamps
from core.forms import MultipleFileField, PlainForm, too_large
from imageguard import selectors
from imageguard.models import Match, Original
from marketplace.models import Target

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
ZIP_TYPES = (".zip", "application/zip")
CAMERA_FILES = (media.JPEG, ".jpg", ".jpeg", ".heic", ".heif", ".dng")
#: what a browser without JavaScript sends at once
AT_ONCE = settings.DATA_UPLOAD_MAX_NUMBER_FILES


class UploadsField(MultipleFileField):
    """Several images in one field. None stops the others: what is wrong with one is said beside it, not here."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # type: ignore[override]
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one is not None]
        if not given and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.max_files:
            raise ValidationError(self.error_messages["too_many"], code="too_many", params={"most": self.max_files})
        return given


class ChoicesAtRegistration(PlainForm):
    """What somebody chooses for all images that they hand in together."""

    is_public = forms.BooleanField(
        label=_("Show these images to the public"),
        required=False,
        help_text=_("Whoever looks up the certificate then sees the image and its title. You can change it later."),
    )
    wants_timestamp = forms.BooleanField(
        label=_("With the time-stamp of an independent authority"),
        required=False,
        help_text=_("The certificate is marked as pending until the authority has answered."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not stamps.is_wanted():
            del self.fields["wants_timestamp"]

    @property
    def chosen(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name, False) for name in ("is_public", "wants_timestamp")}


class RegisterForm(ChoicesAtRegistration):
    """Images and ZIP archives to be registered."""

    images = UploadsField(
        label=_("Images"),
        max_files=AT_ONCE,
        accept=(*PICTURES, *ZIP_TYPES),
        help_text=_("JPEG, PNG, WebP or GIF, or ZIP archives of them. Several at once; the largest size you have."),
        error_messages={"required": _("Choose at least one image, or a ZIP archive of images.")},
    )
    field_order = ("images", "is_public", "wants_timestamp")

    @property
    def most_bytes(self) -> int:
        return settings.MAX_ORIGINAL_BYTES

    @property
    def most_archive_bytes(self) -> int:
        return settings.MAX_ARCHIVE_BYTES


class ListingsForm(ChoicesAtRegistration):
    """Own listings whose pictures are to be registered."""

    listings: "forms.ModelMultipleChoiceField[Target]" = forms.ModelMultipleChoiceField(
        queryset=Target.objects.none(),
        to_field_name="public_id",
        error_messages={
            "required": _("Tick the listings whose pictures you made."),
            "invalid_choice": _("One of the listings is not in your shops any more. Look at the list again."),
            "invalid_pk_value": _("One of the listings is not in your shops any more. Look at the list again."),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["listings"].queryset = selectors.own_listings(user)  # type: ignore[attr-defined]


class ChangeForm(PlainForm):
    """What a holder may choose at any time."""

    title = forms.CharField(label=_("Title"), max_length=200)
    is_public = forms.BooleanField(
        label=_("Show the image to the public"),
        required=False,
        help_text=_("On its certificate's page, and to whoever asks whether a picture like it is protected."),
    )


class CameraForm(PlainForm):
    """The unedited file from the camera."""

    file = forms.FileField(
        label=_("File from the camera"),
        help_text=_("JPEG, HEIC or DNG as the camera wrote it. It is kept privately and never shown to others."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(CAMERA_FILES)}),
        error_messages={
            "required": _("Choose the file as it came from the camera."),
            "empty": _("The file is empty. Choose another one."),
        },
    )


class LicenceForm(PlainForm):
    """A shop that may use an image."""

    shop = forms.CharField(
        label=_("Link of the shop"),
        max_length=2000,
        help_text=_("Its address or share text. What it shows is no match from then on."),
        error_messages={"required": _("Paste the link of the shop.")},
    )
    note = forms.CharField(label=_("Note for you"), max_length=200, required=False)


class TolerateForm(PlainForm):
    """Why a copy may stay; nobody need say."""

    reason = forms.CharField(label=_("Why you let it be"), max_length=500, required=False)


class NumberForm(PlainForm):
    """The number of a certificate."""

    number = forms.CharField(
        label=_("Number of the certificate"),
        max_length=40,
        help_text=_("It stands on the certificate, such as FP-2026-000123."),
        error_messages={"required": _("Type the number that stands on the certificate.")},
    )

    def clean_number(self) -> str:
        return "".join(self.cleaned_data["number"].split()).upper()


class LookUpForm(PlainForm):
    """A picture of which a stranger asks whether it is protected."""

    file = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG, WebP or GIF. It is compared and then forgotten; nothing of it is kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(PICTURES)}),
        validators=[too_large],
        error_messages={
            "required": _("Choose the picture."),
            "empty": _("The file is empty. Choose another one."),
        },
    )


# --- filters -----------------------------------------------------------------------------------------------


class OriginalFilter(django_filters.FilterSet):
    """The originals by words and state."""

    q = django_filters.CharFilter(label=_("Title or number"), method="words", max_length=100)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Original.State.choices, empty_label=_("Every state"))

    class Meta:
        model = Original
        fields = ("q", "state")
        form = PlainForm

    def words(self, queryset: QuerySet[Original], name: str, value: str) -> QuerySet[Original]:
        text = value.strip()
        return queryset.filter(Q(title__icontains=text) | Q(number__iexact=text) | Q(sha256=text.lower()))


class MatchFilter(django_filters.FilterSet):
    """The matches by words, state, how sure they are, and shop; `original` comes from a link."""

    q = django_filters.CharFilter(label=_("Words or number"), method="words", max_length=100)
    state = django_filters.ChoiceFilter(
        label=_("State"), empty_label=_("Every state"),
        choices=Match.State.choices,
    )  # fmt: skip
    tier = django_filters.ChoiceFilter(label=_("How sure"), choices=Match.Tier.choices, empty_label=_("Any"))
    shop = django_filters.ChoiceFilter(label=_("Shop"), method="of_shop", empty_label=_("Every shop"))
    original = django_filters.CharFilter(
        field_name="original__public_id", max_length=40, widget=forms.HiddenInput, label=""
    )

    class Meta:
        model = Match
        fields = ("q", "state", "tier", "shop", "original")
        form = PlainForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["shop"].extra["choices"] = selectors.shops_in(self.queryset)

    def words(self, queryset: QuerySet[Match], name: str, value: str) -> QuerySet[Match]:
        text = value.strip()
        return queryset.filter(
            Q(original__title__icontains=text)
            | Q(original__number__iexact=text)
            | Q(target__title__icontains=text)
            | Q(number__iexact=text)
        )

    def of_shop(self, queryset: QuerySet[Match], name: str, value: str) -> QuerySet[Match]:
        return queryset.filter(Q(target__shop__public_id=value) | Q(target__public_id=value))
