"""Letters about findings that were acted upon: to everybody who may complain for the organisation."""

from typing import Any

from django.conf import settings

from accounts import roles
from accounts.models import User
from complaints import misuse
from complaints.abuse.findings import Told
from complaints.models import Suspension
from core import mail


def tell(suspension: Suspension, template: str) -> None:
    """The step that was just taken, with its reasons and what can be done about it. Source: DSA arts. 17, 20, 23."""
    found = list(suspension.findings.order_by("pk"))
    rules = misuse.rules_of(found)
    to_complainants(
        suspension.organisation_id,
        template,
        about=suspension.public_id,
        key=f"{template}:{suspension.public_id}:{suspension.state_since_at.timestamp():.6f}",
        context={
            "suspension": suspension,
            "findings": [Told(f, rules.get(f.pk)) for f in found],
            "rule": misuse.rules_of_suspensions([suspension]).get(suspension.pk),
        },
    )


def to_complainants(organisation_id: int, template: str, *, about: str, key: str, context: dict[str, Any]) -> None:
    people = User.objects.filter(
        is_active=True, memberships__organisation=organisation_id, memberships__role__in=roles.MAY_COMPLAIN
    )
    for person in people.order_by("pk"):
        mail.write_to(
            person, template=template, dedupe_key=key, about=about,
            context={**context, "contact": settings.CONTACT_EMAIL},
        )  # fmt: skip
