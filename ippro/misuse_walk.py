"""The part of the walk in which somebody complains to threaten sellers: found, warned, found again, suspended, let go."""

import re

from ippro.visitor import Page, Unexpected, Visitor

#: what staff find the complainant by
COMPLAINANT = "Harrow"
THREAT = "Your listing copies our product in every seam. Pay us or we close your shop before the festival."
CONFIRMED = "It asks the seller for money in so many words."
WARNED = "Two complaints threatened sellers and asked for money; none of them shows what infringes."
SUSPENDED = "It was warned, and threatened the next seller at once."
LIFTED = "It has a new representative, who answers for what is sent."
_FINDINGS, _SUSPENSIONS = "/admin/complaints/abusefinding/", "/admin/complaints/suspension/"


def confirmed_finding(staff: Visitor) -> str:
    """The address of a confirmed finding against the complainant; one that nobody has decided on is confirmed."""
    found = _rows(staff, f"{_FINDINGS}?q={COMPLAINANT}&state__exact=confirmed")
    if not found:
        found = _rows(staff, f"{_FINDINGS}?q={COMPLAINANT}&state__exact=open")
        if not found:
            raise Unexpected(f"nothing was found against {COMPLAINANT}")
        _step(staff, found[0], "confirm", CONFIRMED)
    return found[0]


def warn(senior: Visitor, finding: str) -> None:
    _step(senior, finding, "warn", WARNED)
    if not _rows(senior, f"{_SUSPENSIONS}?q={COMPLAINANT}&state__exact=warned"):
        raise Unexpected(f"{COMPLAINANT} was not warned")


def confirm_further(staff: Visitor, complaint: str) -> None:
    """Have the complainant looked at without waiting for its turn, and confirm what is found of this complaint."""
    any_finding = _rows(staff, f"{_FINDINGS}?q={COMPLAINANT}")[0]
    _step(staff, any_finding, "look-again")
    found = _rows(staff, f"{_FINDINGS}?q={complaint}&pattern=threats&state__exact=open")
    if not found:
        raise Unexpected(f"the threat in {complaint} was not found")
    _step(staff, found[0], "confirm", CONFIRMED)


def suspend(senior: Visitor) -> None:
    row = _rows(senior, f"{_SUSPENSIONS}?q={COMPLAINANT}&state__exact=warned")[0]
    _step(senior, row, "suspend", SUSPENDED)
    if row not in _rows(senior, f"{_SUSPENSIONS}?q={COMPLAINANT}&state__exact=suspended"):
        raise Unexpected(f"{COMPLAINANT} was not suspended")


def let_go(senior: Visitor) -> None:
    """Lift what stands against the complainant, as after a walk that was cut short."""
    for state in ("warned", "suspended"):
        for row in _rows(senior, f"{_SUSPENSIONS}?q={COMPLAINANT}&state__exact={state}"):
            _step(senior, row, "lift", LIFTED)


def refused_until(page: Page) -> str:
    """The day that the refusal of a complaint names."""
    found = re.search(r"can send no complaints until (\d{4}-\d\d-\d\d)", page.text)
    if not found:
        raise Unexpected(f"{page.url} does not say until when: {page.text[:400]}")
    return found[1]


def stands_suspended(complainant: Visitor, until: str) -> None:
    """The page of the standing gives the reasons, and the same day."""
    page = complainant.get("/standing/")
    for words in ("Your organisation is suspended", SUSPENDED, until):
        if words not in page.text and words not in page.html:
            raise Unexpected(f"{page.url} does not say {words!r}")


def stands_free(complainant: Visitor) -> None:
    page = complainant.get("/standing/")
    if "Your organisation is suspended" in page.text or LIFTED not in page.text:
        raise Unexpected(f"{page.url} does not say that the suspension was lifted")


def _rows(staff: Visitor, address: str) -> list[str]:
    """The pages of the rows that a list shows, each once."""
    found = (re.match(r".*/complaints/(abusefinding|suspension)/\d+/change/", at) for at in staff.get(address).links)
    return list(dict.fromkeys(at[0] for at in found if at))


def _step(staff: Visitor, row: str, step: str, words: str = "") -> None:
    """One step of a row in its dialog, with the words that the complainant reads."""
    form = staff.get(f"{row.partition('/change/')[0]}/{step}/").form(has="_form_submitted")
    if words:
        form.fields["words"] = [words]
    staff.send(form)
