"""Forms of the parties' pages: the wizard, supplement and withdrawal, and the filters of the lists."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from complaints import conversations, selectors
from complaints.lanes import MOST_LINKS, placed
from complaints.models import Complaint, ComplaintTarget, Infringement
from complaints.reasons import REASONS, reasons_for
from complaints.regimes import CN_ECOMMERCE, REGIMES
from complaints.training import QUESTIONS
from core.forms import MultipleFileField, PlainForm
from filings.models import Filing
from filings.standing import kinds_to_complain_under

LONGEST_DESCRIPTION = 10_000


def kept_from_the_seller() -> forms.BooleanField:
    """Whether the files handed in stay between complainant and platform."""
    return forms.BooleanField(
        label=_("Keep these files from the seller"),
        help_text=_("A seller may see the evidence against it. Tick this if it shows names, addresses or orders."),
        required=False,
    )


def signed_by() -> forms.CharField:
    """The name under a notice."""
    return forms.CharField(
        label=_("Signed by"),
        help_text=_("Your full name, as on your identity document. It is never shown to the seller."),
        max_length=100,
        widget=forms.TextInput({"autocomplete": "name"}),
    )


class RightChoice(forms.ModelChoiceField):
    """A right in force, by its public id, named as on the certificate; for an agency with whose it is."""

    own_id: int | None = None

    def label_from_instance(self, obj: Filing) -> str:
        named = f"{obj.title} · {obj.get_kind_display()} {obj.registration_number}"
        return named if obj.organisation_id == self.own_id else f"{named} · {obj.organisation.name}"


class NoticeForm(PlainForm):
    """What every notice says, whoever sends it: links, what infringes and why, the statement of good faith."""

    links = forms.CharField(
        label=_("Links of what infringes"),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        max_length=1_000_000,
        error_messages={"required": _("Paste at least one link of what infringes.")},
    )
    infringement = forms.ChoiceField(
        label=_("What is wrong with it?"),
        widget=forms.RadioSelect,
        choices=Infringement.choices,
        error_messages={"required": _("Choose the kind of infringement.")},
    )
    description = forms.CharField(
        label=_("What infringes, and how do you know?"),
        help_text=_(
            "At least 20 characters. Name what a reviewer can see: label, seam, ISBN, text, picture."
            " The seller reads this too; leave names and telephone numbers out."
        ),
        widget=forms.Textarea({"rows": 5}),
        max_length=LONGEST_DESCRIPTION,
    )
    test_buy_order = forms.CharField(label=_("Order number of a test buy"), required=False, max_length=64)
    evidence = MultipleFileField(
        label=_("Evidence"),
        help_text=_("Photographs, screenshots, PDF, video: up to 10 MB each."),
        required=False,
    )
    evidence_is_private = kept_from_the_seller()
    signature = signed_by()
    good_faith = forms.BooleanField(
        label=_("I make this statement of good faith."),
        error_messages={
            "required": _("Confirm that the notice is true: without this assurance it cannot be accepted.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._show_assurance(CN_ECOMMERCE.code)
        self.fields["evidence"].widget.attrs["data-max-bytes"] = str(settings.MAX_UPLOAD_BYTES)

    def take_links(self, most: int) -> None:
        """Say how many links are taken."""
        self.most_links = most
        self.fields["links"].help_text = _(
            "One per line, up to %(most)d: products, videos, livestreams, search results, shops or share texts."
        ) % {"most": most}
        self.fields["links"].widget.attrs["data-count-lines"] = str(most)

    def ask_assurance_of(self, looked: Iterable[selectors.PastedLink]) -> None:
        """Ask for the statement of the law under which the links lie."""
        self._ask_assurance(selectors.law_of(looked) or CN_ECOMMERCE.code)

    def _show_assurance(self, law: str) -> None:
        #: code of the law whose statement is shown
        self.law = law
        field: Any = self.fields["good_faith"]
        field.help_text = REGIMES[law].assurance

    def _ask_assurance(self, law: str) -> None:
        """Show the statement of a law. Who ticked that of another one has not made it, and is asked anew."""
        self._show_assurance(law)
        said: Any = self.data if self.is_bound else self.initial
        if said.get("law", CN_ECOMMERCE.code) != law and "good_faith" in said:
            said = said.copy()
            del said["good_faith"]
            self.data, self.initial = (said, self.initial) if self.is_bound else (self.data, said)

    @property
    def lines(self) -> list[str]:
        """The pasted lines that say anything."""
        return [line.strip() for line in str(self["links"].value() or "").splitlines() if line.strip()]

    def add_errors(self, errors: dict[str, Any]) -> None:
        """Put what a service refused beside the field it belongs to."""
        for name, messages in errors.items():
            for message in messages if isinstance(messages, list | tuple) else [messages]:
                self.add_error(name if name in self.fields else None, str(message))


class ComplaintForm(NoticeForm):
    """The wizard's one page: the right, the links, what infringes and why, the statement of good faith."""

    field_order = ("filing",)
    filing = RightChoice(
        label=_("Right on which the complaint rests"),
        queryset=Filing.objects.none(),
        to_field_name="public_id",
        empty_label=_("Choose one right on file"),
        error_messages={
            "required": _("Choose the right on which the complaint rests."),
            "invalid_choice": _("This right is not in force, or not yours. Choose another one."),
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field: Any = self.fields["filing"]
        field.queryset = selectors.rights_to_rest_on(user)
        field.own_id = user.organisation.pk if user.organisation else None
        self.take_links(placed(user.organisation).terms.links if user.organisation else MOST_LINKS)

    @cached_property
    def chosen_right(self) -> Filing | None:
        """The right chosen so far, whatever else is still missing."""
        wanted = self["filing"].value()
        field: Any = self.fields["filing"]
        return field.queryset.filter(public_id=str(wanted)).first() if wanted else None

    def fit_to(self, looked: Iterable[selectors.PastedLink]) -> None:
        """Offer what fits the right and what the links name, and ask for the statement of the law they lie under."""
        looked = list(looked)
        self._offer_reasons(looked)
        self.ask_assurance_of(looked)

    def _offer_reasons(self, looked: Iterable[selectors.PastedLink]) -> None:
        right, kinds = self.chosen_right, {p.seen.target.kind for p in looked if p.seen.target}
        if right:
            fitting = reasons_for(right.kind, kinds)
        else:
            may = kinds_to_complain_under(self.user.organisation)
            fitting = [reason for reason in REASONS if reason.rights & may]
        field: Any = self.fields["infringement"]
        field.choices = [(r.kind, Infringement(r.kind).label) for r in fitting]

    def draft_data(self) -> dict[str, Any]:
        """What a draft keeps: everything but the signature and the statement, which are given when sending."""
        keep = ("filing", "links", "infringement", "description", "test_buy_order", "evidence_is_private")
        limit = {"links": 1_000_000, "description": LONGEST_DESCRIPTION * 2}
        return {name: str(self.data.get(name) or "").replace("\x00", "")[: limit.get(name, 200)] for name in keep}


class SupplementForm(PlainForm):
    """What the complainant adds to a returned notice."""

    text = forms.CharField(
        label=_("Your supplement"),
        widget=forms.Textarea({"rows": 6}),
        max_length=LONGEST_DESCRIPTION,
    )
    test_buy_order = forms.CharField(label=_("Order number of a test buy"), required=False, max_length=64)
    evidence = MultipleFileField(
        label=_("Further evidence"),
        help_text=_("Photographs, screenshots, PDF, video: up to 10 MB each."),
        required=False,
    )
    evidence_is_private = kept_from_the_seller()


class MessageForm(PlainForm):
    """A message to the other side of a conversation inside a case."""

    text = forms.CharField(
        label=_("Message"),
        widget=forms.Textarea({"rows": 4}),
        max_length=conversations.LONGEST,
        error_messages={"required": _("Write what you want to say.")},
    )
    attachments = MultipleFileField(
        label=_("Files"), help_text=_("Photographs, screenshots, PDF, video: up to 10 MB each."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="message", **kwargs)


class WithdrawForm(PlainForm):
    """Which links are withdrawn, and why; the reason is read by staff alone."""

    targets = forms.ModelMultipleChoiceField(
        label=_("Links to withdraw"),
        queryset=ComplaintTarget.objects.none(),
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one link.")},
    )
    reason = forms.CharField(
        label=_("Why? (read by staff alone)"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        max_length=2_000,
    )

    def __init__(self, *args: Any, complaint: Complaint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["targets"]
        field.queryset = complaint.targets.filter(
            outcome__in=[ComplaintTarget.Outcome.PENDING, ComplaintTarget.Outcome.UPHELD]
        ).select_related("target")
        field.label_from_instance = lambda ct: f"{ct.target} · {ct.get_scene_display()}"
        if not self.is_bound:
            self.initial["targets"] = [ct.public_id for ct in field.queryset]


class ComplaintFilter(django_filters.FilterSet):
    """Filters of a complainant's list."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    state = django_filters.ChoiceFilter(label=_("State"), choices=Complaint.State.choices, empty_label=_("Every state"))
    infringement = django_filters.ChoiceFilter(
        label=_("Infringement"), choices=Infringement.choices, empty_label=_("Every kind")
    )

    class Meta:
        model = Complaint
        fields = ("q", "state", "infringement")

    def search(self, queryset: Any, name: str, value: str) -> Any:
        """By case number, right, title or link of a target."""
        value = value.strip()[:200]
        matching = ComplaintTarget.objects.filter(Q(target__title__icontains=value) | Q(link__icontains=value))
        return queryset.filter(
            Q(number__iexact=value)
            | Q(filing__title__icontains=value)
            | Q(filing__registration_number__iexact=value)
            | Q(pk__in=matching.values("complaint_id"))
        )


class TrainingForm(PlainForm):
    """The test of self-service: one choice for each question."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in QUESTIONS:
            self.fields[question.code] = forms.ChoiceField(
                label=question.words, choices=question.choices, widget=forms.RadioSelect,
                error_messages={"required": _("Choose one answer.")},
            )  # fmt: skip

    def add_errors(self, errors: dict[str, Any]) -> None:
        for name, said in errors.items():
            for words in said:
                self.add_error(name if name in self.fields else None, str(words))
