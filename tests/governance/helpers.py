"""What tests of appeals do again and again."""

from typing import Any

from core.models import Letter
from governance.appeals import services
from governance.models import Appeal
from marketplace.models import Hold
from marketplace.tasks import reconcile_due

GROUNDS = "We bought these goods from the holder's own distributor; the invoices are attached."
REASONS = "The invoices name the holder's distributor and fit the goods: they are genuine."


def carry_out(work_off: Any) -> None:
    """The marketplace does what it is told, and says so."""
    work_off()
    reconcile_due()
    work_off()


def appeal(subject: str, by: Any, **said: Any) -> Appeal:
    return services.submit_appeal(subject=subject, by=by, grounds=said.pop("grounds", GROUNDS), **said)


def taken(subject: str, by: Any, reviewer: Any, **said: Any) -> Appeal:
    """An appeal that a reviewer has taken up."""
    return services.take(appeal=appeal(subject, by, **said), by=reviewer)


def reverse(case: Appeal, by: Any, **said: Any) -> Any:
    """Reverse what is appealed against; links by the rule that fits the side that appeals."""
    rule = {"takedown": "D3", "dismissal": "U1"}.get(case.kind, "")
    return services.decide(appeal=case, by=by, is_reversed=True, reasons=REASONS, rule=rule, **said)


def stand(case: Appeal, by: Any) -> Any:
    return services.decide(appeal=case, by=by, is_reversed=False, reasons=REASONS)


def held(complaint: Any) -> set[int]:
    """What this complaint holds down, by target."""
    return set(Hold.objects.active().filter(cause=complaint.public_id).values_list("target_id", flat=True))


def upheld(complaint: Any) -> set[int]:
    return set(complaint.targets.filter(outcome="upheld").values_list("target_id", flat=True))


def letters(template: str) -> list[Letter]:
    return list(Letter.objects.filter(template=template).order_by("pk"))
