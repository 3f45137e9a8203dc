"""By what the register is searched, on pages and by API alike."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, ComplaintTarget, Infringement
from core.forms import PlainTextFields
from filings.models import RightKind
from governance.register import findings, selectors
from patrol.models import CandidateDecision

OUTCOMES = (
    *[choice for choice in ComplaintTarget.Outcome.choices if choice[0] != ComplaintTarget.Outcome.PENDING],
    ("reversed", _("turned round later: on appeal, on review, or on a new look")),
)


class _PlainForm(PlainTextFields, forms.Form):
    pass


class _Day(django_filters.DateFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}), **kwargs)


class _OfARegister(django_filters.FilterSet):
    """What both registers are searched by, each with the selectors of its `room`."""

    room: Any

    q = django_filters.CharFilter(
        label=_("Search"), method="by_words", help_text=_("Number, right, registration number or shop")
    )
    shop = django_filters.CharFilter(label=_("Shop"), method="by_shop")
    infringement = django_filters.ChoiceFilter(
        label=_("Infringement"), choices=Infringement.choices, empty_label=_("Every kind")
    )

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        found: QuerySet = self.room.search(queryset, value)
        return found

    def by_shop(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        found: QuerySet = self.room.of_shop(queryset, value.strip()[:200])
        return found


class RegisterFilter(_OfARegister):
    """By words, shop, right, kind, outcome and period."""

    room = selectors
    right = django_filters.ChoiceFilter(
        label=_("Kind of right"), field_name="filing__kind", choices=RightKind.choices, empty_label=_("Every kind")
    )
    outcome = django_filters.ChoiceFilter(
        label=_("Outcome"), method="by_outcome", choices=OUTCOMES, empty_label=_("Every outcome")
    )
    since = _Day(label=_("Received since"), field_name="created_at", lookup_expr="date__gte")
    until = _Day(label=_("Received until"), field_name="created_at", lookup_expr="date__lte")

    class Meta:
        model = Complaint
        form = _PlainForm
        fields = ("q", "shop", "right", "infringement", "outcome", "since", "until")

    def by_outcome(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return selectors.with_outcome(queryset, value)


FINDING_OUTCOMES = (("upheld", _("stands")), ("reversed", _("reversed")))


class FindingsFilter(_OfARegister):
    """The same for what was found on the platform's own initiative."""

    room = findings
    right = django_filters.ChoiceFilter(
        label=_("Kind of right"), field_name="candidate__profile__filing__kind", choices=RightKind.choices,
        empty_label=_("Every kind"),
    )  # fmt: skip
    outcome = django_filters.ChoiceFilter(
        label=_("Outcome"), method="by_outcome", choices=FINDING_OUTCOMES, empty_label=_("Every outcome")
    )
    since = _Day(label=_("Decided since"), field_name="decided_at", lookup_expr="date__gte")
    until = _Day(label=_("Decided until"), field_name="decided_at", lookup_expr="date__lte")

    class Meta:
        model = CandidateDecision
        form = _PlainForm
        fields = ("q", "shop", "right", "infringement", "outcome", "since", "until")

    def by_outcome(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(turned_at__isnull=value != "reversed")
