"""Organisations of the demo world, verified, and the rights that they filed."""

from datetime import date, timedelta

from django.db import transaction

from accounts.models import Organisation, User
from accounts.roles import MAY_FILE_RIGHTS
from core import clock, ledger
from core.ids import next_number
from core.outbox import publish
from filings import services
from filings.models import Filing, GenuineSeller
from filings.numbers import number_key
from marketplace.models import Target
from seeds.papers import Papers
from seeds.world import DOMAIN, Right, World
from seeds.world import Organisation as SaidOrganisation

State = Filing.State
#: a geographical indication that another tea company files as well
CONTESTED, RIVAL = "wuyaling-gi", "yuquelan"
#: rights that are not simply in force, so that every page has something to show
STATES = {
    "hullora-phone_case1-photo": State.SUBMITTED,
    "kivorro-hoodie1-photo": State.SUBMITTED,
    "oumelle-perfume1-photo": State.RETURNED,
    "belcourtine-handbag-design": State.RETURNED,
    "yanxi-book3": State.EXPIRING,
    "nordwisp-tm": State.EXPIRING,
    "vantelier-watch-photo": State.DRAFT,
    "shibei-book2": State.EXPIRED,
    "hengshi-book3": State.REJECTED,
}
NOTES: dict[str, str] = {
    State.RETURNED: "证书照片不清晰，且缺少权利人盖章页。请补充清晰的完整证书。\nThe certificate cannot be read; please add a clear copy of every page.",
    State.REJECTED: "该书号与所附封面不符，请核对后重新备案。\nThe ISBN does not belong to this cover.",
}


@transaction.atomic
def make_organisations(world: World) -> dict[str, Organisation]:
    """Every company by its slug; one that is there already is left as it is."""
    return {said.slug: _organisation(said) for said in world.organisations}


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
def make_filings(world: World, organisations: dict[str, Organisation], papers: Papers) -> dict[str, Filing]:
    """Every right by its slug, brought through filing and review to the state that `STATES` gives it.

    Flagship shops are its genuine sellers. One number is claimed by two organisations, and waits for staff.
    """
    reviewer = User.objects.get(email=f"reviewer@{DOMAIN}")
    genuine: dict[str, list[str]] = {}
    for shop in world.shops:
        if shop.nature == "flagship":
            for brand in shop.brands:
                genuine.setdefault(brand, []).append(shop.external_id)
    shops = {t.external_id: t for t in Target.objects.filter(kind=Target.Kind.SHOP, marketplace__slug="demo-mall")}
    filings = {}
    for right in world.rights:
        filing = _found(right, organisations[right.organisation])
        if filing is None:
            filing = _filed(right, organisations[right.organisation], papers, reviewer)
            sellers = [shops[e] for e in genuine.get(right.brand, []) if e in shops]
            GenuineSeller.objects.bulk_create([GenuineSeller(filing=filing, shop=s) for s in sellers])
        filings[right.slug] = filing
    for right in world.rights:
        if right.slug == CONTESTED and _found(right, organisations[RIVAL]) is None:
            _filed(right, organisations[RIVAL], papers, reviewer, state=State.SUBMITTED)
    services.pass_deadlines()
    return {slug: Filing.objects.get(pk=filing.pk) for slug, filing in filings.items()}


def _found(right: Right, owner: Organisation) -> Filing | None:
    key = number_key(kind=right.kind, text=right.number, territory=right.territory)
    return Filing.objects.filter(organisation=owner, kind=right.kind, number_key=key).first()


def _filed(right: Right, owner: Organisation, papers: Papers, reviewer: User, state: str = "") -> Filing:
    """One right, filed when its story says so, by somebody who may, and decided two days later."""
    state = state or STATES.get(right.slug, State.APPROVED)
    is_fresh = state in (State.DRAFT, State.SUBMITTED, State.RETURNED)
    filed_at = clock.now() - timedelta(days=3 if is_fresh else 120)
    start, until = right.valid_from, right.valid_until
    if state == State.EXPIRING:
        start, until = _ending(right, clock.today() + timedelta(days=41))
    elif state == State.EXPIRED:
        start, until = _ending(right, clock.today() - timedelta(days=18))
    by = owner.memberships.filter(role__in=MAY_FILE_RIGHTS).order_by("pk").select_related("user")[0].user
    with clock.frozen(filed_at) as then:
        filing = services.create_draft(
            kind=right.kind, by=by, title=right.title, registration_number=right.number, owner_name=right.owner,
            mark_type=right.mark_type, nice_classes=list(right.nice), territory=right.territory, valid_from_on=start,
            valid_until_on=until, description=right.description,
        )  # fmt: skip
        papers.hand_in_certificate(right, filing)
        if state == State.DRAFT:
            return filing
        filing = services.submit_filing(filing=filing, by=by)
        if state == State.SUBMITTED:
            return filing
        then.advance(days=2)
        if state == State.RETURNED:
            return services.return_for_supplement(filing=filing, by=reviewer, missing=NOTES[state])
        if state == State.REJECTED:
            return services.reject(filing=filing, by=reviewer, reason=NOTES[state])
        return services.approve(filing=filing, by=reviewer)


def _ending(right: Right, last: date) -> tuple[date | None, date]:
    """The same length of protection, ending on another day."""
    if right.valid_from is None or right.valid_until is None:
        return right.valid_from, last
    return last - (right.valid_until - right.valid_from), last
