"""The part of the walk of somebody without an account: the form, the letter, the private link, and the account in the end."""

import re
import time
from collections.abc import Sequence

from ippro.visitor import Unexpected, Upload, Visitor
from seeds.world import DOMAIN

PASSWORD = "studios-draw-by-daylight-41"  # noqa: S105 of a person of the demo
DESCRIPTION = "Goods under our mark that we never made: the label lacks our seal and the seams differ."


def mailbox() -> str:
    """One that no other walk has used."""
    return f"studio-{time.time_ns() // 10**6}@{DOMAIN}"


def report(visitor: Visitor, email: str, links: Sequence[str], certificate: Upload, picture: Upload) -> None:
    """Look the links up, then send the notice of a small studio."""
    number = str(10_000_000 + time.time_ns() // 10**7 % 89_999_999)
    page = visitor.send(visitor.get("/report/").form(has="links"), press="check", links="\n".join(links))
    page = visitor.send(
        page.form(has="links"), press="send", name="Harbour Studio", email=email, phone="+86 592 5550 188",
        kind="trademark", title=f"HARBOUR {number[-4:]}", registration_number=number, mark_type="word", nice_classes="25",
        valid_from_on="2024-03-01", valid_until_on="2034-02-28", infringement="counterfeit", description=DESCRIPTION,
        signature="Ines Harbour", good_faith="on",
        files={"certificate": [certificate], "evidence": [picture]},
    )  # fmt: skip
    if not page.url.endswith("/report/sent/"):
        raise Unexpected(f"{page.url} does not say that a letter is on its way: {page.errors}")


def link_in_letter(visitor: Visitor, email: str, begin: str) -> str:
    """The address with this beginning in the newest letter to a mailbox that has one, as the demo shows them; or nothing."""
    for letter in visitor.get("/demo/mail/").html.split('<details class="fold">')[1:]:
        found = re.search(rf'href="https?://[^/"]+({begin}[^"]*)"', letter)
        if email in letter and found:
            return found[1]
    return ""


def confirm(visitor: Visitor, address: str) -> tuple[str, str]:
    """Press the button of the letter's page; the private link, and the public id of the case."""
    page = visitor.send(visitor.get(address).form(action="/report/confirm/"))
    found = re.search(r"(/case/[\w-]+/)complaints/(cmp_[0-9a-z]+)/", page.url)
    if not found:
        raise Unexpected(f"{page.url} is not the page of a case behind a private link")
    return found[1], found[2]


def says_down(visitor: Visitor, link: str, links: int) -> bool:
    """Whether the page behind the private link gives the reason for every link that it is down."""
    return visitor.get(link).text.count("Held down because this complaint was upheld.") == links


def ask_for_account(visitor: Visitor, link: str) -> None:
    """Follow the invitation: a letter with which a password is chosen."""
    visitor.send(visitor.get(f"{link}account/").form(action="/account/"))


def choose_password(visitor: Visitor, address: str) -> None:
    """Choose a password by the letter's link."""
    visitor.send(visitor.get(address).form(has="password1"), password1=PASSWORD, password2=PASSWORD)


def sign_in(visitor: Visitor, email: str, complaint: str) -> None:
    """Sign in as an account like any other, and find the case there. Raises Unexpected."""
    visitor.send(visitor.get("/account/login/").form(has="login"), login=email, password=PASSWORD)
    if complaint not in visitor.get("/complaints/").html:
        raise Unexpected(f"the account of {email} does not have {complaint}")
