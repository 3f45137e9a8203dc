"""Which official pictures a listing shows."""

from collections.abc import Mapping, Sequence

from marketplace.models import Target
from patrol.signals import Sights
from patrol.terms import Watched


def see(targets: Sequence[Target], profiles: Mapping[int, Watched]) -> Sights:
    """Which official pictures of these profiles each listing shows, by (place in `targets`, key of the profile)."""
    return {}
