"""Profiles and candidates for the tests of the patrol room."""

from typing import Any

from accounts.roles import StaffRole
from patrol import profiles, services
from patrol.inspecting import Found
from patrol.models import Candidate, WatchProfile
from patrol.signals import Seen
from tests.factories import FilingFactory, ListingFactory, member, staff

FACTS = "The cover is that of the publisher, and the price is a third of the list price."


def a_profile(by: Any = None, *, starts: bool = True, **fields: Any) -> WatchProfile:
    """A profile that watches, of a right in force of whoever `by` acts for (default: a verified rights holder)."""
    by = by or member()
    filing = fields.pop("filing", None) or FilingFactory(
        organisation=by.organisation, created_by=by, kind=fields.pop("right", "trademark")
    )
    profile = profiles.create(filing=filing, by=by, **fields)
    return profiles.start(profile=profile, by=by) if starts else profile


def found(profile: WatchProfile, target: Any = None, *, score: float = 0.9, word: str = "kivorro") -> Found:
    """What a look at one listing says: a word in its title, and a low price."""
    seen = (Seen("text.name", 1.0, {"words": word}), Seen("price.floor", 0.8, {}))
    parts = {"text.name": 2.0, "price.floor": 1.1}
    return Found(target or ListingFactory(), profile, seen, score, parts, copy_key="c0ffee")


def a_candidate(profile: WatchProfile | None = None, target: Any = None, **fields: Any) -> Candidate:
    """A candidate that is to be decided."""
    one = found(profile or a_profile(), target, **fields)
    return services.write_candidates([one], looked_at=[one.target], source=Candidate.Source.FEED)[0]


def a_finding(candidate: Candidate | None = None, *, by: Any = None) -> Any:
    """What an officer upheld."""
    candidate = candidate or a_candidate()
    return services.uphold(candidate=candidate, by=by or staff(), rule="U1", facts=FACTS)


def a_senior() -> Any:
    return staff(StaffRole.SENIOR_REVIEWER)
