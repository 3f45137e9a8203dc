"""Leads (情报线索): which shops seem to belong together, by what they share, week by week.

Shops are linked by what only one operator would share: licence, account, device, payee and address (the last three as
digests that the marketplace sends; what is behind them nobody here knows), and more weakly by the same pictures and the
same words. What very many shops share says nothing: an office tower, the maker's own picture, a stock phrase. A cluster
is a lead where something of it was upheld or is held. It proposes nothing and decides nothing.
"""

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from imageguard.models import Appearance
from marketplace.models import Target
from patrol.models import Lead
from patrol.upheld import goods_of, shops_with_holds, shops_with_upheld

#: how strongly each ground links two shops, and how many shops may share the same thing before it says nothing
WEIGHTS: dict[str, float] = {
    "licence": 1.0, "account": 1.0, "payee": 0.9, "device": 0.8, "address": 0.6, "image": 0.2, "text": 0.2,
}  # fmt: skip
MOST_SHOPS: dict[str, int] = {
    "licence": 200, "account": 200, "payee": 50, "device": 50, "address": 20, "image": 8, "text": 8,
}  # fmt: skip
WORDS: dict[str, str | Promise] = {
    "licence": _("same licence"), "account": _("same account"), "payee": _("same payee"), "device": _("same device"),
    "address": _("same address"), "image": _("same pictures"), "text": _("same words"),
}  # fmt: skip
#: pictures and words count once for each that two shops share, up to so much
MOST_OF_ONE_GROUND = 1.0
#: links that are weaker do not make a cluster: one shared picture is chance
LINKS_FROM = 0.5
#: attributes of a shop that are digests, and of how many characters at least
DIGESTS = {"device": "device_digest", "address": "address_digest", "payee": "payee_digest"}
SHORTEST_DIGEST = 16
#: descriptions with fewer letters and digits are stock phrases
SHORTEST_TEXT = 40
#: leads that are written in one transaction
AT_ONCE = 50
_NO_WORD = re.compile(r"[\W_]+")


@dataclass
class Edge:
    """What two shops share: for each ground, how many things."""

    shared: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def weight(self) -> float:
        return round(sum(min(n * WEIGHTS[g], MOST_OF_ONE_GROUND) for g, n in self.shared.items()), 2)


@dataclass(frozen=True)
class Cluster:
    """Shops that hang together, by their database keys, and the links between them."""

    shops: tuple[int, ...]
    edges: dict[tuple[int, int], Edge]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def find_leads(*, day: date | None = None) -> list[Lead]:
    """Find the leads of the week that `day` (default: today) lies in; a second time the week is written anew.

    What was a lead earlier in the same week and is none any more goes; other weeks stay as they are.
    """
    week = monday_of(day or clock.today())
    marked = shops_with_upheld() | shops_with_holds()
    clusters = [cluster for cluster in clusters_of(links()) if marked & set(cluster.shops)]
    written = []
    for start in range(0, len(clusters), AT_ONCE):
        written += _write(clusters[start : start + AT_ONCE], week)
    keys = {lead.key for lead in written}
    known = Lead.objects.filter(week_on=week).values_list("pk", "key")
    gone = [pk for pk, key in known if key not in keys]
    for start in range(0, len(gone), AT_ONCE):
        Lead.objects.filter(pk__in=gone[start : start + AT_ONCE]).delete()
    return sorted(written, key=lambda lead: (-lead.upheld, lead.pk))


@transaction.atomic
def _write(clusters: Sequence[Cluster], week: date) -> list[Lead]:
    """Some leads in one transaction: a market of leads in one would hold its rows for minutes."""
    shops = Target.objects.in_bulk({pk for cluster in clusters for pk in cluster.shops})
    goods = goods_of(shops)
    written = []
    for cluster in clusters:
        ids = {pk: shops[pk].public_id for pk in cluster.shops}
        lead, _is_new = Lead.objects.update_or_create(
            week_on=week, key=_key(ids.values()),
            defaults={
                "edges": _as_json(cluster, ids), "upheld": sum(goods[pk].upheld for pk in cluster.shops),
                "figures": {ids[pk]: asdict(goods[pk]) for pk in cluster.shops}, "found_at": clock.now(),
            },
        )  # fmt: skip
        lead.shops.set(cluster.shops)
        written.append(lead)
    return written


def _key(public_ids: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(sorted(public_ids)).encode()).hexdigest()


def _as_json(cluster: Cluster, ids: dict[int, str]) -> list[dict[str, Any]]:
    edges = [
        {"a": ids[a], "b": ids[b], "weight": edge.weight, "grounds": dict(sorted(edge.shared.items()))}
        for (a, b), edge in cluster.edges.items()
    ]
    return sorted(edges, key=lambda said: (-said["weight"], said["a"], said["b"]))


def clusters_of(edges: dict[tuple[int, int], Edge]) -> list[Cluster]:
    """Connected components over the links that are strong enough; weaker ones inside a cluster are shown too."""
    import networkx

    graph = networkx.Graph()
    graph.add_edges_from(pair for pair, edge in edges.items() if edge.weight >= LINKS_FROM)
    clusters = []
    place: dict[int, int] = {}
    for n, component in enumerate(sorted(map(sorted, networkx.connected_components(graph)))):
        clusters.append(Cluster(tuple(component), {}))
        place.update(dict.fromkeys(component, n))
    for (a, b), edge in edges.items():
        if a in place and place.get(b) == place[a]:
            clusters[place[a]].edges[a, b] = edge
    return clusters


def links() -> dict[tuple[int, int], Edge]:
    """Every pair of shops that shares something, with what."""
    edges: dict[tuple[int, int], Edge] = defaultdict(Edge)
    for ground, shops in _shared():
        for pair in combinations(sorted(shops), 2):
            edges[pair].shared[ground] += 1
    return dict(edges)


def _shared() -> Iterator[tuple[str, set[int]]]:
    """Each thing that more than one shop has and not too many: its ground, and the shops."""
    for ground, things in (*_said_by_shops().items(), ("image", _pictures()), ("text", _texts())):
        for shops in things.values():
            if 1 < len(shops) <= MOST_SHOPS[ground]:
                yield ground, shops


def _said_by_shops() -> dict[str, dict[Any, set[int]]]:
    """Licences, accounts and digests, as the marketplace sends them with its shops."""
    found: dict[str, dict[Any, set[int]]] = defaultdict(lambda: defaultdict(set))
    rows = Target.objects.filter(kind=Target.Kind.SHOP).order_by()
    for pk, uscc, operator, attributes in rows.values_list("pk", "operator_uscc", "operator", "attributes").iterator():
        if uscc:
            found["licence"][uscc].add(pk)
        if operator:
            found["account"][operator].add(pk)
        for ground, name in DIGESTS.items():
            digest = attributes.get(name)
            if isinstance(digest, str) and len(digest) >= SHORTEST_DIGEST:
                found[ground][digest].add(pk)
    return found


def _pictures() -> dict[str, set[int]]:
    """The same bytes shown by several shops: the database leaves out at once what one shop or too many show."""
    shown = (
        Appearance.objects.filter(gone_at__isnull=True, target__shop__isnull=False).exclude(image__sha256="").order_by()
    )
    few = (
        shown.values("image__sha256")
        .annotate(n=Count("target__shop", distinct=True))
        .filter(n__gt=1, n__lte=MOST_SHOPS["image"])
        .values("image__sha256")
    )
    found: dict[str, set[int]] = defaultdict(set)
    for sha256, shop in shown.filter(image__sha256__in=few).values_list("image__sha256", "target__shop").distinct():
        found[sha256].add(shop)  # type: ignore[arg-type]  # those without a shop are left out
    return found


def _texts() -> dict[bytes, set[int]]:
    """The same description, letter for letter, whatever stands between the letters."""
    found: dict[bytes, set[int]] = defaultdict(set)
    rows = Target.objects.filter(shop__isnull=False).exclude(description="").order_by()
    for shop, description in rows.values_list("shop", "description").iterator():
        words = _NO_WORD.sub("", unicodedata.normalize("NFKC", description).casefold())
        if len(words) >= SHORTEST_TEXT:
            found[hashlib.sha256(words.encode(errors="replace")).digest()].add(shop)  # type: ignore[arg-type]  # as above
    return found
