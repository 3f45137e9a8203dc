"""What every form of the pages shares: plain text in text fields, and a field for several files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core import media
from core.text import LONG, SHORT, PlainText

#: text fields that have rules of their own
_OTHERWISE_CHECKED = (forms.JSONField, forms.UUIDField, forms.GenericIPAddressField, forms.RegexField)


class PlainTextFields:
    """For a form: every text field refuses unseen characters, and none is without a limit.

    A field that sets `max_length` keeps it; otherwise one line has at most 200 characters, a text area 10,000.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            if isinstance(field, forms.CharField) and not isinstance(field, _OTHERWISE_CHECKED):
                self._take_plain_text(field)

    def _take_plain_text(self, field: forms.CharField) -> None:
        is_one_line = not isinstance(field.widget, forms.Textarea | forms.HiddenInput)
        limit = None
        if field.max_length is None:
            limit = SHORT if is_one_line and not isinstance(field, forms.URLField) else LONG
            field.widget.attrs.setdefault("maxlength", str(limit))
        field.validators = [_FirstFault(PlainText(multiline=not is_one_line, max_length=limit), *field.validators)]


class _FirstFault:
    """Validators one after the other: what is wrong with a text is said once, by the first that minds."""

    def __init__(self, *validators: Any) -> None:
        self.validators = validators

    def __call__(self, value: Any) -> None:
        for validator in self.validators:
            validator(value)


class PlainForm(PlainTextFields, forms.Form):
    """A form whose text fields take plain text."""


class MultipleFileInput(forms.ClearableFileInput):
    """Chooses several files at once."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several uploads in one field; cleans to a list. What they are is checked by `core.files.keep`."""

    widget = MultipleFileInput
    default_error_messages = {
        "too_many": ngettext_lazy(
            "At most %(most)d file at a time. Send the others afterwards.",
            "At most %(most)d files at a time. Send the others afterwards.",
            "most",
        ),
        "too_large": _("%(name)s is %(size)s. At most %(most)s are taken: make it smaller or split it."),
        "too_large_picture": _("%(name)s is %(size)s. At most %(most)s are taken: make it smaller."),
    }

    def __init__(self, *, max_files: int = 10, accept: Sequence[str] = (), **kwargs: Any) -> None:
        self.max_files = max_files
        super().__init__(**kwargs)
        if accept:
            self.widget.attrs["accept"] = ",".join(accept)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # type: ignore[override]
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given:
            super().clean(None, initial)
            return []
        if len(given) > self.max_files:
            raise ValidationError(self.error_messages["too_many"], code="too_many", params={"most": self.max_files})
        files = [super(MultipleFileField, self).clean(one, initial) for one in given]
        for file in files:
            too_large(file)
        return files


def too_large(upload: Any) -> None:
    """A validator for single file fields: refuses what is larger than this installation takes."""
    if upload.size > settings.MAX_UPLOAD_BYTES:
        said = "too_large_picture" if media.is_picture(upload) else "too_large"
        raise ValidationError(
            MultipleFileField.default_error_messages[said],
            code="too_large",
            params={
                "name": upload.name,
                "size": filesizeformat(upload.size),
                "most": filesizeformat(settings.MAX_UPLOAD_BYTES),
            },
        )
