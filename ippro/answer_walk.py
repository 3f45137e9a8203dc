"""The part of the walk in which a merchant answers for two links: time brings one back, a lawsuit keeps the other down."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from core import clock
from ippro.visitor import Unexpected, Upload, Visitor
from seeds.world import Item

STATEMENT = "We bought these goods from the holder's own distributor; the invoice names the batch and the day."
COURT, CASE_NUMBER = "Luting Intermediate People's Court", "(2026) L 02 IP 117"


def page_to_answer(merchant: Visitor, items: Sequence[Item]) -> str:
    """The address at which the newest notice about these things is answered; empty while it is on its way."""
    listed = merchant.get("/notices/")
    newest = next((link for link in listed.links if "/notices/sor_" in link), "")
    if not newest:
        return ""
    notice = merchant.get(newest)
    if not all(item.external_id in notice.text for item in items):
        return ""
    return next((link for link in notice.links if link.endswith("/answer/")), "")


def answer(merchant: Visitor, address: str, invoice: Upload) -> str:
    """Look at what the complainant will see, then answer for every link; the counter-notice's public id."""
    form = merchant.get(address).form(has="statement")
    seen = merchant.send(
        form, press="preview", statement=STATEMENT, signature="牛大福", good_faith="on", files={"evidence": [invoice]}
    )
    page = merchant.send(seen.form(has="statement"), press="send")
    found = re.search(r"/counter-notices/(ctn_[0-9a-z]+)/", page.url)
    if not found:
        raise Unexpected(f"{page.url} is not the address of a counter-notice: {'; '.join(page.errors)}")
    return found[1]


def forward(reviewer: Visitor, case: str) -> None:
    """The staff find the answer complete and pass it on."""
    page = reviewer.get(f"/admin/complaints/counternotice/{case}/review/")
    reviewer.send(page.form(action="review/forward"))


def read(complainant: Visitor, case: str) -> timedelta:
    """The complainant opens it: that delivers it, and the waiting period runs; how long, for its end keeps off holidays."""
    page = complainant.get(f"/counter-notices/{case}/")
    if STATEMENT not in page.text or "waiting period runs" not in page.text:
        raise Unexpected(f"{page.url} does not say what the merchant answered, and that the waiting period runs")
    moments = sorted({datetime.fromisoformat(at) for at in re.findall(r'<time datetime="([^"]+T[^"]+)"', page.html)})
    if len(moments) < 2:
        raise Unexpected(f"{page.url} does not say when it was delivered, and until when the waiting period runs")
    # The last is the end of the period; the one before it is the delivery just now.
    return moments[-1] - moments[-2]


def prove(complainant: Visitor, case: str, item: Item, receipt: Upload) -> None:
    """Prove a lawsuit about one of the links."""
    page = complainant.get(f"/counter-notices/{case}/")
    form = complainant.get(page.link(f"/counter-notices/{case}/proof")).form(has="case_number")
    complainant.send(
        form, links=[_box_of(page.html, item)], kind="lawsuit", forum=COURT, case_number=CASE_NUMBER,
        filed_on=(clock.today() - timedelta(days=1)).isoformat(), files={"file": [receipt]},
    )  # fmt: skip


def move_clock(staff: Visitor, by: timedelta) -> None:
    """Move the clock of the demo forwards, by whole minutes and one more."""
    minutes = int(by.total_seconds() // 60) + 1
    staff.send(staff.get("/demo/clock/").form(action="/demo/clock/", has="by"), by=f"{minutes}m")


def says(reader: Visitor, case: str, *words: str) -> bool:
    """Whether the page of the counter-notice says all of these words."""
    said = reader.get(f"/counter-notices/{case}/").text
    return all(one in said for one in words)


def _box_of(html: str, item: Item) -> str:
    """The id of the row in which this thing stands."""
    for row in re.findall(r'<tr id="([^"]+)"(.*?)</tr>', html, re.DOTALL):
        if item.external_id in row[1]:
            return str(row[0])
    raise Unexpected(f"The counter-notice has no row of {item.external_id}")
