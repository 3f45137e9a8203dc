"""Loads the demo world into an installation: companies, people, rights, the mirror, complaints in every state.

Running it again changes nothing. Pictures are drawn once, most of them when somebody first looks at them, and kept in the
data folder.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import transaction

from complaints.models import Complaint
from core import clock
from marketplace.models import Marketplace
from seeds import (
    answers,
    appeals,
    companies,
    conduct,
    conversations,
    desks,
    gallery,
    logins,
    marketplace,
    originals,
    patrol,
    penalties,
    powers,
    programs,
    public,
    searches,
    stories,
)
from seeds.logins import Login
from seeds.papers import Papers
from seeds.world import World, build_world

Say = Callable[[str], None]


@dataclass
class Loaded:
    """What there is after a load."""

    world: World
    marketplace: Marketplace
    pictures: Path
    logins: list[Login] = field(default_factory=list)
    drawn: int = 0
    complaints: int = 0


def load_world(
    *,
    storefront_url: str,
    ops_url: str = "",
    ops_token: str = "",
    inbound_secret: str = "",
    seed: int = 2026,
    scale: float = 1.0,
    say: Say = lambda _line: None,
) -> Loaded:
    """Load the demo world; `say` is told of each step. Safe to repeat: what is there stays as it is.

    With `ops_url` the running storefront is filled too; raises ConnectorError if it does not take the load.
    """
    world = build_world(seed=seed, scale=scale)
    papers = [p for r in world.rights for p in (r.certificate, *r.pictures)] + [o.licence for o in world.organisations]
    papers += originals.pictures(world)
    folder = gallery.folder_of(
        world, world.marketplace_pictures() + papers, inside=Path(settings.DATA_DIR) / "pictures"
    )
    drawn = gallery.draw_into(folder, papers)
    say(f"{drawn} pictures drawn; what the marketplace shows is drawn when somebody looks at it")
    mall = marketplace.connect_demo_mall(
        storefront_url=storefront_url, ops_url=ops_url, ops_token=ops_token, inbound_secret=inbound_secret
    )
    with transaction.atomic():
        loaded = _load(world, mall, folder, drawn, say)
    if ops_url:
        marketplace.fill_storefront(mall=mall, world=world, pictures=folder)
        say(f"{mall.name} is open at {storefront_url}")
    return loaded


def _load(world: World, mall: Marketplace, folder: Path, drawn: int, say: Say) -> Loaded:
    people = logins.make_staff()
    organisations = companies.make_organisations(world)
    people += logins.make_people(organisations, world)
    say(f"{len(organisations)} organisations")
    applied = marketplace.mirror(mall=mall, world=world)
    say(f"{applied} events of {mall.name}")
    papers = Papers(folder)
    papers.hand_in_licences(world, organisations)
    filings = companies.make_filings(world, organisations, papers)
    say(f"{len(filings)} rights on file")
    say(f"{powers.grant(organisations=organisations)} powers of attorney")
    told = []
    if not Complaint.objects.exists():
        told = stories.tell(
            world=world,
            storefront_url=mall.storefront_url,
            filings=filings,
            attach=papers.evidence,
            until=clock.now(),
        )
    conversations.write(case=told[-1] if told else None)
    desks.arrange()
    say(f"{len(told)} complaints")
    say(f"{penalties.impose(world=world, until=clock.now())} penalties")
    say(f"{appeals.tell(until=clock.now())} appeals")
    answered = answers.tell(
        world=world, storefront_url=mall.storefront_url, filings=filings, papers=papers, until=clock.now()
    )
    say(f"{answered} counter-notices")
    if told:
        conduct.tell(world=world, storefront_url=mall.storefront_url, until=clock.now())
    without = public.report(world=world, storefront_url=mall.storefront_url, until=clock.now())
    say(f"{without} complaints without an account")
    originals.register(world=world, folder=folder, until=clock.now(), say=say)
    patrol.watch(world=world, folder=folder, filings=filings, until=clock.now(), say=say)
    programs.connect()
    say(f"{searches.keep()} hits of a saved search")
    return Loaded(
        world=world, marketplace=mall, pictures=folder, logins=people, drawn=drawn,
        complaints=Complaint.objects.count(),
    )  # fmt: skip
