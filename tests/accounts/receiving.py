"""A system of an organisation that takes webhooks in: what it was sent, and what it answers."""

from dataclasses import dataclass, field
from typing import Any

from accounts.webhooks import services
from accounts.webhooks.addresses import check_address
from core import fetch

ADDRESS = "https://erp.example.com/ippro"


@dataclass
class Receiver:
    """Stands for the internet: `core.fetch.post` and `check` end here."""

    answers: list[Any] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def post(self, url, *, content, headers, **rest):
        self.sent.append({"url": url, "body": content.decode(), "headers": headers})
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, fetch.Answered) else fetch.Answered(answer, b"thanks")


def an_endpoint(by, events=("complaint.accepted",), url=ADDRESS):
    return services.make_endpoint(
        organisation=by.organisation, by=by, url=check_address(url, by.organisation), events=events
    )
