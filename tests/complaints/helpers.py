"""What tests of complaints do again and again."""

from collections.abc import Container

from complaints.models import AbuseCase, AbuseFinding, Complaint
from complaints.services import Found
from core import clock
from tests.factories import FilingFactory


def found(complaint: Complaint, *, dismissed: Container = ()) -> list[Found]:
    """A finding for each pending link: upheld, or dismissed where its target is among `dismissed`."""
    return [
        Found(row, False, "D1", "The label is genuine.") if row.target in dismissed
        else Found(row, True, "U1", "The seams differ from the certificate.")
        for row in complaint.targets.filter(outcome="pending").select_related("target").order_by("pk")
    ]  # fmt: skip


def shown_by_a_new_case(finding: AbuseFinding) -> AbuseFinding:
    """The same finding, with a case that its complainant began just now: a right that it put on file."""
    by = finding.organisation.memberships.order_by("pk").first().user
    right = FilingFactory(organisation=finding.organisation, created_by=by, created_at=clock.now())
    AbuseCase.objects.create(finding=finding, case=right.public_id, found_at=clock.now())
    return finding
