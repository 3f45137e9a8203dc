"""Two complainants as they are met with: one that threatens sellers, and one whose complaints hold.

What the second one's links became in the months before this installation began is counted by the month, as the score
reads it; no cases of that time are invented.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from complaints import goodfaith, selfservice, services
from complaints.abuse import looking
from complaints.reasons import reasons_for
from complaints.services import Notice
from complaints.training import QUESTIONS
from core import clock
from filings.models import Filing
from marketplace.links import resolve
from seeds.marketplace import link
from seeds.world import DOMAIN, World

MALICIOUS, EXCELLENT = "agency.en", "holder.en"
THREAT = "Your listing copies our product in every seam. Pay us or we close your shop before the festival."
#: in each of the last five months so many links were upheld, and so many dismissed
UPHELD, DISMISSED = 14, 1


def tell(*, world: World, storefront_url: str, until: datetime) -> None:
    """Tell what both of them did before `until`."""
    with clock.frozen(until - timedelta(days=2)):
        _threaten(world, storefront_url)
    for days in (150, 120, 90, 60, 30):
        with clock.frozen(until - timedelta(days=days)), transaction.atomic():
            goodfaith.count(_person(EXCELLENT).organisation.pk, upheld=UPHELD, dismissed=DISMISSED)  # type: ignore[union-attr]
    with clock.frozen(until - timedelta(days=1)):
        selfservice.ask(by=_person(EXCELLENT))
        selfservice.take_test(by=_person(EXCELLENT), answers={q.code: str(q.answer) for q in QUESTIONS})


def _threaten(world: World, storefront_url: str) -> None:
    by = _person(MALICIOUS)
    right = Filing.objects.filter(organisation=by.organisation).in_force().order_by("pk").first()  # type: ignore[attr-defined]
    if right is None or by.organisation is None:
        raise LookupError(f"{by.email} has no right in force under which it could threaten a seller")
    item = next(item for item in reversed(world.items) if item.kind == "listing")
    notice = Notice(
        right=right.public_id, infringement=reasons_for(right.kind, {"listing"})[0].kind, description=THREAT,
        links=resolve([link(storefront_url, item.scenes[0], item.external_id)]), signature=by.name, good_faith=True,
        language=by.language,
    )  # fmt: skip
    services.submit_complaint(notice=notice, by=by)
    looking.look_for_patterns(by.organisation, clock.now())


def _person(mailbox: str) -> User:
    return User.objects.get(email=f"{mailbox}@{DOMAIN}")
