"""The walkthrough's people of staff sign in though others took the codes of this half minute."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from ippro import walkthrough
from seeds.logins import TOTP_SECRET

MOMENT = 1_800_000_000


@dataclass
class Page:
    url: str = "/account/2fa/authenticate/"

    def form(self, **_which: str) -> None:
        return None


@dataclass
class Door:
    """Takes each code once, of this half minute and the ones beside it."""

    at: float = MOMENT
    used: set[str] = field(default_factory=set)

    def send(self, _form: Any, *, code: str) -> Page:
        now = int(self.at) // 30
        taken = {format_hotp_value(hotp_value(TOTP_SECRET, n)) for n in (now - 1, now, now + 1)} - self.used
        self.used.add(code)
        return Page("/desk/" if code in taken else Page.url)


@pytest.mark.parametrize("walks", [1, 2, 3, 4, 5, 8])
def test_so_many_walks_in_a_row_all_get_in(monkeypatch: pytest.MonkeyPatch, walks: int) -> None:
    door = Door()
    monkeypatch.setattr(walkthrough.time, "time", lambda: door.at)
    monkeypatch.setattr(walkthrough.time, "monotonic", lambda: door.at)
    monkeypatch.setattr(walkthrough.time, "sleep", lambda seconds: setattr(door, "at", door.at + seconds))
    for _walk in range(walks):
        assert walkthrough._give_code(door, Page()).url == "/desk/"  # type: ignore[arg-type]
