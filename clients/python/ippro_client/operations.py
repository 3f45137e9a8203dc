"""One method for each operation. Generated from the description of the API by `make client`: do not edit."""

from collections.abc import Iterator
from typing import Any, Literal

from ippro_client import models
from ippro_client.calls import Calls, Upload


class Operations(Calls):
    """Every operation of the API, by its operationId."""

    def appeals_list(
        self,
        *,
        against: str | None = None,
        kind: Literal[
            "dismissal",
            "finding",
            "penalty",
            "privilege",
            "refused_certificate",
            "rejected_complaint",
            "rejected_filing",
            "rejected_organisation",
            "suspension",
            "takedown",
        ]
        | None = None,
        page_size: int | None = None,
        state: list[
            Literal[
                "concluded",
                "partly_reversed",
                "referred",
                "returned",
                "reversed",
                "settled",
                "submitted",
                "under_review",
                "upheld",
                "withdrawn",
            ]
        ]
        | None = None,
    ) -> Iterator[models.AppealSummary]:
        """Appeals of your organisation, and those in complaints and filings that an agency made for it; staff see all."""

        return self._pages(
            "GET", "/api/v1/appeals", query={"against": against, "kind": kind, "page_size": page_size, "state": state}
        )

    def appeals_submit(self, *, body: models.NewAppeal, idempotency_key: str | None = None) -> models.Appeal:
        """Appeal against a decision that burdens your organisation."""

        return self._call("POST", "/api/v1/appeals", body=body, idempotency_key=idempotency_key, is_repeatable=True)

    def appeals_retrieve(self, public_id: str) -> models.Appeal:
        """One appeal with what is next."""

        return self._call("GET", f"/api/v1/appeals/{self._quoted(public_id)}")

    def appeals_conclude(
        self, public_id: str, *, body: models.Conclude, idempotency_key: str | None = None
    ) -> models.Appeal:
        """Staff: record what a body outside found, and what the platform does about it."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/conclude",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_decide(
        self, public_id: str, *, body: models.DecideAppeal, idempotency_key: str | None = None
    ) -> models.Appeal:
        """Staff: decide an appeal; a reversal is carried out with it."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/decide",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_refer(self, public_id: str, *, body: models.Refer, idempotency_key: str | None = None) -> models.Appeal:
        """Tell us that a certified body outside looks at the case."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/refer",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_return(
        self, public_id: str, *, body: models.AppealReturn, idempotency_key: str | None = None
    ) -> models.Appeal:
        """Staff: ask the appellant for what is missing."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/return",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_supplement(
        self, public_id: str, *, body: models.AppealSupplement, idempotency_key: str | None = None
    ) -> models.Appeal:
        """Add what a reviewer asked for."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/supplement",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_take(self, public_id: str, *, idempotency_key: str | None = None) -> models.Appeal:
        """Staff: take an appeal up."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/take",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def appeals_withdraw(self, public_id: str, *, idempotency_key: str | None = None) -> models.Appeal:
        """Take an appeal back that was not decided yet."""

        return self._call(
            "POST",
            f"/api/v1/appeals/{self._quoted(public_id)}/withdraw",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def candidates_list(
        self,
        *,
        page_size: int | None = None,
        profile: str | None = None,
        state: list[Literal["asked", "dismissed", "gone", "handed_over", "open", "reversed", "upheld"]] | None = None,
    ) -> Iterator[models.CandidateSummary]:
        """Offers about which your organisation was asked, or that were handed to it."""

        return self._pages(
            "GET", "/api/v1/candidates", query={"page_size": page_size, "profile": profile, "state": state}
        )

    def candidates_retrieve(self, public_id: str) -> models.Candidate:
        """One offer, and what was said of it."""

        return self._call("GET", f"/api/v1/candidates/{self._quoted(public_id)}")

    def candidates_answer(
        self, public_id: str, *, body: models.Answer, idempotency_key: str | None = None
    ) -> models.Candidate:
        """Say whether the goods are genuine. The platform decides."""

        return self._call(
            "POST",
            f"/api/v1/candidates/{self._quoted(public_id)}/answer",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def certificates_retrieve(self, number: str, *, sha256: str | None = None) -> models.Certificate:
        """What a certificate says, and whether it still counts."""

        return self._call("GET", f"/api/v1/certificates/{self._quoted(number)}", query={"sha256": sha256})

    def certificates_bundle(self, number: str, *, sha256: str | None = None) -> dict[str, Any]:
        """The proof that the stand-alone script checks: the ledger entry, the way to the signed root, the time-stamp."""

        return self._call("GET", f"/api/v1/certificates/{self._quoted(number)}/bundle", query={"sha256": sha256})

    def complaints_list(
        self,
        *,
        created_at_after: str | None = None,
        created_at_before: str | None = None,
        infringement: Literal[
            "copied_image",
            "counterfeit",
            "design_copy",
            "forged_authorisation",
            "gi_misuse",
            "patent_product",
            "pirated_book",
            "pirated_software",
            "shop_name",
            "trademark_use",
        ]
        | None = None,
        number: str | None = None,
        page_size: int | None = None,
        right: str | None = None,
        state: list[
            Literal[
                "accepted",
                "closed",
                "countered",
                "dismissed",
                "notified",
                "rejected",
                "returned",
                "submitted",
                "upheld",
                "withdrawn",
            ]
        ]
        | None = None,
    ) -> Iterator[models.ComplaintSummary]:
        """Complaints of your organisation; staff see all."""

        return self._pages(
            "GET",
            "/api/v1/complaints",
            query={
                "created_at_after": created_at_after,
                "created_at_before": created_at_before,
                "infringement": infringement,
                "number": number,
                "page_size": page_size,
                "right": right,
                "state": state,
            },
        )

    def complaints_submit(self, *, body: models.NewComplaint, idempotency_key: str | None = None) -> models.Complaint:
        """Submit a notice of infringement."""

        return self._call("POST", "/api/v1/complaints", body=body, idempotency_key=idempotency_key, is_repeatable=True)

    def complaints_retrieve(self, public_id: str) -> models.Complaint:
        """One complaint with what is next."""

        return self._call("GET", f"/api/v1/complaints/{self._quoted(public_id)}")

    def complaints_accept(self, public_id: str, *, idempotency_key: str | None = None) -> models.Complaint:
        """Staff: the notice has all its elements."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/accept",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_adopt(self, public_id: str, *, idempotency_key: str | None = None) -> models.Complaint:
        """The rights holder stands by what its agency complained of, whatever becomes of the power of attorney."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/adopt",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_decide(
        self, public_id: str, *, body: models.Decide, idempotency_key: str | None = None
    ) -> models.Complaint:
        """Staff: decide on every link that is still pending."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/decide",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_links(self, public_id: str) -> list[models.Link]:
        """Every link of a complaint, with why it is up or down."""

        return self._call("GET", f"/api/v1/complaints/{self._quoted(public_id)}/links")

    def complaints_messages(self, public_id: str) -> list[models.Message]:
        """What you and the platform wrote to each other in this case; staff name the `party`."""

        return self._call("GET", f"/api/v1/complaints/{self._quoted(public_id)}/messages")

    def complaints_message(
        self, public_id: str, *, body: models.Write, idempotency_key: str | None = None
    ) -> models.Message:
        """Write to the platform inside this case; staff: to one of its parties."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/messages",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_order(
        self, public_id: str, *, body: models.Order, idempotency_key: str | None = None
    ) -> models.CourtOrder:
        """Staff: record what a court ordered about links, answered or not, and carry it out at once."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/order",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_orders(self, public_id: str) -> list[models.CourtOrder]:
        """What courts ordered about links of a complaint, newest first."""

        return self._call("GET", f"/api/v1/complaints/{self._quoted(public_id)}/orders")

    def complaints_reject(
        self, public_id: str, *, body: models.Reject, idempotency_key: str | None = None
    ) -> models.Complaint:
        """Staff: refuse a notice that can never be accepted."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/reject",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_return(
        self, public_id: str, *, body: models.Return, idempotency_key: str | None = None
    ) -> models.Complaint:
        """Staff: send the notice back with what is missing."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/return",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_supplement(
        self, public_id: str, *, body: models.Supplement, idempotency_key: str | None = None
    ) -> models.Complaint:
        """Add what a returned notice was missing."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/supplement",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_withdraw(
        self, public_id: str, *, body: models.Withdraw | None = None, idempotency_key: str | None = None
    ) -> models.Complaint:
        """Withdraw a complaint, or some of its links; what only it held down goes up again."""

        return self._call(
            "POST",
            f"/api/v1/complaints/{self._quoted(public_id)}/withdraw",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_answers_list(self, *, page_size: int | None = None) -> Iterator[models.SheetSummary]:
        """The sheets that were handed in, newest first."""

        return self._pages("GET", "/api/v1/complaints/answers", query={"page_size": page_size})

    def complaints_answers_create(
        self,
        *,
        body: models.AnswerRows | None = None,
        files: dict[str, Upload | list[Upload]] | None = None,
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Sheet:
        """Hand in a sheet: a file, or rows in JSON by role (up to 2 MB). The columns of one with a known header are chosen already; otherwise they are guessed from it, and can be said in the same call. Where all that is needed is said, the answer judges every row. Nothing but the sheet is written before it is confirmed."""

        return self._call(
            "POST",
            "/api/v1/complaints/answers",
            body=body,
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_answers_retrieve(self, public_id: str) -> models.Sheet:
        """One sheet; once it is confirmed, how far it is."""

        return self._call("GET", f"/api/v1/complaints/answers/{self._quoted(public_id)}")

    def complaints_answers_discard(self, public_id: str) -> None:
        """Throw away a sheet that was not confirmed."""

        self._call("DELETE", f"/api/v1/complaints/answers/{self._quoted(public_id)}")

    def complaints_answers_columns(
        self, public_id: str, *, body: models.AnswerColumns | None = None, idempotency_key: str | None = None
    ) -> models.Sheet:
        """Say which column is what, and what holds for all rows that say nothing themselves; the answer judges every row. Nothing is written but the choice."""

        return self._call(
            "POST",
            f"/api/v1/complaints/answers/{self._quoted(public_id)}/columns",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_answers_confirm(
        self,
        public_id: str,
        *,
        body: models.ConfirmAnswers | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> models.Sheet:
        """Have all rows without a fault done in the background. It says by `If-Match` which sheet was seen. Confirmed again, it answers as it is."""

        return self._call(
            "POST",
            f"/api/v1/complaints/answers/{self._quoted(public_id)}/confirm",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
            if_match=if_match,
        )

    def complaints_answers_preview(self, public_id: str) -> models.SheetPreview:
        """What would come of each row, every bad cell with its reason."""

        return self._call("GET", f"/api/v1/complaints/answers/{self._quoted(public_id)}/preview")

    def complaints_answers_result(self, public_id: str) -> bytes:
        """The result sheet, a line per row."""

        return self._content("GET", f"/api/v1/complaints/answers/{self._quoted(public_id)}/result.csv")

    def complaints_answers_result_workbook(self, public_id: str) -> bytes:
        """The result sheet as a workbook."""

        return self._content("GET", f"/api/v1/complaints/answers/{self._quoted(public_id)}/result.xlsx")

    def complaints_answers_rows(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.AnswerFate]:
        """Every row of a confirmed sheet with its fate, in the order of the sheet."""

        return self._pages(
            "GET", f"/api/v1/complaints/answers/{self._quoted(public_id)}/rows", query={"page_size": page_size}
        )

    def complaints_answers_stop(self, public_id: str, *, idempotency_key: str | None = None) -> models.Sheet:
        """Leave out every row that is not done yet; what was done stays."""

        return self._call(
            "POST",
            f"/api/v1/complaints/answers/{self._quoted(public_id)}/stop",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_remove(self, *, body: models.NewComplaint, idempotency_key: str | None = None) -> models.Complaint:
        """Take down what the links name at once, under your privilege of self-service; the body is that of a complaint."""

        return self._call(
            "POST", "/api/v1/complaints/remove", body=body, idempotency_key=idempotency_key, is_repeatable=True
        )

    def complaints_sheets_list(self, *, page_size: int | None = None) -> Iterator[models.SheetSummary]:
        """The sheets that were handed in, newest first."""

        return self._pages("GET", "/api/v1/complaints/sheets", query={"page_size": page_size})

    def complaints_sheets_create(
        self,
        *,
        body: models.LinkRows | None = None,
        files: dict[str, Upload | list[Upload]] | None = None,
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Sheet:
        """Hand in a sheet: a file, or rows in JSON by role (up to 2 MB). The columns of one with a known header are chosen already; otherwise they are guessed from it, and can be said in the same call. Where all that is needed is said, the answer judges every row. Nothing but the sheet is written before it is confirmed."""

        return self._call(
            "POST",
            "/api/v1/complaints/sheets",
            body=body,
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_sheets_retrieve(self, public_id: str) -> models.Sheet:
        """One sheet; once it is confirmed, how far it is."""

        return self._call("GET", f"/api/v1/complaints/sheets/{self._quoted(public_id)}")

    def complaints_sheets_discard(self, public_id: str) -> None:
        """Throw away a sheet that was not confirmed."""

        self._call("DELETE", f"/api/v1/complaints/sheets/{self._quoted(public_id)}")

    def complaints_sheets_columns(
        self, public_id: str, *, body: models.LinkColumns | None = None, idempotency_key: str | None = None
    ) -> models.Sheet:
        """Say which column is what, and what holds for all rows that say nothing themselves; the answer judges every row. Nothing is written but the choice."""

        return self._call(
            "POST",
            f"/api/v1/complaints/sheets/{self._quoted(public_id)}/columns",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def complaints_sheets_confirm(
        self, public_id: str, *, body: models.SignSheet, idempotency_key: str | None = None, if_match: str | None = None
    ) -> models.Sheet:
        """Have all rows without a fault done in the background. It says by `If-Match` which sheet was seen. Confirmed again, it answers as it is."""

        return self._call(
            "POST",
            f"/api/v1/complaints/sheets/{self._quoted(public_id)}/confirm",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
            if_match=if_match,
        )

    def complaints_sheets_preview(self, public_id: str) -> models.SheetPreview:
        """What would come of each row, every bad cell with its reason."""

        return self._call("GET", f"/api/v1/complaints/sheets/{self._quoted(public_id)}/preview")

    def complaints_sheets_result(self, public_id: str) -> bytes:
        """The result sheet, a line per row."""

        return self._content("GET", f"/api/v1/complaints/sheets/{self._quoted(public_id)}/result.csv")

    def complaints_sheets_result_workbook(self, public_id: str) -> bytes:
        """The result sheet as a workbook."""

        return self._content("GET", f"/api/v1/complaints/sheets/{self._quoted(public_id)}/result.xlsx")

    def complaints_sheets_rows(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.LinkFate]:
        """Every row of a confirmed sheet with its fate, in the order of the sheet."""

        return self._pages(
            "GET", f"/api/v1/complaints/sheets/{self._quoted(public_id)}/rows", query={"page_size": page_size}
        )

    def complaints_sheets_stop(self, public_id: str, *, idempotency_key: str | None = None) -> models.Sheet:
        """Leave out every row that is not done yet; what was done stays."""

        return self._call(
            "POST",
            f"/api/v1/complaints/sheets/{self._quoted(public_id)}/stop",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_list(
        self,
        *,
        created_at_after: str | None = None,
        created_at_before: str | None = None,
        notice: str | None = None,
        number: str | None = None,
        page_size: int | None = None,
        state: list[
            Literal[
                "concluded",
                "forwarded",
                "in_proceedings",
                "in_review",
                "lapsed",
                "returned",
                "submitted",
                "waiting",
                "withdrawn",
            ]
        ]
        | None = None,
    ) -> Iterator[models.CounterNoticeSummary]:
        """Counter-notices that your organisation sent, or that were forwarded to it; staff see all."""

        return self._pages(
            "GET",
            "/api/v1/counter-notices",
            query={
                "created_at_after": created_at_after,
                "created_at_before": created_at_before,
                "notice": notice,
                "number": number,
                "page_size": page_size,
                "state": state,
            },
        )

    def counter_notices_submit(
        self, *, body: models.NewCounterNotice, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Answer a statement of reasons, for all of its links or for some."""

        return self._call(
            "POST", "/api/v1/counter-notices", body=body, idempotency_key=idempotency_key, is_repeatable=True
        )

    def counter_notices_retrieve(self, public_id: str) -> models.CounterNotice:
        """One counter-notice. Read by the complainant, it counts as delivered."""

        return self._call("GET", f"/api/v1/counter-notices/{self._quoted(public_id)}")

    def counter_notices_concede(
        self, public_id: str, *, body: models.SomeLinks | None = None, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Complainant: accept the counter-notice, or some of its links; they go up again at once."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/concede",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_decide(
        self, public_id: str, *, body: models.DecideAnew, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Staff: decide anew on every link that is open, where the law has a person decide."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/decide",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_end_proceeding(
        self, public_id: str, *, body: models.End, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Staff: record how a proceeding ended."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/end-proceeding",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_forward(self, public_id: str, *, idempotency_key: str | None = None) -> models.CounterNotice:
        """Staff: it is complete and goes to the complainant."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/forward",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_order(
        self, public_id: str, *, body: models.Order, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Staff: record what a court ordered, and carry it out at once."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/order",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_prove(
        self, public_id: str, *, body: models.Prove, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Complainant: prove a proceeding that counts under the regime. After the day it is recorded, and refused."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/prove",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_return(
        self, public_id: str, *, body: models.Return, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Staff: send it back with what is missing."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/return",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_supplement(
        self, public_id: str, *, body: models.CounterSupplement, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Merchant: add what a returned counter-notice was missing."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/supplement",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_take_up(self, public_id: str, *, idempotency_key: str | None = None) -> models.CounterNotice:
        """Staff: it is complete, and under its law a person decides on it."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/take-up",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def counter_notices_withdraw(
        self, public_id: str, *, body: models.SomeLinks | None = None, idempotency_key: str | None = None
    ) -> models.CounterNotice:
        """Merchant: withdraw the counter-notice, or some of its links."""

        return self._call(
            "POST",
            f"/api/v1/counter-notices/{self._quoted(public_id)}/withdraw",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def evidence_upload(
        self,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Evidence:
        """`POST /api/v1/evidence`: hand in a file, to be named in a complaint, an answer, a proof or a supplement."""

        return self._call(
            "POST", "/api/v1/evidence", files=files, data=data, idempotency_key=idempotency_key, is_repeatable=True
        )

    def filings_list(
        self,
        *,
        kind: list[
            Literal[
                "copyright_software",
                "copyright_work",
                "first_publication",
                "geographical_indication",
                "patent_design",
                "patent_invention",
                "patent_utility",
                "publishing",
                "trademark",
            ]
        ]
        | None = None,
        number: str | None = None,
        page_size: int | None = None,
        registration_number: str | None = None,
        state: list[
            Literal[
                "approved", "draft", "expired", "expiring", "rejected", "returned", "revoked", "submitted", "withdrawn"
            ]
        ]
        | None = None,
        valid_until_on_after: str | None = None,
        valid_until_on_before: str | None = None,
    ) -> Iterator[models.FilingSummary]:
        """Rights on file of your organisation; staff see what was submitted."""

        return self._pages(
            "GET",
            "/api/v1/filings",
            query={
                "kind": kind,
                "number": number,
                "page_size": page_size,
                "registration_number": registration_number,
                "state": state,
                "valid_until_on_after": valid_until_on_after,
                "valid_until_on_before": valid_until_on_before,
            },
        )

    def filings_create(self, *, body: models.NewFiling, idempotency_key: str | None = None) -> models.Filing:
        """Begin a draft."""

        return self._call("POST", "/api/v1/filings", body=body, idempotency_key=idempotency_key, is_repeatable=True)

    def filings_retrieve(self, public_id: str) -> models.Filing:
        """One right on file with its papers and what is next."""

        return self._call("GET", f"/api/v1/filings/{self._quoted(public_id)}")

    def filings_update(
        self, public_id: str, *, body: models.PatchedFilingChange | None = None, if_match: str | None = None
    ) -> models.Filing:
        """Change a draft, or what was returned. Based on an older version it answers 409 and changes nothing."""

        return self._call("PATCH", f"/api/v1/filings/{self._quoted(public_id)}", body=body, if_match=if_match)

    def filings_approve(
        self, public_id: str, *, body: models.FilingVersion | None = None, idempotency_key: str | None = None
    ) -> models.Filing:
        """Put a filing, or its renewal, into force. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/approve",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_decline_renewal(
        self, public_id: str, *, body: models.FilingNote, idempotency_key: str | None = None
    ) -> models.Filing:
        """Decline a renewal; the old validity stays. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/decline-renewal",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_drop_renewal(
        self, public_id: str, *, body: models.FilingVersion | None = None, idempotency_key: str | None = None
    ) -> models.Filing:
        """Take back a renewal; the validity that was approved stays as it was."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/drop-renewal",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_add_file(
        self,
        public_id: str,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Filing:
        """Attach a certificate or a picture to a draft."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/files",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_remove_file(self, file_id: str, public_id: str) -> None:
        """Take a file off a draft."""

        self._call("DELETE", f"/api/v1/filings/{self._quoted(public_id)}/files/{self._quoted(file_id)}")

    def filings_add_sellers(
        self, public_id: str, *, body: models.ShopLinks, idempotency_key: str | None = None
    ) -> models.Filing:
        """Name shops that sell the genuine goods, by their links."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/genuine-sellers",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_remove_seller(self, public_id: str, shop_id: str) -> None:
        """Take a shop off the genuine sellers."""

        self._call("DELETE", f"/api/v1/filings/{self._quoted(public_id)}/genuine-sellers/{self._quoted(shop_id)}")

    def filings_reject(
        self, public_id: str, *, body: models.FilingNote, idempotency_key: str | None = None
    ) -> models.Filing:
        """Reject a filing that can never be approved. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/reject",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_renew(
        self,
        public_id: str,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Filing:
        """Hand in the new validity with its certificate; what was approved stays in force meanwhile."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/renew",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_return(
        self, public_id: str, *, body: models.FilingNote, idempotency_key: str | None = None
    ) -> models.Filing:
        """Return a filing with what is missing. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/return",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_revoke(
        self, public_id: str, *, body: models.FilingNote, idempotency_key: str | None = None
    ) -> models.Filing:
        """End the force of a filing for good. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/revoke",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_submit(
        self, public_id: str, *, body: models.FilingVersion | None = None, idempotency_key: str | None = None
    ) -> models.Filing:
        """Hand a draft to review. Everything that is missing is told at once, by field."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/submit",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_withdraw(
        self, public_id: str, *, body: models.FilingVersion | None = None, idempotency_key: str | None = None
    ) -> models.Filing:
        """Take back a draft, or what was not decided yet."""

        return self._call(
            "POST",
            f"/api/v1/filings/{self._quoted(public_id)}/withdraw",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_sheets_list(self, *, page_size: int | None = None) -> Iterator[models.SheetSummary]:
        """The sheets that were handed in, newest first."""

        return self._pages("GET", "/api/v1/filings/sheets", query={"page_size": page_size})

    def filings_sheets_create(
        self,
        *,
        body: models.FilingRows | None = None,
        files: dict[str, Upload | list[Upload]] | None = None,
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Sheet:
        """Hand in a sheet: a file, or rows in JSON by role (up to 2 MB). The columns of one with a known header are chosen already; otherwise they are guessed from it, and can be said in the same call. Where all that is needed is said, the answer judges every row. Nothing but the sheet is written before it is confirmed."""

        return self._call(
            "POST",
            "/api/v1/filings/sheets",
            body=body,
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_sheets_retrieve(self, public_id: str) -> models.Sheet:
        """One sheet; once it is confirmed, how far it is."""

        return self._call("GET", f"/api/v1/filings/sheets/{self._quoted(public_id)}")

    def filings_sheets_discard(self, public_id: str) -> None:
        """Throw away a sheet that was not confirmed."""

        self._call("DELETE", f"/api/v1/filings/sheets/{self._quoted(public_id)}")

    def filings_sheets_columns(
        self, public_id: str, *, body: models.FilingColumns | None = None, idempotency_key: str | None = None
    ) -> models.Sheet:
        """Say which column is what, and what holds for all rows that say nothing themselves; the answer judges every row. Nothing is written but the choice."""

        return self._call(
            "POST",
            f"/api/v1/filings/sheets/{self._quoted(public_id)}/columns",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def filings_sheets_confirm(
        self,
        public_id: str,
        *,
        body: models.ConfirmFilings | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> models.Sheet:
        """Have all rows without a fault done in the background. It says by `If-Match` which sheet was seen. Confirmed again, it answers as it is."""

        return self._call(
            "POST",
            f"/api/v1/filings/sheets/{self._quoted(public_id)}/confirm",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
            if_match=if_match,
        )

    def filings_sheets_preview(self, public_id: str) -> models.SheetPreview:
        """What would come of each row, every bad cell with its reason."""

        return self._call("GET", f"/api/v1/filings/sheets/{self._quoted(public_id)}/preview")

    def filings_sheets_result(self, public_id: str) -> bytes:
        """The result sheet, a line per row."""

        return self._content("GET", f"/api/v1/filings/sheets/{self._quoted(public_id)}/result.csv")

    def filings_sheets_result_workbook(self, public_id: str) -> bytes:
        """The result sheet as a workbook."""

        return self._content("GET", f"/api/v1/filings/sheets/{self._quoted(public_id)}/result.xlsx")

    def filings_sheets_rows(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.FilingFate]:
        """Every row of a confirmed sheet with its fate, in the order of the sheet."""

        return self._pages(
            "GET", f"/api/v1/filings/sheets/{self._quoted(public_id)}/rows", query={"page_size": page_size}
        )

    def filings_sheets_stop(self, public_id: str, *, idempotency_key: str | None = None) -> models.Sheet:
        """Leave out every row that is not done yet; what was done stays."""

        return self._call(
            "POST",
            f"/api/v1/filings/sheets/{self._quoted(public_id)}/stop",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def findings_list(
        self,
        *,
        decided_at_after: str | None = None,
        decided_at_before: str | None = None,
        is_reversed: bool | None = None,
        number: str | None = None,
        page_size: int | None = None,
        shop: str | None = None,
    ) -> Iterator[models.PatrolFindingSummary]:
        """Statements of reasons of the platform's own initiative to your shops."""

        return self._pages(
            "GET",
            "/api/v1/findings",
            query={
                "decided_at_after": decided_at_after,
                "decided_at_before": decided_at_before,
                "is_reversed": is_reversed,
                "number": number,
                "page_size": page_size,
                "shop": shop,
            },
        )

    def findings_retrieve(self, public_id: str) -> models.PatrolFinding:
        """One finding: what was taken down, on which facts, by which rule, and what you can do about it."""

        return self._call("GET", f"/api/v1/findings/{self._quoted(public_id)}")

    def intakes_list(self, *, page_size: int | None = None) -> Iterator[models.Intake]:
        """Acts of handing in: many files one after the other, or a ZIP."""

        return self._pages("GET", "/api/v1/intakes", query={"page_size": page_size})

    def intakes_begin(
        self, *, body: models.NewIntake | None = None, idempotency_key: str | None = None
    ) -> models.Intake:
        """Begin an intake to which files are added one by one."""

        return self._call("POST", "/api/v1/intakes", body=body, idempotency_key=idempotency_key, is_repeatable=True)

    def intakes_retrieve(self, public_id: str) -> models.Intake:
        """How far an intake is."""

        return self._call("GET", f"/api/v1/intakes/{self._quoted(public_id)}")

    def intakes_add_file(
        self,
        public_id: str,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.IntakeItem:
        """Add a file. A bad picture is an item that says why it was refused; the same file again is the same item."""

        return self._call(
            "POST",
            f"/api/v1/intakes/{self._quoted(public_id)}/files",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def intakes_items(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.IntakeItem]:
        """The images of an intake with what became of each, the latest first."""

        return self._pages("GET", f"/api/v1/intakes/{self._quoted(public_id)}/items", query={"page_size": page_size})

    def intakes_begin_zip(
        self,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Intake:
        """Hand in a ZIP of images, which are taken in one by one. The same archive again is the same intake meanwhile."""

        return self._call(
            "POST", "/api/v1/intakes/zip", files=files, data=data, idempotency_key=idempotency_key, is_repeatable=True
        )

    def ledger_consistency_proof(self, *, first: int, second: int) -> models.Consistency:
        """What shows that the larger tree begins with the smaller one: nothing was changed, only added."""

        return self._call("GET", "/api/v1/ledger/consistency", query={"first": first, "second": second})

    def ledger_export(self) -> bytes:
        """The whole sealed ledger as lines of JSON, payloads included; for auditors and administrators."""

        return self._content("GET", "/api/v1/ledger/export")

    def ledger_head(self, size: int) -> models.TreeHead:
        """The tree head that was signed when the ledger had so many entries."""

        return self._call("GET", f"/api/v1/ledger/heads/{self._quoted(size)}")

    def ledger_latest_head(self) -> models.TreeHead:
        """The newest signed tree head."""

        return self._call("GET", "/api/v1/ledger/heads/latest")

    def ledger_keys(self) -> models.Keys:
        """The public keys, also those that no longer sign: old heads are checked with them."""

        return self._call("GET", "/api/v1/ledger/keys")

    def ledger_inclusion_proof(self, index: int, *, size: int | None = None) -> models.Inclusion:
        """What leads from one entry to the root of the tree."""

        return self._call("GET", f"/api/v1/ledger/leaves/{self._quoted(index)}/proof", query={"size": size})

    def marketplace_events(self, *, body: models.Events) -> models.Results:
        """`POST /api/v1/marketplace/events`: what a marketplace says, signed, up to 1,000 events in one call."""

        return self._call("POST", "/api/v1/marketplace/events", body=body)

    def marketplace_links_resolve(
        self, *, body: models.Links, idempotency_key: str | None = None
    ) -> models.ResolvedLinks:
        """`POST /api/v1/marketplace/links/resolve`: what pasted links are, before a complaint is made of them."""

        return self._call(
            "POST", "/api/v1/marketplace/links/resolve", body=body, idempotency_key=idempotency_key, is_repeatable=True
        )

    def marketplace_precheck(self, *, body: models.PrecheckRequest | None = None) -> models.Precheck:
        """Ask before a listing is published. `pass`: publish it. `review`: publish it later or not, a person should look. `block`: do not publish it. Reasons come in the language of Accept-Language. The same content asked again is the same answer while nothing else was learned."""

        return self._call("POST", "/api/v1/marketplace/precheck", body=body)

    def marketplace_search(
        self,
        *,
        category: str | None = None,
        changed_since: str | None = None,
        currency: str | None = None,
        kind: list[Literal["listing", "livestream", "shop", "video"]] | None = None,
        marketplace: str | None = None,
        order: Literal["best", "newest"] | None = None,
        page_size: int | None = None,
        price_from: str | None = None,
        price_to: str | None = None,
        published_since: str | None = None,
        published_until: str | None = None,
        seller: str | None = None,
        shop: str | None = None,
        words: str | None = None,
    ) -> models.Hits:
        """`GET /api/v1/marketplace/search`: what is publicly on sale on the connected marketplaces."""

        return self._call(
            "GET",
            "/api/v1/marketplace/search",
            query={
                "category": category,
                "changed_since": changed_since,
                "currency": currency,
                "kind": kind,
                "marketplace": marketplace,
                "order": order,
                "page_size": page_size,
                "price_from": price_from,
                "price_to": price_to,
                "published_since": published_since,
                "published_until": published_until,
                "seller": seller,
                "shop": shop,
                "words": words,
            },
        )

    def marketplace_sheets_list(self, *, page_size: int | None = None) -> Iterator[models.SheetSummary]:
        """The sheets that were handed in, newest first."""

        return self._pages("GET", "/api/v1/marketplace/sheets", query={"page_size": page_size})

    def marketplace_sheets_create(
        self,
        *,
        body: models.MarketRows | None = None,
        files: dict[str, Upload | list[Upload]] | None = None,
        data: dict[str, Any] | None = None,
    ) -> models.Sheet:
        """Hand in a sheet: a file, or rows in JSON by role (up to 2 MB). The columns of one with a known header are chosen already; otherwise they are guessed from it, and can be said in the same call. Where all that is needed is said, the answer judges every row. Nothing but the sheet is written before it is confirmed."""

        return self._call("POST", "/api/v1/marketplace/sheets", body=body, files=files, data=data)

    def marketplace_sheets_retrieve(self, public_id: str) -> models.Sheet:
        """One sheet; once it is confirmed, how far it is."""

        return self._call("GET", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}")

    def marketplace_sheets_discard(self, public_id: str) -> None:
        """Throw away a sheet that was not confirmed."""

        self._call("DELETE", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}")

    def marketplace_sheets_columns(self, public_id: str, *, body: models.MarketColumns | None = None) -> models.Sheet:
        """Say which column is what, and what holds for all rows that say nothing themselves; the answer judges every row. Nothing is written but the choice."""

        return self._call("POST", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/columns", body=body)

    def marketplace_sheets_confirm(
        self, public_id: str, *, body: models.ConfirmMarket | None = None, if_match: str | None = None
    ) -> models.Sheet:
        """Have all rows without a fault done in the background. It says by `If-Match` which sheet was seen. Confirmed again, it answers as it is."""

        return self._call(
            "POST", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/confirm", body=body, if_match=if_match
        )

    def marketplace_sheets_preview(self, public_id: str) -> models.SheetPreview:
        """What would come of each row, every bad cell with its reason."""

        return self._call("GET", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/preview")

    def marketplace_sheets_result(self, public_id: str) -> bytes:
        """The result sheet, a line per row."""

        return self._content("GET", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/result.csv")

    def marketplace_sheets_result_workbook(self, public_id: str) -> bytes:
        """The result sheet as a workbook."""

        return self._content("GET", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/result.xlsx")

    def marketplace_sheets_rows(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.MarketFate]:
        """Every row of a confirmed sheet with its fate, in the order of the sheet."""

        return self._pages(
            "GET", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/rows", query={"page_size": page_size}
        )

    def marketplace_sheets_stop(self, public_id: str) -> models.Sheet:
        """Leave out every row that is not done yet; what was done stays."""

        return self._call("POST", f"/api/v1/marketplace/sheets/{self._quoted(public_id)}/stop")

    def matches_list(
        self,
        *,
        created_at_after: str | None = None,
        created_at_before: str | None = None,
        number: str | None = None,
        original: str | None = None,
        page_size: int | None = None,
        state: list[Literal["complained", "confirmed", "dismissed", "gone", "in_review", "tolerated"]] | None = None,
        target: str | None = None,
        tier: Literal["automatic", "review"] | None = None,
    ) -> Iterator[models.MatchSummary]:
        """Copies of your originals that you were told of; staff see all. Complain of one under its original's right."""

        return self._pages(
            "GET",
            "/api/v1/matches",
            query={
                "created_at_after": created_at_after,
                "created_at_before": created_at_before,
                "number": number,
                "original": original,
                "page_size": page_size,
                "state": state,
                "target": target,
                "tier": tier,
            },
        )

    def matches_retrieve(self, public_id: str) -> models.Match:
        """One match with its explanation."""

        return self._call("GET", f"/api/v1/matches/{self._quoted(public_id)}")

    def matches_confirm(
        self, public_id: str, *, body: models.MatchNote | None = None, idempotency_key: str | None = None
    ) -> models.Match:
        """It is a copy: its holder is told. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/matches/{self._quoted(public_id)}/confirm",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def matches_dismiss(
        self, public_id: str, *, body: models.MatchDismiss | None = None, idempotency_key: str | None = None
    ) -> models.Match:
        """It is no copy. A holder who knows of it is told, with the reason. For reviewers."""

        return self._call(
            "POST",
            f"/api/v1/matches/{self._quoted(public_id)}/dismiss",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def matches_picture(
        self, public_id: str, view: Literal["original", "overlay", "side-by-side", "suspect", "warped"]
    ) -> bytes:
        """One picture of the explanation: side by side, laid onto each other, or what agrees and what differs."""

        return self._content("GET", f"/api/v1/matches/{self._quoted(public_id)}/pictures/{self._quoted(view)}")

    def matches_tolerate(
        self, public_id: str, *, body: models.MatchNote | None = None, idempotency_key: str | None = None
    ) -> models.Match:
        """Let a copy be."""

        return self._call(
            "POST",
            f"/api/v1/matches/{self._quoted(public_id)}/tolerate",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def notices_list(self, *, page_size: int | None = None) -> Iterator[models.Notice]:
        """Statements of reasons to the shops of your organisation."""

        return self._pages("GET", "/api/v1/notices", query={"page_size": page_size})

    def notices_retrieve(self, public_id: str) -> models.NoticeDetail:
        """One statement of reasons; reading it the first time is kept as proof of delivery."""

        return self._call("GET", f"/api/v1/notices/{self._quoted(public_id)}")

    def notices_messages(self, public_id: str) -> list[models.Message]:
        """What your organisation and the platform wrote to each other about this case."""

        return self._call("GET", f"/api/v1/notices/{self._quoted(public_id)}/messages")

    def notices_message(
        self, public_id: str, *, body: models.Write, idempotency_key: str | None = None
    ) -> models.Message:
        """Write to the platform about this statement of reasons."""

        return self._call(
            "POST",
            f"/api/v1/notices/{self._quoted(public_id)}/messages",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def originals_list(
        self,
        *,
        complains_automatically: bool | None = None,
        created_at_after: str | None = None,
        created_at_before: str | None = None,
        is_public: bool | None = None,
        number: str | None = None,
        page_size: int | None = None,
        sha256: str | None = None,
        state: list[Literal["certified", "checked", "in_conflict", "received", "refused", "revoked", "withdrawn"]]
        | None = None,
    ) -> Iterator[models.OriginalSummary]:
        """Originals of your organisation; staff see all."""

        return self._pages(
            "GET",
            "/api/v1/originals",
            query={
                "complains_automatically": complains_automatically,
                "created_at_after": created_at_after,
                "created_at_before": created_at_before,
                "is_public": is_public,
                "number": number,
                "page_size": page_size,
                "sha256": sha256,
                "state": state,
            },
        )

    def originals_register(
        self,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Original:
        """Register an image; its certificate follows within seconds, or a conflict with something earlier."""

        return self._call(
            "POST", "/api/v1/originals", files=files, data=data, idempotency_key=idempotency_key, is_repeatable=True
        )

    def originals_retrieve(self, public_id: str) -> models.Original:
        """One original with what is next."""

        return self._call("GET", f"/api/v1/originals/{self._quoted(public_id)}")

    def originals_update(
        self, public_id: str, *, body: models.PatchedOriginalChange | None = None, if_match: str | None = None
    ) -> models.Original:
        """Change the title, whether everybody sees the image, and whether it complains of sure copies by itself."""

        return self._call("PATCH", f"/api/v1/originals/{self._quoted(public_id)}", body=body, if_match=if_match)

    def originals_camera_originals(self, public_id: str) -> list[models.CameraOriginal]:
        """The files straight from the camera, with what they say for and against the claim."""

        return self._call("GET", f"/api/v1/originals/{self._quoted(public_id)}/camera-originals")

    def originals_add_camera_original(
        self,
        public_id: str,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.CameraOriginal:
        """Add a file straight from the camera: JPEG, HEIC or DNG. The same file again is the same one."""

        return self._call(
            "POST",
            f"/api/v1/originals/{self._quoted(public_id)}/camera-originals",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def originals_certificate(self, public_id: str) -> models.Certificate:
        """The certificate as its holder sees it."""

        return self._call("GET", f"/api/v1/originals/{self._quoted(public_id)}/certificate")

    def originals_certificate_pdf(self, public_id: str, *, language: Literal["en", "zh-hans"] | None = None) -> bytes:
        """The certificate as a document, with thumbnail and QR code."""

        return self._content(
            "GET", f"/api/v1/originals/{self._quoted(public_id)}/certificate.pdf", query={"language": language}
        )

    def originals_licences(self, public_id: str) -> list[models.Licence]:
        """Shops that may use the image."""

        return self._call("GET", f"/api/v1/originals/{self._quoted(public_id)}/licences")

    def originals_grant_licence(
        self, public_id: str, *, body: models.NewLicence, idempotency_key: str | None = None
    ) -> models.Licence:
        """Allow a shop to use the image, by the shop's link; what it shows is no match from now on."""

        return self._call(
            "POST",
            f"/api/v1/originals/{self._quoted(public_id)}/licences",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def originals_end_licence(self, licence_id: str, public_id: str) -> None:
        """End a licence; what the shop shows after this is a match."""

        self._call("DELETE", f"/api/v1/originals/{self._quoted(public_id)}/licences/{self._quoted(licence_id)}")

    def originals_withdraw(self, public_id: str, *, idempotency_key: str | None = None) -> models.Original:
        """Take an image back: its certificate proves nothing any more."""

        return self._call(
            "POST",
            f"/api/v1/originals/{self._quoted(public_id)}/withdraw",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def out_of_court_bodies_list(
        self, *, page_size: int | None = None, regime: str | None = None
    ) -> Iterator[models.Body]:
        """Certified bodies outside the platform to which a decided appeal can go on (DSA art. 21)."""

        return self._pages("GET", "/api/v1/out-of-court-bodies", query={"page_size": page_size, "regime": regime})

    def penalties_retrieve(self, public_id: str) -> models.Penalty:
        """One penalty."""

        return self._call("GET", f"/api/v1/penalties/{self._quoted(public_id)}")

    def penalties_state(
        self, public_id: str, *, body: models.Statement, idempotency_key: str | None = None
    ) -> models.Penalty:
        """Say what speaks against a penalty, while its hearing is open."""

        return self._call(
            "POST",
            f"/api/v1/penalties/{self._quoted(public_id)}/statement",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def powers_of_attorney_list(
        self,
        *,
        page_size: int | None = None,
        state: Literal["approved", "expired", "returned", "revoked", "submitted"] | None = None,
    ) -> Iterator[models.PowerSummary]:
        """Powers of attorney that your organisation gave or got; staff see all."""

        return self._pages("GET", "/api/v1/powers-of-attorney", query={"page_size": page_size, "state": state})

    def powers_create(
        self,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.Power:
        """Hand in a power that your agency got, or grant one as a rights holder."""

        return self._call(
            "POST",
            "/api/v1/powers-of-attorney",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def powers_retrieve(self, public_id: str) -> models.Power:
        """One power of attorney."""

        return self._call("GET", f"/api/v1/powers-of-attorney/{self._quoted(public_id)}")

    def powers_confirm(self, public_id: str, *, idempotency_key: str | None = None) -> models.Power:
        """Say as the rights holder that a power which an agency handed in is your own."""

        return self._call(
            "POST",
            f"/api/v1/powers-of-attorney/{self._quoted(public_id)}/confirm",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def powers_revoke(self, public_id: str, *, body: models.Reason, idempotency_key: str | None = None) -> models.Power:
        """End a power at once; what was done before stays as it is."""

        return self._call(
            "POST",
            f"/api/v1/powers-of-attorney/{self._quoted(public_id)}/revoke",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def protected_images_look_up(
        self, *, files: dict[str, Upload | list[Upload]], data: dict[str, Any] | None = None
    ) -> models.Protection:
        """Whether a picture is protected, and by which certificates that are shown to everybody. It is kept nowhere."""

        return self._call("POST", "/api/v1/protected-images", files=files, data=data)

    def register_list(
        self,
        *,
        infringement: str | None = None,
        outcome: str | None = None,
        page_size: int | None = None,
        q: str | None = None,
        right: str | None = None,
        shop: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[models.RegisterEntry]:
        """The register, newest first."""

        return self._pages(
            "GET",
            "/api/v1/register",
            query={
                "infringement": infringement,
                "outcome": outcome,
                "page_size": page_size,
                "q": q,
                "right": right,
                "shop": shop,
                "since": since,
                "until": until,
            },
        )

    def register_findings_list(
        self,
        *,
        infringement: str | None = None,
        outcome: str | None = None,
        page_size: int | None = None,
        q: str | None = None,
        right: str | None = None,
        shop: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[models.RegisterFinding]:
        """What was taken down on the platform's own initiative, newest first; takes the filters of the page."""

        return self._pages(
            "GET",
            "/api/v1/register-findings",
            query={
                "infringement": infringement,
                "outcome": outcome,
                "page_size": page_size,
                "q": q,
                "right": right,
                "shop": shop,
                "since": since,
                "until": until,
            },
        )

    def register_findings_retrieve(self, public_id: str) -> models.RegisterFinding:
        """One finding."""

        return self._call("GET", f"/api/v1/register-findings/{self._quoted(public_id)}")

    def register_retrieve(self, public_id: str) -> models.RegisterEntry:
        """One entry, by the id of its notice or of anything that belongs to it."""

        return self._call("GET", f"/api/v1/register/{self._quoted(public_id)}")

    def rules_list(self, *, at: str | None = None) -> list[models.RuleVersion]:
        """The version of each rule that is, or was, in force at a moment."""

        return self._call("GET", "/api/v1/rules", query={"at": at})

    def rules_versions(self, code: str) -> list[models.RuleVersion]:
        """Every published version of a rule, the newest first."""

        return self._call("GET", f"/api/v1/rules/{self._quoted(code)}/versions")

    def rules_version(self, code: str, number: int) -> models.RuleVersion:
        """One version, for ever."""

        return self._call("GET", f"/api/v1/rules/{self._quoted(code)}/versions/{self._quoted(number)}")

    def saved_searches_list(self, *, page_size: int | None = None) -> Iterator[models.SavedSearch]:
        """Searches that look every half an hour for what was not on sale before."""

        return self._pages("GET", "/api/v1/saved-searches", query={"page_size": page_size})

    def saved_searches_create(
        self, *, body: models.NewSavedSearch, idempotency_key: str | None = None
    ) -> models.SavedSearch:
        """Keep a search. What is on sale already is not told."""

        return self._call(
            "POST", "/api/v1/saved-searches", body=body, idempotency_key=idempotency_key, is_repeatable=True
        )

    def saved_searches_retrieve(self, public_id: str) -> models.SavedSearch:
        """One saved search."""

        return self._call("GET", f"/api/v1/saved-searches/{self._quoted(public_id)}")

    def saved_searches_delete(self, public_id: str) -> None:
        """Throw it away with what it found."""

        self._call("DELETE", f"/api/v1/saved-searches/{self._quoted(public_id)}")

    def saved_searches_hits(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.SavedHit]:
        """What it found and is still on sale, newest first."""

        return self._pages(
            "GET", f"/api/v1/saved-searches/{self._quoted(public_id)}/hits", query={"page_size": page_size}
        )

    def saved_searches_pause(self, public_id: str, *, idempotency_key: str | None = None) -> models.SavedSearch:
        """It looks no more until it is resumed."""

        return self._call(
            "POST",
            f"/api/v1/saved-searches/{self._quoted(public_id)}/pause",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def saved_searches_resume(self, public_id: str, *, idempotency_key: str | None = None) -> models.SavedSearch:
        """It looks again, also through what came in the meantime."""

        return self._call(
            "POST",
            f"/api/v1/saved-searches/{self._quoted(public_id)}/resume",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def saved_searches_run(self, public_id: str, *, idempotency_key: str | None = None) -> models.SavedSearch:
        """Look now."""

        return self._call(
            "POST",
            f"/api/v1/saved-searches/{self._quoted(public_id)}/run",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def search_by_image(
        self,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> list[models.Showing]:
        """Up to 60 listings, surest first. The picture is kept nowhere; each person may search 20 times a minute."""

        return self._call(
            "POST",
            "/api/v1/search-by-image",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def self_service_retrieve(self) -> models.SelfService:
        """`GET /api/v1/self-service`: what self-service takedown needs, and whether it is there."""

        return self._call("GET", "/api/v1/self-service")

    def shop_standings_list(self) -> list[models.ShopStanding]:
        """Every shop with its points, strikes and penalties."""

        return self._call("GET", "/api/v1/shop-standings")

    def shop_standings_retrieve(self, public_id: str) -> models.ShopStanding:
        """One shop."""

        return self._call("GET", f"/api/v1/shop-standings/{self._quoted(public_id)}")

    def standing_retrieve(self) -> models.Conduct:
        """`GET /api/v1/standing`: score, lane and warnings of your organisation."""

        return self._call("GET", "/api/v1/standing")

    def watch_profiles_list(
        self,
        *,
        filing: str | None = None,
        kind: list[Literal["book", "brand", "work"]] | None = None,
        page_size: int | None = None,
        state: list[Literal["draft", "ended", "paused", "watching"]] | None = None,
    ) -> Iterator[models.WatchProfileSummary]:
        """What is watched for your organisation; staff see all."""

        return self._pages(
            "GET",
            "/api/v1/watch-profiles",
            query={"filing": filing, "kind": kind, "page_size": page_size, "state": state},
        )

    def watch_profiles_create(
        self, *, body: models.NewWatchProfile, idempotency_key: str | None = None
    ) -> models.WatchProfile:
        """Begin to watch under a right in force. It is a draft until it is started."""

        return self._call(
            "POST", "/api/v1/watch-profiles", body=body, idempotency_key=idempotency_key, is_repeatable=True
        )

    def watch_profiles_retrieve(self, public_id: str) -> models.WatchProfile:
        """One profile: what it looks for, who may sell, and its pictures."""

        return self._call("GET", f"/api/v1/watch-profiles/{self._quoted(public_id)}")

    def watch_profiles_update(
        self, public_id: str, *, body: models.PatchedWatchProfileChange | None = None, if_match: str | None = None
    ) -> models.WatchProfile:
        """Change what is looked for. Based on an older version it answers 409 and changes nothing."""

        return self._call("PATCH", f"/api/v1/watch-profiles/{self._quoted(public_id)}", body=body, if_match=if_match)

    def watch_profiles_begin_again(self, public_id: str, *, idempotency_key: str | None = None) -> models.WatchProfile:
        """Turn an ended profile into a draft again, with all that it said."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/begin-again",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def watch_profiles_end(self, public_id: str, *, idempotency_key: str | None = None) -> models.WatchProfile:
        """End it: nobody decides any more on what it found."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/end",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def watch_profiles_pause(self, public_id: str, *, idempotency_key: str | None = None) -> models.WatchProfile:
        """Look for nothing until it is started again."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/pause",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def watch_profiles_add_picture(
        self,
        public_id: str,
        *,
        files: dict[str, Upload | list[Upload]],
        data: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> models.WatchProfile:
        """Look for copies of an official picture or cover from now on."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/pictures",
            files=files,
            data=data,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def watch_profiles_remove_picture(self, picture_id: str, public_id: str) -> None:
        """Look for copies of a picture no more."""

        self._call("DELETE", f"/api/v1/watch-profiles/{self._quoted(public_id)}/pictures/{self._quoted(picture_id)}")

    def watch_profiles_say_of_shops(
        self, public_id: str, *, body: models.ShopsSaid, idempotency_key: str | None = None
    ) -> models.WatchProfile:
        """Say of shops that they may sell, or may not. The later word counts."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/shops",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def watch_profiles_forget_shop(self, public_id: str, shop_id: str) -> None:
        """Take back what was said of a shop."""

        self._call("DELETE", f"/api/v1/watch-profiles/{self._quoted(public_id)}/shops/{self._quoted(shop_id)}")

    def watch_profiles_start(self, public_id: str, *, idempotency_key: str | None = None) -> models.WatchProfile:
        """Watch from now on; what is on sale already is looked at as well."""

        return self._call(
            "POST",
            f"/api/v1/watch-profiles/{self._quoted(public_id)}/start",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def webhooks_list(self, *, page_size: int | None = None) -> Iterator[models.Webhook]:
        """Endpoints of your organisation; for its administrators."""

        return self._pages("GET", "/api/v1/webhooks", query={"page_size": page_size})

    def webhooks_create(
        self, *, body: models.NewWebhook, idempotency_key: str | None = None
    ) -> models.WebhookWithSecret:
        """Have events sent to an address. The secret in the answer is told this once."""

        return self._call("POST", "/api/v1/webhooks", body=body, idempotency_key=idempotency_key, is_repeatable=True)

    def webhooks_retrieve(self, public_id: str) -> models.Webhook:
        """One endpoint."""

        return self._call("GET", f"/api/v1/webhooks/{self._quoted(public_id)}")

    def webhooks_update(
        self, public_id: str, *, body: models.PatchedWebhookChange | None = None, if_match: str | None = None
    ) -> models.Webhook:
        """Change the address, its events, or switch it on or off."""

        return self._call("PATCH", f"/api/v1/webhooks/{self._quoted(public_id)}", body=body, if_match=if_match)

    def webhooks_remove(self, public_id: str) -> None:
        """Nothing is sent there any more."""

        self._call("DELETE", f"/api/v1/webhooks/{self._quoted(public_id)}")

    def webhooks_messages(self, public_id: str, *, page_size: int | None = None) -> Iterator[models.WebhookMessage]:
        """What was sent in the last thirty days, the newest first."""

        return self._pages(
            "GET", f"/api/v1/webhooks/{self._quoted(public_id)}/messages", query={"page_size": page_size}
        )

    def webhooks_message(self, message_id: str, public_id: str) -> models.WebhookMessageDetail:
        """One message with every try and the beginning of each answer."""

        return self._call("GET", f"/api/v1/webhooks/{self._quoted(public_id)}/messages/{self._quoted(message_id)}")

    def webhooks_send_again(
        self, message_id: str, public_id: str, *, idempotency_key: str | None = None
    ) -> models.WebhookMessage:
        """Send a message once more, under the same id."""

        return self._call(
            "POST",
            f"/api/v1/webhooks/{self._quoted(public_id)}/messages/{self._quoted(message_id)}/again",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def webhooks_rotate(
        self, public_id: str, *, body: models.Rotate | None = None, idempotency_key: str | None = None
    ) -> models.WebhookWithSecret:
        """A new secret, told this once; the old one signs beside it for a while."""

        return self._call(
            "POST",
            f"/api/v1/webhooks/{self._quoted(public_id)}/rotate-secret",
            body=body,
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )

    def webhooks_test(self, public_id: str, *, idempotency_key: str | None = None) -> models.WebhookMessage:
        """Send a `ping`."""

        return self._call(
            "POST",
            f"/api/v1/webhooks/{self._quoted(public_id)}/test",
            idempotency_key=idempotency_key,
            is_repeatable=True,
        )
