"""What can be searched by, as people and programs say it; one form for pages, API and saved searches."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.errors import Invalid
from core.forms import PlainForm
from marketplace.models import Marketplace, Target
from marketplace.search.engine import Order, Query
from marketplace.search.words import MOST_TYPED

_DAYS = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31)))
NAMES = (
    "words", "kind", "marketplace", "shop", "seller", "category", "currency", "price_from", "price_to",
    "published_since", "published_until", "changed_since", "order",
)  # fmt: skip


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, validators=_DAYS, widget=forms.DateInput({"type": "date"}))


def _price(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=12, decimal_places=2)


class SearchForm(PlainForm):
    """Every field may be left out; at least one must not."""

    words = forms.CharField(
        label=pgettext_lazy("to search for", "Words"), required=False, max_length=MOST_TYPED,
        help_text=_(
            "All of them must stand in the title, the attributes or the first 200 characters of the description; parts of "
            "words are found too."
        ),
    )  # fmt: skip
    kind = forms.MultipleChoiceField(
        label=_("What"), required=False, choices=Target.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    marketplace = forms.ChoiceField(label=_("Marketplace"), required=False)
    seller = forms.CharField(
        label=_("Seller"), required=False, max_length=100, help_text=_("Words of the shop's name.")
    )
    category = forms.CharField(
        label=_("Category"), required=False, max_length=100, help_text=_("As on the marketplace, or one step of it.")
    )
    price_from = _price(_("Price from"))
    price_to = _price(_("Price to"))
    currency = forms.CharField(
        label=_("Currency"), required=False, max_length=3, widget=forms.TextInput({"size": 4, "placeholder": "CNY"}),
        validators=[RegexValidator(r"^[A-Za-z]{3}$", _("Three letters, such as CNY."))],
    )  # fmt: skip
    published_since = _day(_("Published since"))
    published_until = _day(_("Published until"))
    changed_since = _day(_("Changed since"))
    order = forms.ChoiceField(label=_("Order"), required=False, choices=Order.choices)
    #: public id of one shop; comes with links and from programs
    shop = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["marketplace"]
        connected = Marketplace.objects.filter(is_enabled=True).order_by("name")
        field.choices = [("", _("All marketplaces")), *connected.values_list("slug", "name")]
        field.error_messages["invalid_choice"] = _("There is no marketplace with this short name.")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        narrowing = [name for name in NAMES if name != "order" and said.get(name) not in (None, "", [])]
        if not narrowing and not self.errors:
            self.add_error("words", _("Say what you are looking for: words, a seller, a category or a price."))
        low, high = said.get("price_from"), said.get("price_to")
        if (low is not None or high is not None) and not said.get("currency") and "currency" not in self.errors:
            self.add_error("currency", _("Say in which currency the price is, such as CNY."))
        if low is not None and high is not None and low > high:
            self.add_error("price_to", _("This is less than where the price begins."))
        since, until = said.get("published_since"), said.get("published_until")
        if since and until and since > until:
            self.add_error("published_until", _("This is before the first day."))
        return said

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the fields says something that most searches do without."""
        return any(
            self[name].value() for name in NAMES if name not in ("words", "seller", "category", "kind", "shop", "order")
        )

    @property
    def query(self) -> Query:
        """What is looked for; of a form that is valid."""
        said = self.cleaned_data
        until = said["published_until"]
        return Query(
            words=said["words"], kinds=said["kind"], marketplace=said["marketplace"], shop=said["shop"],
            seller=said["seller"], category=said["category"], currency=said["currency"].upper(),
            price_from=said["price_from"], price_to=said["price_to"],
            published_since=_begins(said["published_since"]),
            published_until=_begins(until + timedelta(days=1)) if until else None,
            changed_since=_begins(said["changed_since"]), order=said["order"] or Order.NEWEST,
        )  # fmt: skip

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """What is looked for, as a person reads it: names of fields with what they say."""
        said = []
        for name, value in self.kept.items():
            field: Any = self.fields[name]
            labels = dict(getattr(field, "choices", ()))
            values = value if isinstance(value, list) else [value]
            if name not in ("order", "shop"):
                said.append((str(field.label), ", ".join(str(labels.get(one, one)) for one in values)))
        return said

    def query_after(self, key: int) -> Query:
        """The same among entries made after the one with this key, newest first."""
        return replace(self.query, after=key, order=Order.NEWEST)

    @property
    def kept(self) -> dict[str, Any]:
        """What was said, as a saved search keeps it and an address carries it: texts, and a list of kinds."""
        said = {name: self.cleaned_data[name] for name in NAMES}
        return {
            name: value if isinstance(value, list) else str(value)
            for name, value in said.items()
            if value not in (None, "", [])
        }


def _begins(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def asked_by(said: Mapping[str, Any]) -> SearchForm:
    """The form of what somebody said, checked. Raises Invalid with each field."""
    form = SearchForm(_multi(said))
    if not form.is_valid():
        raise Invalid(errors={name: [str(e) for e in errors] for name, errors in form.errors.items()})
    return form


def _multi(said: Mapping[str, Any]) -> Any:
    """As a request carries it; kinds may also be one text with commas."""
    values = said if hasattr(said, "getlist") else MultiValueDict(
        {name: value if isinstance(value, list) else [value] for name, value in said.items()}
    )  # fmt: skip
    kinds = [kind for text in values.getlist("kind") for kind in str(text).split(",") if kind]
    made = MultiValueDict({name: values.getlist(name) for name in values})
    made.setlist("kind", kinds)
    return made
