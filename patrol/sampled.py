"""From a test buy that was judged pirated to a candidate: a person decides on it like on any other."""

from patrol.inspecting import Found, inspect
from patrol.models import Candidate, TestBuy
from patrol.services import write_candidates
from patrol.signals import Seen

#: the brand held the goods in its hands: surer than anything that a listing shows
SCORE = 0.99
#: what it adds to the score in log-odds, over those of a listing about which nothing was seen
PART = 8.6
SIGNAL = "sample.test_buy"


def open_candidate(*, test_buy: TestBuy) -> None:
    """Open a candidate with the verdict as evidence, beside whatever else its listing shows; in the caller's transaction."""
    target, profile = test_buy.listing.target, test_buy.profile
    assert profile is not None
    seen = Seen(
        SIGNAL,
        1.0,
        {"test_buy": test_buy.public_id, "number": test_buy.number, "sample": test_buy.listing.sample.number},
    )
    parts: dict[str, float] = {}
    beside: tuple[Seen, ...] = ()
    copy_key = ""
    for found in inspect([target], profile=profile):
        beside, parts, copy_key = found.seen, found.parts, found.copy_key
    whole = Found(target, profile, (seen, *beside), SCORE, {**parts, SIGNAL: PART}, copy_key)
    write_candidates([whole], looked_at=[target], source=Candidate.Source.SAMPLE, profile=profile)
