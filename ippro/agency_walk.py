"""The walk of an agency: a thousand links, half by sheet and half by a program, what became of each, and all withdrawn.

What it complains of is on no storefront: an administrator takes a thousand listings into the mirror by a sheet, the same
ones on each walk, so that nothing of the demo's own market is touched and a second walk finds them as they are.
"""

import csv
import io
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from ippro.visitor import Form, Page, Unexpected, Visitor
from seeds.marketplace import link

LISTINGS = 1_000
SHOP = "ag-shop"
BY_SHEET = LISTINGS // 2
#: links in one complaint of the program
TOGETHER = 100
#: rows with the same words become one complaint
WORDS = (
    "The seams differ from ours and the label has no number.",
    "The logo is mirrored and the box bears no address.",
)
HOLDERS_MARK = r'value="(flg_[0-9a-z]+)"[^>]*>[^<]*trademark[^<]*奇沃锐'
SIGNED = "Jing Fang"
REASON = "The seller has shown us where the goods come from."
DONE = "Everything is done"


def external_ids() -> list[str]:
    return [f"ag{n:04d}" for n in range(LISTINGS)]


def links(storefront_url: str) -> list[str]:
    return [link(storefront_url, "product_page", i) for i in external_ids()]


# --- what it finds ---------------------------------------------------------------------------------------------


def bring_in(admin: Visitor, storefront_url: str) -> str:
    """Hand in the sheet of listings and confirm it; the address of its page."""
    rows = [["id", "kind", "shop id", "title", "url", "price", "currency", "state"]]
    rows.append([SHOP, "shop", "", "Agency sample shop", link(storefront_url, "shop", SHOP), "", "", ""])
    rows += [
        [i, "listing", SHOP, f"Sports bag, sample {i}", at, "39.00", "CNY", "up"]
        for i, at in zip(external_ids(), links(storefront_url), strict=True)
    ]
    form = admin.get("/market-sheets/").form(has="file")
    form.fields["marketplace"] = [form.option("marketplace")]
    page = admin.send(form, files={"file": [("market.csv", _csv(rows), "text/csv")]})
    return _confirm(admin, admin.send(page.form(has="external_id")), LISTINGS + 1)


def is_done(visitor: Visitor, sheet: str) -> bool:
    return DONE in visitor.get(sheet).text


# --- by sheet --------------------------------------------------------------------------------------------------


def complain_by_sheet(agency: Visitor, storefront_url: str) -> str:
    """Hand in half of the links, in the words of two complaints; look, sign, and send. The address of the sheet's page."""
    rows = [["link", "description"], *([at, WORDS[n % 2]] for n, at in enumerate(links(storefront_url)[:BY_SHEET]))]
    page = agency.send(
        agency.get("/complaints/import/").form(has="file"), files={"file": [("links.csv", _csv(rows), "text/csv")]}
    )
    right = re.search(HOLDERS_MARK, page.html)
    if right is None:
        raise Unexpected(f"{page.url}: the agency acts for no mark of its principal")
    page = agency.send(page.form(has="link"), filing_for_all=right[1], infringement_for_all="counterfeit")
    return _confirm(agency, page, BY_SHEET, signature=SIGNED, good_faith="on")


def fates(agency: Visitor, sheet: str) -> list[dict[str, str]]:
    """The lines of the result sheet."""
    return _read(agency, f"{sheet}result.csv")


def cases_of(lines: list[dict[str, str]]) -> set[str]:
    """The complaints that the rows of a result sheet became. Raises Unexpected for a row without one."""
    became = Counter((line["What became of it"], line["The link now"]) for line in lines)
    if became != {("complained of", "up"): BY_SHEET}:
        raise Unexpected(f"of {BY_SHEET} links became: {dict(became)}")
    return {line["Complaint"] for line in lines}


# --- by a program ----------------------------------------------------------------------------------------------


@dataclass
class Program:
    """A program of the agency, with a key of its own."""

    visitor: Visitor
    key: str
    #: of the key, to revoke it by
    name: str

    def call(self, method: str, path: str, **said: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid.uuid4())}
        answer = self.visitor.request(method, f"{self.visitor.base_url}/api/v1/{path}", headers=headers, **said)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Unexpected(f"{method} {path} answered {answer.status_code}: {answer.text[:600]}")
        return answer.json()


def make_program(agency: Visitor) -> Program:
    """Make a key that complains, on the page for it."""
    name = f"walk {uuid.uuid4().hex[:8]}"
    page = agency.send(agency.get("/organisation/keys/new/").form(has="name"), name=name, complaints="write")
    shown = re.search(r"ippro_[A-Za-z0-9_-]{20,}", page.html)
    if shown is None:
        raise Unexpected(f"{page.url} shows no key")
    return Program(Visitor(agency.base_url), shown[0], name)


def revoke(agency: Visitor, program: Program) -> None:
    page = agency.get("/organisation/keys/")
    row = next(row for row in page.html.split("<tr>") if program.name in row)
    found = re.search(r"/organisation/keys/(key_[0-9a-z]+)/revoke/", row)
    assert found is not None
    agency.send(page.form(action=found[0]))
    program.visitor.close()


def complain_by_program(program: Program, storefront_url: str) -> set[str]:
    """Send the other half of the links, so many in one complaint; their numbers."""
    right = next(
        case["right"]["id"] for case in program.call("GET", "complaints?state=submitted")["results"]
        if case["right"]["kind"] == "trademark"
    )  # fmt: skip
    left, numbers = links(storefront_url)[BY_SHEET:], set()
    for start in range(0, len(left), TOGETHER):
        said = {
            "right": right, "infringement": "counterfeit", "links": left[start : start + TOGETHER],
            "description": WORDS[0], "signature": SIGNED, "good_faith": True,
        }  # fmt: skip
        numbers.add(program.call("POST", "complaints", json=said)["number"])
    return numbers


def sees_each(program: Program, numbers: set[str], sheet: str, storefront_url: str) -> None:
    """The API says of every link where it stands: of the rows of the sheet, and in the cases of the program. Raises Unexpected."""
    rows, path = [], f"complaints/sheets/{sheet.rstrip('/').rpartition('/')[2]}/rows?page_size=1000"
    while path:
        page = program.call("GET", path)
        rows += page["results"]
        path = (page["next"] or "").partition("/api/v1/")[2]
    seen = Counter((row["name"], row["standing"]["label"]) for row in rows)
    cases = program.call("GET", "complaints?state=submitted&page_size=100")["results"]
    for case in (case for case in cases if case["number"] in numbers):
        found = program.call("GET", f"complaints/{case['id']}/links")
        seen.update((one["link"], one["standing"]["label"]) for one in found)
    if seen != Counter((at, "up") for at in links(storefront_url)):
        raise Unexpected(f"the API says of {len(seen)} links where they stand, of {LISTINGS} that are wanted")


# --- all of it withdrawn -----------------------------------------------------------------------------------------


def open_cases(agency: Visitor, storefront_url: str) -> list[str]:
    """The agency's complaints about these listings that nobody has decided on, by its own export."""
    ours = set(links(storefront_url))
    lines = _read(agency, "/complaints/export.csv?state=submitted")
    return sorted({line["Case"] for line in lines if line["Link"] in ours})


def withdraw_ticked(agency: Visitor, numbers: set[str]) -> str:
    """Tick complaints on the list, see what withdrawing them does, and do it; the address of the page that follows it."""
    page = agency.get("/complaints/?state=submitted")
    form = page.form(action="/complaints/answers/tick/", has="complaint")
    missing = numbers - set(form.choices["complaint"])
    if missing:
        raise Unexpected(f"{page.url} does not offer {sorted(missing)} to be ticked")
    page = agency.send(form, press="withdraw", complaint=sorted(numbers))
    return _confirm(agency, page, len(numbers), text=REASON)


def withdraw_by_sheet(agency: Visitor, numbers: list[str]) -> str:
    """The same by a sheet of their numbers."""
    form: Form = agency.get("/complaints/answers/").form(has="file")
    content = _csv([["number"], *([number] for number in numbers)])
    page = agency.send(form, files={"file": [("numbers.csv", content, "text/csv")]})
    page = agency.send(page.form(has="number"), action_for_all="withdraw")
    return _confirm(agency, page, len(numbers), text=REASON)


def all_withdrawn(agency: Visitor, sheet: str, wanted: int) -> None:
    became = Counter((line["What became of it"], line["State of the complaint"]) for line in fates(agency, sheet))
    if became != {("done", "withdrawn"): wanted}:
        raise Unexpected(f"of {wanted} complaints to be withdrawn became: {dict(became)}")


# --- sheets ------------------------------------------------------------------------------------------------------


def _confirm(visitor: Visitor, preview: Page, rows: int, **signed: Any) -> str:
    """Confirm a preview in which every row is good; the address of the page that follows it."""
    faults = re.search(r"(\d+) rows? would be left out", preview.text)
    if faults:
        raise Unexpected(f"{preview.url}: {faults[0]}, of {rows}. It says: {preview.text[:600]}")
    page = visitor.send(preview.form(has="seen"), **signed)
    if "/preview/" in page.url:
        raise Unexpected(f"{page.url} was not confirmed: {'; '.join(e for e in page.errors if e)}")
    return page.url


def _csv(rows: list[list[str]]) -> bytes:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue().encode()


def _read(visitor: Visitor, address: str) -> list[dict[str, str]]:
    url = address if "://" in address else visitor.base_url + address
    text = visitor.request("GET", url).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
