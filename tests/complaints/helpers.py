"""What tests of complaints do again and again."""

from collections.abc import Container

from complaints.models import Complaint
from complaints.services import Found


def found(complaint: Complaint, *, dismissed: Container = ()) -> list[Found]:
    """A finding for each pending link: upheld, or dismissed where its target is among `dismissed`."""
    return [
        Found(row, False, "D1", "The label is genuine.") if row.target in dismissed
        else Found(row, True, "U1", "The seams differ from the certificate.")
        for row in complaint.targets.filter(outcome="pending").select_related("target").order_by("pk")
    ]  # fmt: skip
