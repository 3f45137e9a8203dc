"""Walks through the house as one person: from the pages where work begins, along every link, to every kind of page."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

#: pages of files, which are no pages to look at
NO_PAGES = (
    "private-file",
    "thumbnail",
    "match-picture",
    "certificate-pdf",
    "verify-pdf",
    "verify-bundle",
    "ledger-verifier",
    "decision-pdf",
    "statement-pdf",
    "csv",
    "findings-csv",
    "findings-feed",
    "patrol_watchprofile_suggest",
    "frame",
    "draw",
    "patrol-figures",
    "quality-csv",
    "day-csv",
    "patrol_sample_download",
    "patrol_lead_download",
    "feed",
    "rules-feed",
    "jsi18n",
    "javascript-catalog",
    "schema",
    "api-console",
    "api-reference",
)


def route_of(path: str) -> str | None:
    """The kind of page at this path: its route, equal for all cases; None for what is no page."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    # Every list of the staff is a sheet too.
    is_sheet = bool(match.url_name and match.url_name.endswith("_sheet") and "kind" in match.kwargs)
    return None if match.url_name in NO_PAGES or is_sheet else match.route


def walk(
    page: Page, *, start: tuple[str, ...], most: int, skip: Callable[[str], bool] = lambda _: False
) -> Iterator[str]:
    """Go to every kind of page that can be reached; yields the route each time, with the page standing there.

    Of one kind, such as the page of a case, at most `most` are visited. Where an address leads on to another one,
    that one is what was visited.
    """
    here = ""
    waiting, found, visits = deque(start), set(start), Counter[str]()
    while waiting:
        address = waiting.popleft()
        route = route_of(urlsplit(address).path)
        if route is None or visits[route] >= most or skip(route):
            continue
        answer = page.goto(address)
        here = here or "{0.scheme}://{0.netloc}/".format(urlsplit(page.url))
        if answer is None or answer.status != 200:
            raise AssertionError(f"{address} answered {answer.status if answer else 'nothing'}")
        visits[route] += 1
        arrived = route_of(urlsplit(page.url).path)
        if arrived is None or skip(arrived) or (arrived != route and visits[arrived] >= most):
            continue
        visits[arrived] += arrived != route
        yield arrived
        for link in page.eval_on_selector_all(
            "a[href]:not([download], [hx-get])", "links => links.map(link => link.href)"
        ):
            path = "/" + link.partition("#")[0].removeprefix(here)
            if link.startswith(here) and path not in found:
                found.add(path)
                waiting.append(path)
