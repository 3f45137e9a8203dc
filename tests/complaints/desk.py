"""What the tests of the reviewers' desk share: addresses, forms as the pages carry them, cases that stand ready."""

import html
import re
from typing import Any

from django.urls import reverse

from complaints.models import Complaint
from complaints.services import accept
from tests.factories import ListingFactory, complaint, staff


def at(case: Complaint | None, step: str = "review") -> str:
    """The address of one page or step."""
    return reverse(f"admin:complaints_complaint_{step}", args=[case.public_id] if case else [])


QUEUE = "/admin/complaints/complaint/"
TAKE_NEXT = "/admin/complaints/complaint/take-next/"


def accepted(*targets: Any, by: Any = None, **fields: Any) -> Complaint:
    """A case that waits for the decision of `by` (default: a reviewer of its own)."""
    return accept(complaint=complaint(*targets, **fields), by=by or staff())


def listings(n: int, **fields: Any) -> list[Any]:
    first = ListingFactory(**fields)
    return [first, *ListingFactory.create_batch(n - 1, shop=first.shop, **fields)]


def since(case: Complaint) -> dict[str, str]:
    """What every form of the case carries."""
    case.refresh_from_db()
    return {"since": case.state_since_at.isoformat()}


def choices(
    case: Complaint, rule: str = "U1", facts: str = "The label is a copy of the registered mark.", **own: str
) -> dict:
    """The form of a decision: one rule for every pending link, unless `own` says otherwise."""
    keys = case.targets.filter(outcome="pending").order_by("pk").values_list("public_id", flat=True)
    return {
        **since(case),
        "facts-uphold": facts,
        "facts-dismiss": facts,
        **{f"rule-{key}": own.get(key, rule) for key in keys},
    }


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"no form for {action}"
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())
