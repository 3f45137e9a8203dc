"""What reviewers type: at the door, per link, and in notes. Everything is plain text with a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from complaints.court_orders import Ordered
from complaints.lifecycle import regime_of
from complaints.models import Complaint, CourtOrder
from complaints.rules import USUAL_RULE
from core.forms import PlainForm
from core.text import clean_text
from rulebook.models import RuleVersion

#: longest text of a reviewer; a statement of reasons is read by people
LONGEST = 4000
#: what a complainant can still add, by the element of the notice that is not good enough yet
SENTENCES = {
    "filing": gettext_lazy(
        "Show that the right covers this: attach the certificate, licence or renewal that is missing."
    ),
    "signature": gettext_lazy("Say who signs for you and in which function, and attach proof of it."),
    "links": gettext_lazy("Say more exactly where the infringement is seen: which variant, picture, second or place."),
    "description": gettext_lazy(
        "Say what exactly infringes the right and how you know: features, a test buy, pictures."
    ),
    "good_faith": gettext_lazy("Confirm again that what you say is true: parts of the notice contradict each other."),
}


def _area(label: Any, *, required: bool = True, rows: int = 4, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


def _right_too(label: Any) -> forms.BooleanField:
    """For a right that came with its notice and that nobody has proved yet."""
    return forms.BooleanField(label=label, required=False)


class ReturnForm(PlainForm):
    """What is missing of a notice: ready-made sentences of its regime, and the reviewer's own words."""

    elements = forms.MultipleChoiceField(
        label=gettext_lazy("What is missing"), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = _area(gettext_lazy("In your words"), required=False)

    def __init__(self, complaint: Complaint, data: Any = None) -> None:
        super().__init__(data, prefix="return")
        # The complainant reads them, so that they stand in the complainant's language.
        with translation.override(complaint.language):
            elements = regime_of(complaint).notice
            self.sentences = {e.code: str(SENTENCES.get(e.code, e.missing)) for e in elements}
        self.fields["elements"].choices = [  # type: ignore[attr-defined]
            (e.code, format_html("<b>{}</b> {}", e.label, self.sentences[e.code])) for e in elements
        ]
        if complaint.filing.waits_with_notice:
            self.fields["with_right"] = _right_too(
                gettext_lazy("Return the right too, with the same words: its data or papers are what is missing")
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = [self.sentences[name] for name in cleaned.get("elements") or ()]
        if cleaned.get("words"):
            said.append(cleaned["words"])
        cleaned["missing"] = "\n".join(said)
        if not said and not self.errors:
            raise ValidationError(_("Choose or write what is missing: the complainant must be able to act on it."))
        return cleaned


class RejectForm(PlainForm):
    """Why a notice can never be accepted."""

    reason = _area(gettext_lazy("Reason, as the complainant reads it"))

    def __init__(self, complaint: Complaint, data: Any = None) -> None:
        super().__init__(data, prefix="reject")
        if complaint.filing.waits_with_notice:
            self.fields["with_right"] = _right_too(
                gettext_lazy("Reject the right too: it was not proved, and nothing rests on it")
            )


class NoteForm(PlainForm):
    """A note among staff."""

    text = _area(gettext_lazy("Note"), rows=3)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="note")


class OrderForm(PlainForm):
    """What a court ordered about some links, each with its public id and a name."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=CourtOrder.Kind.choices)
    effect = forms.ChoiceField(
        label=gettext_lazy("It orders"),
        choices=(
            ("keep", gettext_lazy("that the links stay down")),
            ("release", gettext_lazy("that they go up again")),
        ),
    )
    forum = forms.CharField(label=gettext_lazy("Court"), max_length=200)
    case_number = forms.CharField(label=gettext_lazy("Case number"), max_length=100)
    ordered_on = forms.DateField(label=gettext_lazy("Ordered on"), widget=forms.DateInput({"type": "date"}))
    links = forms.MultipleChoiceField(label=gettext_lazy("Links"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, links: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data, prefix="order")
        self.fields["links"].choices = links  # type: ignore[attr-defined]
        self.initial["links"] = [key for key, _name in links]

    def ordered(self) -> Ordered:
        said = self.cleaned_data
        return Ordered(said["kind"], said["effect"] == "keep", said["forum"], said["case_number"], said["ordered_on"])


@dataclass(frozen=True)
class Choice:
    """What stands in the form for one link: a rule (or nothing yet), and facts of its own (or none)."""

    rule: str = ""
    facts: str = ""
    #: `uphold` or `dismiss`, by the rule; empty while there is none
    outcome: str = ""


@dataclass
class Choices:
    """A decision being made: two fields for each link, so that 500 links fit into one form.

    A link without facts of its own takes those that were written once for its outcome.
    """

    keys: Sequence[str]
    #: the rules that fit the case, by their codes
    rules: Mapping[str, RuleVersion] = field(default_factory=dict)
    chosen: dict[str, Choice] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=lambda: {"uphold": "", "dismiss": ""})
    #: what is wrong, by the name of the field
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, keys: Sequence[str], data: Mapping[str, Any], *, rules: Mapping[str, RuleVersion]) -> "Choices":
        """What was posted for these links. Unknown links, and rules that do not fit, are never taken over."""
        made = cls(keys, rules)
        for outcome in ("uphold", "dismiss"):
            made.facts[outcome] = made._text(f"facts-{outcome}", data)
        for key in keys:
            rule = str(data.get(f"rule-{key}", ""))
            if rule and rule not in rules:
                made.errors.setdefault(f"rule-{key}", []).append(_("Choose one of the rules that fit this right."))
                rule = ""
            made.chosen[key] = made._choice(rule, made._text(f"facts-{key}", data))
        return made

    def _choice(self, rule: str, facts: str) -> Choice:
        outcome = "" if rule not in self.rules else "uphold" if self.rules[rule].upholds else "dismiss"
        return Choice(rule, facts, outcome)

    def _text(self, name: str, data: Mapping[str, Any]) -> str:
        text = str(data.get(name, ""))
        try:
            return clean_text(text, multiline=True, max_length=LONGEST)
        except ValidationError as wrong:
            self.errors.setdefault(name, []).extend(wrong.messages)
            return text[:LONGEST]

    def fill(self, rule: str) -> int:
        """Choose one rule for every link that is still open; returns how many that were."""
        if rule not in self.rules:
            self.errors.setdefault("all-rule", []).append(_("Choose the rule for all links that are still open."))
            return 0
        still = [key for key in self.keys if not self.of(key).rule]
        for key in still:
            self.chosen[key] = self._choice(rule, self.of(key).facts)
        return len(still)

    def of(self, key: str) -> Choice:
        """What stands for one link. (No subscript: templates would take it for every attribute.)"""
        return self.chosen.get(key, Choice())

    @property
    def open(self) -> list[str]:
        return [key for key in self.keys if not self.of(key).rule]

    def facts_of(self, key: str) -> str:
        choice = self.of(key)
        return choice.facts or self.facts.get(choice.outcome, "")

    def check(self) -> bool:
        """Whether a decision can be made of it; what is missing is said in `errors`."""
        if self.open:
            n = len(self.open)
            said = ngettext("%(n)d link is still open: choose a rule for it.", "%(n)d links are still open: choose a rule for each.", n)  # fmt: skip
            self.errors.setdefault("open", []).append(said % {"n": n})
        for outcome, label in (("uphold", _("upheld")), ("dismiss", _("dismissed"))):
            bare = [k for k in self.keys if self.of(k).outcome == outcome and not self.facts_of(k)]
            if bare and f"facts-{outcome}" not in self.errors:
                said = ngettext("Write the facts for the link that is %(outcome)s.", "Write the facts for the %(n)d links that are %(outcome)s.", len(bare))  # fmt: skip
                self.errors[f"facts-{outcome}"] = [said % {"n": len(bare), "outcome": label}]
        return not self.errors

    def fields(self, *, leave_out: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Name and value of everything chosen, to be carried along in hidden fields."""
        carried = [(f"facts-{outcome}", text) for outcome, text in self.facts.items() if text]
        left = set(leave_out)
        for key in self.keys:
            if key not in left:
                choice = self.of(key)
                carried += [(f"{name}-{key}", v) for name, v in (("rule", choice.rule), ("facts", choice.facts)) if v]
        return carried

    def decided(self) -> dict[str, tuple[str, str]]:
        """Rule and facts for every link."""
        return {key: (self.of(key).rule, self.facts_of(key)) for key in self.keys}


def usual_rule(complaint: Complaint) -> str:
    return USUAL_RULE[complaint.infringement]
