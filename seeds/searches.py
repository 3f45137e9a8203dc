"""A search that a rights holder of the demo keeps: its name at prices at which it sells nothing."""

from accounts.models import User
from complaints.models import SavedSearch
from complaints.searches.services import run_search, save_search
from seeds.world import DOMAIN

NAME, ASKED = "KIVORRO 低价", {"words": "kivorro", "kind": ["listing"], "price_to": "500", "currency": "CNY"}


def keep() -> int:
    """As if it had been saved before the marketplace was connected, so that it has found something; how many things.

    A second time changes nothing.
    """
    holder = User.objects.get(email=f"holder@{DOMAIN}")
    if SavedSearch.objects.filter(organisation=holder.organisation).exists():
        return 0
    search = save_search(by=holder, name=NAME, asked=ASKED)
    search.hits.all().delete()
    SavedSearch.objects.filter(pk=search.pk).update(begins_after=0, looked_until=0)
    return run_search(search=search, by=holder)
