"""The staff's forms for connecting a marketplace: secrets go in and never come back."""

import base64
import binascii
import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from core.fetch import origin_of
from marketplace.connectors.registry import CONNECTORS
from marketplace.links import is_template
from marketplace.models import LinkTemplate, Marketplace

#: the field in which a new secret is typed, and the column that it replaces
SECRET_FIELDS = {"new_secrets": "secrets", "new_inbound_secret": "inbound_secret"}


class WebAddress(forms.URLField):
    """An address; https where no scheme was typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})


class MarketplaceForm(forms.ModelForm):
    """A marketplace; what is left empty in the secret fields stays as it is."""

    new_secrets = forms.CharField(
        label=_("Secrets of the connector"), required=False, help_text=_('A JSON object, such as {"token": "…"}.'),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    new_inbound_secret = forms.CharField(
        label=_("Secret of incoming events"), required=False,
        help_text=_("whsec_ and at least 24 bytes in base64; two with a space between them while one replaces the other."),
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    class Meta:
        model = Marketplace
        fields = ("name", "slug", "connector", "regime", "storefront_url", "config", "is_enabled")
        field_classes = {"storefront_url": WebAddress}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, column in SECRET_FIELDS.items():
            is_set = bool(getattr(self.instance, column))
            state = _("Set. Leave this empty to keep it.") if is_set else _("Not set.")
            self.fields[name].help_text = f"{self.fields[name].help_text} {state}"
        if "config" in self.fields:
            self.fields["config"].widget.attrs["rows"] = 4
        if "connector" in self.fields:
            choices = [(name, name) for name in sorted(CONNECTORS)]
            self.fields["connector"] = forms.ChoiceField(
                label=_("Connector"), choices=choices, widget=UnfoldAdminSelectWidget
            )

    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"]
        config = {} if config is None else config
        if not isinstance(config, dict):
            raise forms.ValidationError(_("A JSON object."))
        hosts = config.get("hosts", [])
        if not isinstance(hosts, list) or not all(isinstance(h, str) and h and "/" not in h for h in hosts):
            raise forms.ValidationError(_('hosts: a list of host names, such as ["m.mall.example"].'))
        origins = config.get("image_origins", [])
        if not isinstance(origins, list) or not all(isinstance(o, str) and origin_of(o) for o in origins):
            raise forms.ValidationError(_('image_origins: a list such as ["https://img.mall.example"].'))
        return config

    def clean_new_secrets(self) -> str:
        text = self.cleaned_data["new_secrets"].strip()
        if text:
            try:
                said = json.loads(text)
            except (ValueError, RecursionError) as wrong:
                raise forms.ValidationError(_("This is not valid JSON.")) from wrong
            if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
                raise forms.ValidationError(_("A JSON object of texts."))
        return text

    def clean_new_inbound_secret(self) -> str:
        secrets = self.cleaned_data["new_inbound_secret"].split()
        if len(secrets) > 2 or not all(_is_secret(secret) for secret in secrets):
            raise forms.ValidationError(_("whsec_ and at least 24 bytes in base64; at most two of them."))
        return " ".join(secrets)

    def save(self, commit: bool = True) -> Marketplace:
        for name, column in SECRET_FIELDS.items():
            if self.cleaned_data.get(name):
                setattr(self.instance, column, self.cleaned_data[name])
        return super().save(commit)


def _is_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and len(base64.b64decode(text[6:], validate=True)) >= 24
    except (binascii.Error, ValueError):
        return False


class LinkTemplateForm(forms.ModelForm):
    """How a link of one scene looks."""

    class Meta:
        model = LinkTemplate
        fields = ("scene", "kind", "template")

    def clean_template(self) -> str:
        template = self.cleaned_data["template"].strip()
        if not is_template(template):
            raise forms.ValidationError(
                _("An address with {id} in its path or query, such as https://mall.example/product/{id}.")
            )
        return template
