"""Letters about complaints: to the complainant, to the shops, to senior staff when something is late."""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import translation

from accounts.roles import StaffRole
from complaints.models import Complaint, ComplaintTarget, StatementOfReasons
from core import ledger, mail


def submitted(subject: str) -> None:
    """Acknowledge receipt. Source: DSA art. 16(4)."""
    _to_complainant(subject, "complaint_submitted")


def accepted(subject: str) -> None:
    _to_complainant(subject, "complaint_accepted")


def returned(subject: str) -> None:
    _to_complainant(subject, "complaint_returned")


def rejected(subject: str) -> None:
    _to_complainant(subject, "complaint_rejected")


def withdrawn(subject: str) -> None:
    """Tell the complainant, and the shops that had been told of a takedown."""
    complaint = _complaint(subject)
    if complaint.state == Complaint.State.WITHDRAWN:
        _to_complainant(subject, "complaint_withdrawn")
    withdrawn_shops = {
        ct.target.seller.pk
        for ct in complaint.targets.filter(outcome=ComplaintTarget.Outcome.WITHDRAWN).select_related("target__shop")
    }
    for statement in _statements(complaint):
        if statement.shop_id in withdrawn_shops:
            _to_shop(statement, "notice_withdrawn")


def tell_outcome(complaint: Complaint) -> None:
    """The decision, to the complainant and to each shop. Source: E-Commerce Law art. 42; DSA arts. 16(5), 17."""
    _write(complaint, "complaint_decided", {"targets": complaint.targets.select_related("target")})
    for statement in _statements(complaint):
        _to_shop(statement, "notice_to_merchant")


def tell_overdue(complaint: Complaint) -> bool:
    """Tell senior reviewers, once per state, that a case waits longer than promised."""
    key = f"overdue:{complaint.public_id}:{complaint.state_since_at.timestamp():.0f}"
    from core.models import Letter

    if Letter.objects.filter(dedupe_key__startswith=key).exists():
        return False
    seniors = get_user_model().objects.filter(is_staff=True, is_active=True, groups__name=StaffRole.SENIOR_REVIEWER)
    for senior in seniors.distinct():
        mail.write_to(
            senior, template="complaint_overdue", dedupe_key=key, about=complaint.public_id, context={"complaint": complaint}
        )
    if seniors:
        ledger.record(kind="complaint.overdue", subject=complaint.public_id, payload={"state": complaint.state})
    return bool(seniors)


def _complaint(subject: str) -> Complaint:
    return Complaint.objects.select_related("filed_by", "filing", "organisation").get(public_id=subject)


def _statements(complaint: Complaint) -> Any:
    return StatementOfReasons.objects.filter(decision__complaint=complaint).select_related(
        "shop__operator", "decision__complaint__filing"
    )


def _to_complainant(subject: str, template: str) -> None:
    _write(_complaint(subject), template)


def _write(complaint: Complaint, template: str, context: dict[str, Any] | None = None) -> None:
    # The moment belongs to the key: a case may be returned twice, and each time is a letter of its own.
    mail.write_to(
        complaint.filed_by,
        template=template,
        dedupe_key=f"{template}:{complaint.public_id}:{complaint.state_since_at.timestamp():.6f}",
        about=complaint.public_id,
        context={"complaint": complaint, **(context or {})},
    )


def _to_shop(statement: StatementOfReasons, template: str) -> None:
    """To every person of the merchant with an account, else to the address the marketplace gave us."""
    findings = statement.decision.findings.filter(complaint_target__target__in=[statement.shop_id]) | (
        statement.decision.findings.filter(complaint_target__target__shop=statement.shop_id)
    )
    context = {
        "statement": statement,
        "complaint": statement.decision.complaint,
        "findings": findings.filter(outcome=ComplaintTarget.Outcome.UPHELD).select_related("complaint_target__target"),
    }
    key = f"{template}:{statement.public_id}"
    operator = statement.shop.operator
    people = [m.user for m in operator.memberships.select_related("user")] if operator else []
    for person in people:
        mail.write_to(person, template=template, dedupe_key=key, about=statement.public_id, context=context)
    if not people and statement.shop.contact_email:
        mail.write(
            template=template, dedupe_key=key, to=statement.shop.contact_email, about=statement.public_id,
            language=statement.shop.contact_language or translation.get_language() or "zh-hans", context=context,
        )  # fmt: skip
