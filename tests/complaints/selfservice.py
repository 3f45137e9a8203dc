"""What tests of self-service takedown do again and again."""

from typing import Any

from accounts.models import Organisation
from complaints import selfservice
from complaints.models import Complaint, ConductMonth
from complaints.training import QUESTIONS
from core import clock
from marketplace.models import Target
from tests.factories import a_notice

#: answers to the test: all right, all wrong
RIGHT = {q.code: str(q.answer) for q in QUESTIONS}
WRONG = {q.code: str((q.answer + 1) % len(q.options)) for q in QUESTIONS}


def had(organisation: Organisation, **figures: int) -> None:
    """What became of a complainant's links this month."""
    ConductMonth.objects.create(organisation=organisation, month_on=clock.today().replace(day=1), **figures)


def privilege(by: Any) -> Any:
    """Give somebody's organisation a record that is good enough, and the privilege."""
    had(by.organisation, upheld=60, dismissed=2)
    selfservice.ask(by=by)
    selfservice.take_test(by=by, answers=RIGHT)
    return by


def take_down(by: Any, *targets: Target, **fields: Any) -> Complaint:
    return selfservice.remove(notice=a_notice(*targets, by=by, **fields), by=by)


def reverse(case: Complaint, by: Any, *wrong: Any) -> None:
    """Staff review a removal and find some of it wrong, or all."""
    links = wrong or tuple(case.targets.all())
    selfservice.review(removal=case.removal, by=by, wrong=links, reason="The label is genuine.")
