"""From a form about a test buy to the service behind it: papers are kept first, outside the transaction."""

from collections.abc import Callable
from typing import Any

from core import files
from core.errors import DomainError
from core.models import FilePurpose, PrivateFile
from patrol import test_buys
from patrol.models import TestBuy
from patrol.sampling_forms import FORMS
from patrol.sampling_lifecycle import TEST_BUYS

Said = dict[str, Any]
STEPS: dict[str, Callable[[TestBuy, Any, Said, list[PrivateFile]], Any]] = {
    "order": lambda row, by, said, papers: test_buys.order(
        test_buy=row, by=by, order_number=said["order_number"], paid=said["paid"], receipts=papers
    ),
    "receive": lambda row, by, said, papers: test_buys.receive(test_buy=row, by=by, who=said["who"], photographs=papers),
    "hand_over": lambda row, by, said, papers: test_buys.hand_over(
        test_buy=row, by=by, who=said["who"], profile=said.get("profile")
    ),
    "judge": lambda row, by, said, papers: test_buys.judge(
        test_buy=row, by=by, verdict=said["verdict"], note=said["note"], reports=papers
    ),
    "give_up": lambda row, by, said, papers: test_buys.give_up(test_buy=row, by=by, reason=said["note"]),
    "add_paper": lambda row, by, said, papers: test_buys.add_paper(
        test_buy=row, by=by, kind=said["kind"], papers=papers
    ),
    "pass_on": lambda row, by, said, papers: test_buys.pass_on(
        test_buy=row, by=by, keeper=said["keeper"], who=said["who"]
    ),
}  # fmt: skip


def form_of(step: str, data: Any = None, uploads: Any = None) -> Any:
    """The form of a step; each has a prefix, because several stand on one page."""
    return FORMS[step](data, uploads, prefix=step, auto_id=f"id_{step}_%s")


def take(*, test_buy: TestBuy, step: str, by: Any, form: Any) -> bool:
    """Carry out a step as its form says; False where something is to be mended, said beside the fields.

    Raises Forbidden, WrongState.
    """
    TEST_BUYS.check(test_buy, step, by)
    if not form.is_valid():
        return False
    papers = []
    for upload in form.cleaned_data.get("files", ()):
        try:
            papers.append(files.keep(upload=upload, purpose=FilePurpose.EVIDENCE, by=by, organisation=None))
        except DomainError as failure:
            form.add_error("files", f"{upload.name}: {failure}")
    if form.errors:
        return False
    try:
        STEPS[step](test_buy, by, form.cleaned_data, papers)
    except DomainError as failure:
        if failure.status != 422:
            raise
        for name, sentences in failure.errors.items():  # type: ignore[attr-defined]
            form.add_error(name if name in form.fields else None, [str(s) for s in sentences])
        return False
    return True
