"""Letters about counter-notices: to the merchant that answered, and to the complainant it was passed on to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q

from accounts.models import User
from complaints.letters import readers, readers_of
from complaints.models import CounterNotice, CounterNoticeTarget
from core import mail
from marketplace.models import Hold


def submitted(subject: str) -> None:
    """Acknowledge receipt."""
    _to_merchant(_answer(subject), "counter_notice_submitted")


def returned(subject: str) -> None:
    _to_merchant(_answer(subject), "counter_notice_returned")


def lapsed(subject: str) -> None:
    _to_merchant(_answer(subject), "counter_notice_lapsed")


def forwarded(subject: str) -> None:
    """Tell the complainant, and that it may complain to the authority or sue. Source: E-Commerce Law art. 43(2)."""
    _to_complainant(_answer(subject), "counter_notice_forwarded")


def waiting(subject: str) -> None:
    """Tell both until when the complainant can prove a proceeding."""
    answer = _answer(subject)
    _to_merchant(answer, "counter_notice_waiting")
    _to_complainant(answer, "counter_notice_waiting")


def moved(subject: str) -> None:
    """The waiting period ends at another moment than was said."""
    answer = _answer(subject)
    key = f"{answer.deadline_at:%Y%m%d%H%M}"
    _to_merchant(answer, "counter_notice_moved", key)
    _to_complainant(answer, "counter_notice_moved", key)


def settled(subject: str) -> None:
    """Tell both what became of each link, why, and what else still holds it down."""
    answer = _answer(subject)
    last = answer.links.aggregate(at=Max("settled_at"))["at"]
    if last is None:
        return
    became = what_became_of(answer)
    is_reversed = any(one.link.ground == CounterNoticeTarget.Ground.REVERSED for one in became)
    context = {"links": became, "is_reversed": is_reversed}
    _to_merchant(answer, "counter_notice_settled", f"{last.timestamp():.6f}", context)
    _to_complainant(answer, "counter_notice_settled", f"{last.timestamp():.6f}", context)


def withdrawn(subject: str) -> None:
    """Tell the complainant, if it had been told of the counter-notice at all."""
    answer = _answer(subject)
    if answer.forwarded_at:
        n = answer.links.filter(outcome=CounterNoticeTarget.Outcome.WITHDRAWN).count()
        _to_complainant(answer, "counter_notice_withdrawn", str(n))


@dataclass(frozen=True)
class Became:
    """One link of a counter-notice, and whether something else holds it down whatever became of it here."""

    link: CounterNoticeTarget
    is_held_otherwise: bool

    @property
    def target(self) -> Any:
        return self.link.complaint_target.target


def what_became_of(answer: CounterNotice) -> list[Became]:
    """Every link of a counter-notice with its outcome; a constant number of queries."""
    links = list(answer.links.select_related("complaint_target__target").order_by("pk"))
    targets = {link.complaint_target.target for link in links}
    shops = {target.shop_id for target in targets if target.shop_id}
    others = Hold.objects.active().filter(Q(target__in=targets) | Q(target__in=shops))
    held = set(others.exclude(cause=answer.complaint.public_id).values_list("target_id", flat=True))
    return [Became(link, bool(held & {link.complaint_target.target_id, link.complaint_target.target.shop_id})) for link in links]  # fmt: skip


def _answer(subject: str) -> CounterNotice:
    return CounterNotice.objects.select_related("complaint__filing", "statement__shop", "filed_by", "organisation").get(
        public_id=subject
    )


def _to_merchant(answer: CounterNotice, template: str, key: str = "", context: dict[str, Any] | None = None) -> None:
    _write(answer, template, key, context, to=readers(answer.organisation_id, answer.filed_by_id), side="merchant")


def _to_complainant(answer: CounterNotice, template: str, key: str = "", context: dict[str, Any] | None = None) -> None:
    _write(answer, template, key, context, to=readers_of(answer.complaint), side="complainant")


def _write(
    answer: CounterNotice, template: str, key: str, context: dict[str, Any] | None, *, to: list[User], side: str
) -> None:
    # A case may come into a state twice, and each time is a letter of its own.
    moment = key or f"{answer.state_since_at.timestamp():.6f}"
    for reader in to:
        mail.write_to(
            reader,
            template=template,
            dedupe_key=f"{template}:{answer.public_id}:{moment}",
            about=answer.public_id,
            context={"answer": answer, "complaint": answer.complaint, "side": side, **(context or {})},
        )
