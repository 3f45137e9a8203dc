"""Ways into the house that several journeys take: a typed sign-in, links of letters, files."""

import re
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page

from accounts.models import User
from tests.accounts.build import letters, scan
from tests.browser import soundness
from tests.factories import PASSWORD, second_factor


def send(page: Page, form: str = "main form", button: str = "button:not([name], [type=button])") -> None:
    """Press the button of a form and wait for the page that comes of it."""
    with page.expect_navigation():
        page.locator(f"{form} >> css={button}").first.click()


def type_sign_in(page: Page, user: User) -> None:
    """Sign in as people do: by address and password, staff with the code of this half minute."""
    user.set_password(PASSWORD)
    user.save()
    secret = second_factor(user) if user.is_staff else ""
    page.goto("/account/login/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if secret:
        counters = list(yield_hotp_counters_from_time())
        page.fill("[name=code]", format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))
        with page.expect_navigation():
            page.keyboard.press("Enter")


def follow(page: Page, template: str) -> None:
    """Open the link of the last letter of this kind."""
    addresses = re.findall(r"https?://\S+", letters(template)[-1].body)
    page.goto(next(path for path in (urlsplit(address).path for address in addresses) if len(path) > 1))


def a_file(name: str = "licence.png", colour: tuple[int, int, int] = (200, 30, 30)) -> Any:
    """A picture as a person would choose it from a folder."""
    upload = scan(colour, name)
    return {"name": name, "mimeType": "image/png", "buffer": upload.read()}


def looks_sound(page: Page) -> None:
    """The page that stands there can be read by everybody."""
    page.wait_for_load_state()
    faults = soundness.structure(page, strict="/admin/" not in page.url) + soundness.overflow(page, 390)
    assert faults == [], f"{page.url}: {faults}"
