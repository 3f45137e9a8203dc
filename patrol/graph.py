"""The picture of a lead: shops as circles, links as lines, laid out the same way each time. SVG without script or style."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from patrol.models import Lead

WIDTH, HEIGHT, EDGE = 720, 480, 60
#: of the layout: the same cluster looks the same to everybody
SEED = 6
#: shops in one picture: of more nobody sees anything, and to lay them out takes long
MOST = 60


def draw(lead: Lead, names: dict[str, str]) -> SafeString:
    """`names` are the shops' by public id; the letters A, B, … beside the circles are those of the table.

    Colours come from classes in a style sheet, because the page's policy takes no style from elsewhere.
    """
    import networkx

    known = letters(names)
    names = {one: names[one] for one in strongest(lead, names)}
    edges = [e for e in lead.edges if e["a"] in names and e["b"] in names]
    graph = networkx.Graph()
    graph.add_nodes_from(sorted(names))
    graph.add_weighted_edges_from((e["a"], e["b"], e["weight"]) for e in edges)
    places = (
        networkx.spring_layout(graph, seed=SEED, weight="weight") if len(graph) > 1 else dict.fromkeys(graph, (0, 0))
    )
    at = {one: (_across(x, WIDTH), _across(y, HEIGHT)) for one, (x, y) in places.items()}
    lines = format_html_join(
        "", '<line class="graph__link" x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}"/>',
        ((*at[e["a"]], *at[e["b"]], round(1 + min(e["weight"], 3), 1)) for e in edges),
    )  # fmt: skip
    circles = format_html_join(
        "",
        '<g><circle class="graph__shop{}" cx="{}" cy="{}" r="16"/><text class="graph__letter" x="{}" y="{}" '
        'text-anchor="middle">{}</text><title>{}</title></g>',
        (
            (
                " graph__shop--upheld" if _is_marked(lead, one) else "",
                *at[one],
                at[one][0],
                at[one][1] + 5,
                known[one],
                names[one],
            )
            for one in sorted(names)
        ),
    )
    return format_html(
        '<svg class="graph" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        WIDTH, HEIGHT, _("Picture of the links between these shops; the tables say the same"), lines, circles,
    )  # fmt: skip


def strongest(lead: Lead, names: Iterable[str]) -> list[str]:
    """The shops of a picture: all, or those with the strongest links."""
    wanted = set(names)
    linked = dict.fromkeys(one for edge in lead.edges for one in (edge["a"], edge["b"]) if one in wanted)
    return [*linked, *sorted(wanted - linked.keys())][:MOST]


def _across(share: Any, length: int) -> int:
    """From -1..1 to pixels inside the margin."""
    return round(EDGE + (float(share) + 1) / 2 * (length - 2 * EDGE))


def _is_marked(lead: Lead, shop: str) -> bool:
    said = lead.figures.get(shop, {})
    return bool(said.get("upheld") or said.get("held"))


def letters(shops: Any) -> dict[str, str]:
    """A, B, … Z, A2, …: by which a shop is found in picture and tables."""
    return {
        shop: chr(ord("A") + n % 26) + (str(n // 26 + 1) if n >= 26 else "") for n, shop in enumerate(sorted(shops))
    }
