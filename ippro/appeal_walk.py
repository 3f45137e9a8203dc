"""The part of the walk in which a merchant appeals, somebody else looks again, and the public reads of it."""

import re

from ippro.visitor import Unexpected, Visitor

GROUNDS = "These goods come from the holder's own distributor; the invoices name the batch that is on sale here."
REASONS = "The invoices name the holder's distributor and fit the batch: the goods are genuine."


def appeal(merchant: Visitor) -> str:
    """Appeal against the newest statement of reasons, about its first link; the appeal's public id.

    Nothing while the merchant is still to be told of the decision: from then on it can appeal.
    """
    notice = merchant.get(merchant.get("/notices/").link("/notices/sor_"))
    offer = merchant.get(notice.link("/appeals/against/sor_"))
    if "You will be told of this decision within the hour" in offer.text:
        return ""
    form = offer.form(has="grounds")
    page = merchant.send(form, grounds=GROUNDS, links=form.fields["links"][:1])
    found = re.search(r"/appeals/(apl_[0-9a-z]+)/", page.url)
    if not found:
        raise Unexpected(f"{page.url} is not the address of an appeal")
    return found[1]


def may_not_take(reviewer: Visitor, case: str) -> None:
    """Who made the first decision is told that somebody else has to look at it."""
    page = reviewer.get(_address(case))
    if "Somebody else has to look at it." not in page.text:
        raise Unexpected(f"{page.url} does not say that somebody else has to look at it")


def reverse(reviewer: Visitor, case: str) -> None:
    """Take the appeal up and reverse the decision."""
    reviewer.send(reviewer.get(_address(case)).form(has="since"), press="take")
    form = reviewer.get(_address(case)).form(has="outcome")
    reviewer.send(form, outcome="reverse", rule=form.option("rule", "D3"), reasons=REASONS)


def says_reversed(merchant: Visitor, case: str) -> bool:
    return REASONS in merchant.get(f"/appeals/{case}/").text


def is_published(stranger: Visitor, complaint: str, case: str) -> bool:
    """Whether the register has the notice with its appeal, and nothing of what was written in either."""
    page = stranger.get(f"/register/{complaint}/", expect=None)
    if page.status != 200:
        return False
    if any(words in page.text for words in (GROUNDS, REASONS)):
        raise Unexpected(f"{page.url} shows what a party wrote")
    return f'id="{case}"' in page.html


def _address(case: str) -> str:
    return f"/admin/governance/appeal/{case}/review/"
