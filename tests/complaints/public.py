"""What tests of people without an account do again and again: fill in the form, read their letters, follow a link."""

import re
from typing import Any

from complaints.models import PublicNotice
from core.ids import new_id
from core.models import Letter
from tests.complaints.test_wizard import png

REPORT = "/report/"
EMAIL = "zoe@small.example"
NUMBER = "31415926"


def filled(*targets: Any, **changes: Any) -> dict[str, Any]:
    """The form as somebody fills it in, about these targets."""
    said = {
        "notice": new_id("ntc"), "action": "send", "name": "Small Studio", "country": "CN", "email": EMAIL,
        "phone": "+86 10 5555 0199", "address": "", "kind": "trademark", "title": "SMALLSTUDIO",
        "registration_number": NUMBER, "owner_name": "", "territory": "CN", "mark_type": "word", "nice_classes": "25",
        "valid_from_on": "2020-01-01", "valid_until_on": "2035-01-01", "certificate": png("certificate.png"),
        "links": "\n".join(t.url for t in targets), "infringement": "counterfeit",
        "description": "The seams differ from ours and the label has no number.", "signature": "Zoe Small",
        "good_faith": "on", "law": "cn",
    }  # fmt: skip
    return {name: value for name, value in (said | changes).items() if value is not None}


def send(client: Any, *targets: Any, **changes: Any) -> Any:
    return client.post(REPORT, filled(*targets, **changes))


def letters(template: str) -> list[Letter]:
    return list(Letter.objects.filter(template=template).order_by("pk"))


def path_in(letter: Letter, begin: str) -> str:
    """The first address in a letter whose path begins like this, from the root of the site."""
    found = re.search(rf"https?://[^/\s]+({begin}\S*)", letter.body)
    assert found, f"no {begin} in:\n{letter.body}"
    return found[1]


def confirmation(n: int = -1) -> str:
    """The address in the newest letter that asks for a confirmation."""
    return path_in(letters("public_confirm")[n], "/report/confirm/")


def confirmed(client: Any, *targets: Any, **changes: Any) -> tuple[Any, str]:
    """A complaint that somebody without an account sent and confirmed, and their private link."""
    assert send(client, *targets, **changes).url == "/report/sent/"
    answer = client.post(confirmation())
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    complaint: Any = PublicNotice.objects.order_by("pk").last()
    return complaint.complaint, answer.url
