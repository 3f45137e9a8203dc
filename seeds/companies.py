"""Organisations of the demo world, verified, and the rights that they filed."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from core import clock, ledger
from core.ids import next_number
from core.outbox import publish
from filings.models import Filing, GenuineSeller
from marketplace.models import Target
from seeds.world import DOMAIN, Right, World
from seeds.world import Organisation as SaidOrganisation

#: rights that are not simply in force, so that every page has something to show
STATES = {
    "hullora-phone_case1-photo": Filing.State.SUBMITTED,
    "kivorro-hoodie1-photo": Filing.State.SUBMITTED,
    "oumelle-perfume1-photo": Filing.State.RETURNED,
    "belcourtine-handbag-design": Filing.State.RETURNED,
    "yanxi-book3": Filing.State.EXPIRING,
    "nordwisp-tm": Filing.State.EXPIRING,
    "vantelier-watch-photo": Filing.State.DRAFT,
    "shibei-book2": Filing.State.EXPIRED,
    "hengshi-book3": Filing.State.REJECTED,
}
NOTES = {
    Filing.State.RETURNED: "证书照片不清晰，且缺少权利人盖章页。请补充清晰的完整证书。\nThe certificate cannot be read; please add a clear copy of every page.",
    Filing.State.REJECTED: "该书号与所附封面不符，请核对后重新备案。\nThe ISBN does not belong to this cover.",
}


@transaction.atomic
def make_organisations(world: World) -> dict[str, Organisation]:
    """Every company by its slug; one that is there already is left as it is."""
    made = {said.slug: _organisation(said) for said in world.organisations}
    return made


def _organisation(said: SaidOrganisation) -> Organisation:
    found = Organisation.objects.filter(kind=said.kind, name=said.name).first()
    if found:
        return found
    at = clock.now()
    organisation = Organisation.objects.create(
        number=next_number("O", at.year), kind=said.kind, name=said.name, country=said.country, uscc=said.uscc,
        registration_number=said.registration_number, address=said.address, contact_name=said.people[0].name,
        contact_email=said.people[0].email, contact_phone=said.people[0].phone, state=Organisation.State.VERIFIED,
        state_since_at=at, created_at=at,
    )  # fmt: skip
    ledger.record(
        kind="organisation.verify",
        subject=organisation.public_id,
        payload={"to": organisation.state, "seed": True},
    )
    publish("organisation.verified", organisation.public_id)
    return organisation


@transaction.atomic
def make_filings(world: World, organisations: dict[str, Organisation]) -> dict[str, Filing]:
    """Every right by its slug, in the state that `STATES` gives it; flagship shops are its genuine sellers."""
    reviewer = User.objects.get(email=f"reviewer@{DOMAIN}")
    genuine: dict[str, list[str]] = {}
    for shop in world.shops:
        if shop.nature == "flagship":
            for brand in shop.brands:
                genuine.setdefault(brand, []).append(shop.external_id)
    shops = {
        t.external_id: t for t in Target.objects.filter(kind=Target.Kind.SHOP, marketplace__slug="demo-mall")
    }
    filings = {}
    for right in world.rights:
        owner = organisations[right.organisation]
        key = number_key(right.number)
        filing = Filing.objects.filter(organisation=owner, kind=right.kind, number_key=key).first()
        if filing is None:
            filing = _filing(right, owner, key, reviewer)
            sellers = [shops[e] for e in genuine.get(right.brand, []) if e in shops]
            GenuineSeller.objects.bulk_create([GenuineSeller(filing=filing, shop=s) for s in sellers])
        filings[right.slug] = filing
    return filings


def _filing(right: Right, owner: Organisation, key: str, reviewer: User) -> Filing:
    state = STATES.get(right.slug, Filing.State.APPROVED)
    at = clock.now() - timedelta(days=3 if state in (Filing.State.SUBMITTED, Filing.State.RETURNED) else 120)
    values: dict[str, Any] = {}
    start, until = right.valid_from, right.valid_until
    deadline = None
    if state == Filing.State.EXPIRING:
        start, until = _ending(right, clock.today() + timedelta(days=41))
    elif state == Filing.State.EXPIRED:
        start, until = _ending(right, clock.today() - timedelta(days=18))
    elif state == Filing.State.SUBMITTED:
        deadline = at + timedelta(days=7)
    elif state == Filing.State.RETURNED:
        deadline = at + timedelta(days=30)
    if state not in (Filing.State.DRAFT, Filing.State.SUBMITTED):
        values["reviewed_by"] = reviewer
    filing = Filing.objects.create(
        number=next_number("F", at.year), organisation=owner, created_by=owner.memberships.order_by("pk").first().user,
        kind=right.kind, title=right.title, registration_number=right.number, number_key=key, mark_type=right.mark_type,
        nice_classes=list(right.nice), owner_name=right.owner, territory=right.territory, valid_from_on=start,
        valid_until_on=until, description=right.description, state=state, state_since_at=at, created_at=at,
        deadline_at=deadline, review_note=NOTES.get(state, ""), **values,
    )  # fmt: skip
    ledger.record(kind=f"filing.{state}", subject=filing.public_id, payload={"to": state, "seed": True})
    return filing


def _ending(right: Right, last: date) -> tuple[date | None, date]:
    """The same length of protection, ending on another day."""
    if right.valid_from is None or right.valid_until is None:
        return right.valid_from, last
    return last - (right.valid_until - right.valid_from), last


def number_key(number: str) -> str:
    """How two spellings of the same number are recognised: letters and digits alone."""
    return "".join(c for c in number.upper() if c.isalnum())
