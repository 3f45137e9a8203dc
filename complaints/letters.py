"""Letters about complaints: to the complainant, to the shops, to senior staff when something is late."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.roles import OrgRole, StaffRole
from accounts.selectors import contact
from complaints.models import Complaint, ComplaintTarget, CounterNotice, Decision, Finding, Removal, StatementOfReasons
from core import ledger, mail
from core.models import LedgerEntry, Letter
from marketplace.models import Target

Outcome = ComplaintTarget.Outcome


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
    """Tell the complainant once all is withdrawn, and each time the shops that had been told of a takedown."""
    complaint = _complaint(subject)
    if complaint.state == Complaint.State.WITHDRAWN:
        _to_complainant(subject, "complaint_withdrawn")
    for statement in _statements(complaint):
        if Letter.objects.filter(about=statement.public_id, template="notice_to_merchant").exists():
            links = _links(statement, Outcome.WITHDRAWN)
            # More links of the same shop may be withdrawn later: that is a letter of its own.
            _to_shop(statement, "notice_withdrawn", links, f"notice_withdrawn:{statement.public_id}:{len(links)}")


def tell_outcome(complaint: Complaint) -> None:
    """The decision, to the complainant and to each shop. Source: E-Commerce Law art. 42; DSA arts. 16(5), 17."""
    by_holder = Removal.objects.filter(complaint=complaint).exists()
    _write(complaint, "complaint_decided", {"targets": complaint.targets.select_related("target")})
    for statement in _statements(complaint):
        links = _links(statement, Outcome.UPHELD)
        key = f"notice_to_merchant:{statement.public_id}"
        _to_shop(statement, "notice_to_merchant", links, key, by_holder=by_holder)


def tell_anew(decision: Decision) -> None:
    """What was turned round, on appeal or on review of a removal: to the complainant, and to each shop of whose links it is.

    At once, without waiting for the marketplace: it was told of the links once before.
    """
    complaint, is_on_appeal = decision.complaint, bool(decision.on_appeal)
    to_complainant, to_shop = (
        ("complaint_decided_anew", "notice_reversed") if is_on_appeal else ("removal_reversed", "removal_reversed_shop")
    )
    findings = list(decision.findings.select_related("complaint_target__target__shop").order_by("pk"))
    # The case stays in its state, so the decision belongs to the key: each is a letter of its own.
    _write(complaint, to_complainant, {"findings": findings}, key=f"{to_complainant}:{decision.public_id}")
    for statement in _statements(complaint):
        down = [f for f in findings if f.statement_id == statement.pk]
        _to_shop(statement, "notice_to_merchant", down, f"notice_to_merchant:{statement.public_id}")
        again_up = _links(statement, Outcome.DISMISSED)
        turned = [f for f in again_up if f.complaint_target_id in {g.complaint_target_id for g in findings}]
        _to_shop(statement, to_shop, turned, f"{to_shop}:{statement.public_id}:{decision.public_id}")


def ordered(subject: str) -> None:
    """What courts ordered about links that nobody answered for: to the complainant, and to each shop. Source: DSA art. 9(5).

    Of what was answered the letters about the counter-notice tell.
    """
    complaint = _complaint(subject)
    for order in complaint.orders.order_by("pk"):
        answered = order.links.values("complaint_target")
        rows = list(order.targets.exclude(pk__in=answered).select_related("target__shop__operator").order_by("pk"))
        if not rows:
            continue
        key = f"court_order:{order.public_id}"
        for reader in readers_of(complaint):
            said = {"complaint": complaint, "order": order, "rows": rows}
            mail.write_to(reader, template="court_order", dedupe_key=key, about=complaint.public_id, context=said)
        for shop in {row.target.seller.pk: row.target.seller for row in rows}.values():
            said = {"complaint": complaint, "order": order, "rows": [r for r in rows if r.target.seller == shop]}
            to_merchant(shop, "court_order_shop", key=f"{key}:{shop.public_id}", about=order.public_id, context=said)


def not_yet_said(cases: QuerySet, kind: str) -> QuerySet:
    """Those of some cases of which it was not said yet, in their present state, that they wait longer than promised."""
    said = LedgerEntry.objects.filter(kind=kind, subject=OuterRef("public_id"), at__gte=OuterRef("state_since_at"))
    return cases.filter(~Exists(said))


def tell_overdue(case: Complaint | CounterNotice, subject: str = "complaint", *, step: str = "overdue") -> bool:
    """Note, once per state, that a case waits longer than promised, and tell the senior reviewers if there are any.

    `step` is for a case that waits on, until the law itself is kept no more.
    """
    said = LedgerEntry.objects.filter(subject=case.public_id, kind=f"{subject}.{step}")
    if said.filter(at__gte=case.state_since_at).exists():
        return False
    seniors = list(User.objects.filter(is_staff=True, is_active=True, groups__name=StaffRole.SENIOR_REVIEWER))
    for senior in seniors:
        mail.write_to(
            senior,
            template=f"{subject}_overdue",
            dedupe_key=f"{step}:{case.public_id}:{case.state_since_at.timestamp():.6f}",
            about=case.public_id,
            context={subject: case},
        )
    ledger.record(
        kind=f"{subject}.{step}",
        subject=case.public_id,
        payload={"state": case.state, "told": len(seniors)},
    )
    return True


def _complaint(subject: str) -> Complaint:
    return Complaint.objects.select_related("filed_by", "filing", "organisation").get(public_id=subject)


def _statements(complaint: Complaint) -> Any:
    return StatementOfReasons.objects.filter(decision__complaint=complaint).select_related(
        "shop__operator", "decision__complaint__filing"
    )


def _to_complainant(subject: str, template: str) -> None:
    _write(_complaint(subject), template)


def _write(complaint: Complaint, template: str, context: dict[str, Any] | None = None, *, key: str = "") -> None:
    # The moment belongs to the key: a case may be returned twice, and each time is a letter of its own.
    key = key or f"{template}:{complaint.public_id}:{complaint.state_since_at.timestamp():.6f}"
    for reader in readers_of(complaint):
        mail.write_to(
            reader,
            template=template,
            dedupe_key=key,
            about=complaint.public_id,
            context={"complaint": complaint, **(context or {})},
        )


def readers_of(complaint: Complaint) -> list[User]:
    """Who is told on the complainant's side: who acted for it, and the administrators of whom an agency represents."""
    told = readers(complaint.organisation_id, complaint.filed_by_id)
    if complaint.holder_id is not None:
        told += [person for person in readers(complaint.holder_id, 0) if person not in told]
    return told


def readers(organisation_id: int, author_id: int) -> list[User]:
    """Who acted for an organisation in a case; once they have left, whoever took over, else its administrators."""
    if author := contact(organisation_id, author_id):
        return [author]
    people = User.objects.filter(is_active=True)
    return list(people.filter(memberships__organisation=organisation_id, memberships__role=OrgRole.ADMIN))


def _links(statement: StatementOfReasons, outcome: str) -> list[Finding]:
    """What a statement tells its shop of, and is now upheld or withdrawn."""
    return list(
        statement.findings.filter(complaint_target__outcome=outcome)
        .select_related("complaint_target__target")
        .order_by("pk")
    )


def _to_shop(
    statement: StatementOfReasons, template: str, links: list[Finding], key: str, *, by_holder: bool = False
) -> None:
    """What a statement says of some of its links, to its shop; nothing where there are none."""
    if not links:
        return
    context = {"statement": statement, "complaint": statement.decision.complaint, "findings": links}
    context["by_holder"] = by_holder
    to_merchant(statement.shop, template, key=key, about=statement.public_id, context=context)


def to_merchant(shop: Target, template: str, *, key: str, about: str, context: dict[str, Any]) -> None:
    """To every person of a shop's merchant with an account, else to the address the marketplace gave us."""
    people = User.objects.filter(is_active=True, memberships__organisation=shop.operator) if shop.operator else []
    for person in people:
        mail.write_to(person, template=template, dedupe_key=key, about=about, context=context)
    if not people and shop.contact_email:
        mail.write(
            template=template, dedupe_key=key, to=shop.contact_email, about=about, context=context,
            language=shop.contact_language or settings.LANGUAGE_CODE,
        )  # fmt: skip
