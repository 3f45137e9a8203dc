"""The API of sheets of any kind: a file, or rows in JSON, are handed in, judged, confirmed, followed and stopped as on
the pages.

A room brings a viewset with its `kind`, its serializers and `described_as`, the beginning of its operations' names.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    REFUSED,
    CursorPagination,
    IdempotentPosts,
    PlainSerializer,
    checked,
    keyed_by_itself,
)
from core.errors import Invalid, NotYours
from core.imports import columns, selectors, services
from core.imports.forms import SUFFIX
from core.imports.kinds import Kind
from core.lifecycle import lock
from core.parsers import BoundedJSONParser
from core.preconditions import IF_MATCH, require_match, tag_of
from core.sheets import MAX_CELL, MAX_ROWS
from core.spreadsheet import MEDIA_TYPES, XLSX, download
from core.text import clean_text

UNCONFIRMED, RUNNING, DONE = "unconfirmed", "running", "done"


class PagesOfRows(CursorPagination):
    """In the order of the sheet."""

    ordering = "number"
    page_size = 100
    max_page_size = 1000


# --- what comes out --------------------------------------------------------------------------------------


class CellSerializer(serializers.Serializer):
    """A bad cell: where it stands, what it should say, and what is wrong."""

    cell = serializers.CharField(
        allow_blank=True, help_text="As a spreadsheet names it, such as C10; empty if it stands in none."
    )
    role = serializers.CharField()
    message = serializers.CharField()


class BadRowSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    cells = CellSerializer(many=True)


class SheetPreviewSerializer(serializers.Serializer):
    """What would come of a sheet: how many rows would be taken, and every bad one with its cells."""

    good = serializers.IntegerField()
    bad = serializers.IntegerField()
    becomes = serializers.DictField(child=serializers.IntegerField(), help_text="How many cases would come of it.")
    faults = BadRowSerializer(many=True)


class SheetProgressSerializer(serializers.Serializer):
    """How far a confirmed sheet is, in rows."""

    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    done = serializers.IntegerField(source="did")
    left_out = serializers.IntegerField()
    given_up = serializers.IntegerField(help_text="Failed for no fault of theirs; staff have been shown them.")


class SheetSerializer(serializers.Serializer):
    """A sheet that was handed in."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    state = serializers.ChoiceField([UNCONFIRMED, RUNNING, DONE])
    row_count = serializers.IntegerField()
    header = serializers.ListField(child=serializers.CharField(), help_text="Empty once it is confirmed.")
    columns = serializers.DictField(child=serializers.CharField(), help_text="By role, the name of the column.")
    for_all = serializers.DictField(child=serializers.CharField(), help_text="By role, what was said for all rows.")
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    progress = SheetProgressSerializer(allow_null=True)
    preview = SheetPreviewSerializer(
        allow_null=True, help_text="After it was handed in or its columns were chosen; null while any is missing."
    )


class SheetSummarySerializer(serializers.Serializer):
    """A sheet as lists show it."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    row_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class FateSerializer(serializers.Serializer):
    """One row of a confirmed sheet, and what became of it."""

    row = serializers.IntegerField(source="number")
    name = serializers.CharField()
    state = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


# --- what comes in -----------------------------------------------------------------------------------------


class ColumnsSerializer(PlainSerializer):
    """Which column is what; kinds add what may be said for all rows. What is left out stays as it was guessed."""

    columns = serializers.DictField(
        child=serializers.CharField(max_length=3), required=False,
        help_text='By role, the column as a spreadsheet names it: {"link": "A"}.',
    )  # fmt: skip


class ConfirmSerializer(PlainSerializer):
    """Whether bad rows stop the good ones; kinds add what is signed."""

    all_or_nothing = serializers.BooleanField(
        required=False, default=False,
        help_text="Refuse all if any row has a fault, and name those. Otherwise bad rows are left out.",
    )  # fmt: skip


class RowsField(serializers.Field):
    """Rows as a program says them: by role, the text that would stand in the cell. Checked without a serializer for each."""

    default_error_messages = {
        "not_a_list": gettext_lazy("A list of rows, from 1 to %(most)d of them."),
        "no_row": gettext_lazy("A row is an object with a text for each of these roles, or some of them: %(roles)s."),
        "no_list": gettext_lazy("A list of texts."),
    }

    def __init__(self, roles: Collection[str], lists: Collection[str] = (), **kwargs: Any) -> None:
        self.roles, self.lists = frozenset(roles), frozenset(lists)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[dict[str, str]]:
        if not isinstance(data, list) or not 1 <= len(data) <= MAX_ROWS:
            raise serializers.ValidationError(self.error_messages["not_a_list"] % {"most": MAX_ROWS})
        wrong: dict[str, list[str]] = {}
        rows = []
        for number, said in enumerate(data, 1):
            rows.append(self._row(number, said, wrong))
            if len(wrong) >= MOST_WRONG:
                break
        if wrong:
            raise serializers.ValidationError(wrong)
        return rows

    def _row(self, number: int, said: Any, wrong: dict[str, list[str]]) -> dict[str, str]:
        if not isinstance(said, dict) or not self.roles.issuperset(said) or not all(
            _is_text(value) for role, value in said.items() if role not in self.lists
        ):  # fmt: skip
            wrong[str(number)] = [self.error_messages["no_row"] % {"roles": ", ".join(sorted(self.roles))}]
            return {}
        row = {}
        for role, value in said.items():
            if role in self.lists and not (isinstance(value, list) and all(map(_is_text, value))):
                wrong[f"{number}.{role}"] = [str(self.error_messages["no_list"])]
                continue
            try:
                text = "\n".join(value) if role in self.lists else value
                row[role] = clean_text(text, multiline=True, max_length=MAX_CELL)
            except ValidationError as unseen:
                wrong[f"{number}.{role}"] = unseen.messages
        return row

    def to_representation(self, value: Any) -> Any:
        return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


#: a body with so many bad rows is read no further
MOST_WRONG = 20


def _of_rows(kind: Kind, columns: type[serializers.Serializer], confirm: type[serializers.Serializer]) -> Any:
    """The serializer of a sheet whose rows are JSON: by role what a cell would say, and what holds for all of them."""
    roles: dict[str, Any] = {role: {"type": "string", "description": str(said)} for role, said in kind.roles.items()}
    for role in kind.lists:
        roles[role] = {"type": "array", "items": {"type": "string"}, "description": str(kind.roles[role])}
    row = {"type": "object", "properties": roles, "additionalProperties": False}
    rows = extend_schema_field({"type": "array", "items": row, "minItems": 1})(type("RowsField", (RowsField,), {}))
    return type(
        columns.__name__.replace("Columns", "Rows"),
        (columns,),
        {
            "__doc__": "Rows that a program says by role. With `confirm` they are confirmed in the same call.",
            "columns": None,
            "name": serializers.CharField(max_length=150, required=False, help_text="What the sheet is called."),
            "rows": rows(roles=kind.roles, lists=kind.lists, help_text="From 1 to 10,000; the first one is row 1."),
            "confirm": confirm(required=False),
        },
    )


def _named(kind: Kind, said: Mapping[str, str]) -> dict[str, int]:
    """The positions of columns that are named as a spreadsheet does. Raises Invalid."""
    places = {role: columns.position(name) for role, name in said.items()}
    unknown = [role for role, place in places.items() if role not in kind.roles or place is None]
    if unknown:
        words = _("Name columns by their letters, for these roles: %(roles)s.") % {"roles": ", ".join(kind.roles)}
        raise Invalid(errors={"columns": [words]})
    return {role: place for role, place in places.items() if place is not None}


def described(
    kind: Kind, name: str, *, columns: Any, confirm: Any, fate: Any, example: dict[str, Any], in_rows: Any,
    is_keyed: bool = True,
) -> Any:  # fmt: skip
    """Decorates a viewset of sheets: names of its operations, what goes in and comes out.

    `is_keyed` where who calls is a person, to whom an `Idempotency-Key` belongs.
    """
    file = {"file": {"type": "string", "format": "binary", "description": "CSV or XLSX, up to 10 MB and 10,000 rows."}}
    for_all = {
        role: {"type": "string", "description": f"{kind.roles[role]}, for all rows without."} for role in example
    }
    named = {
        f"columns.{role}": {"type": "string", "description": f"The column of {role}, such as A."} for role in kind.roles
    }
    form = {"type": "object", "required": ["file"], "properties": file | for_all | named}
    rows = _of_rows(kind, columns, confirm)
    sent = {"multipart/form-data": form, "application/json": rows}
    keyed, refused = [IDEMPOTENCY_KEY] if is_keyed else [], {429: PROBLEM, **REFUSED}
    first = next(iter(kind.needed))
    chosen = OpenApiExample("Columns", request_only=True, value={"columns": {first: "A"}, **example})
    said = OpenApiExample(
        "Rows", request_only=True, media_type="application/json", value={"rows": list(in_rows), **example}
    )
    view = extend_schema_view(
        list=extend_schema(operation_id=f"{name}_list", description="The sheets that were handed in, newest first."),
        create=extend_schema(
            operation_id=f"{name}_create", parameters=keyed, request=sent, description=_CREATE, examples=[said],
            responses={201: SheetSerializer, 413: PROBLEM, 503: PROBLEM, **refused},
        ),
        retrieve=extend_schema(
            operation_id=f"{name}_retrieve", responses={200: SheetSerializer, 404: PROBLEM},
            description="One sheet; once it is confirmed, how far it is.",
        ),
        destroy=extend_schema(
            operation_id=f"{name}_discard", responses={204: None, **REFUSED},
            description="Throw away a sheet that was not confirmed.",
        ),
        columns=extend_schema(
            operation_id=f"{name}_columns", parameters=keyed, request={"application/json": columns}, examples=[chosen],
            responses={200: SheetSerializer, **refused},
            description="Say which column is what, and what holds for all rows that say nothing themselves; the answer "
            "judges every row. Nothing is written but the choice.",
        ),
        preview=extend_schema(
            operation_id=f"{name}_preview", responses={200: SheetPreviewSerializer, **refused},
            description="What would come of each row, every bad cell with its reason.",
        ),
        confirm=extend_schema(
            operation_id=f"{name}_confirm", parameters=[*keyed, IF_MATCH], request={"application/json": confirm},
            responses={200: SheetSerializer, **REFUSED},
            description="Have all rows without a fault done in the background. It says by `If-Match` which sheet was seen. "
            "Confirmed again, it answers as it is.",
        ),
        rows=extend_schema(
            operation_id=f"{name}_rows", responses={200: fate(many=True), 404: PROBLEM},
            description="Every row of a confirmed sheet with its fate, in the order of the sheet.",
        ),
        result=extend_schema(
            operation_id=f"{name}_result", description="The result sheet, a line per row.",
            responses={(200, "text/csv"): OpenApiResponse({"type": "string"}, description="CSV"), 404: PROBLEM},
        ),
        result_workbook=extend_schema(
            operation_id=f"{name}_result_workbook", description="The result sheet as a workbook.",
            responses={
                (200, MEDIA_TYPES[XLSX]): OpenApiResponse({"type": "string", "format": "binary"}, description="XLSX"), 404: PROBLEM,
            },
        ),
        stop=extend_schema(
            operation_id=f"{name}_stop", parameters=keyed, request=None, responses={200: SheetSerializer, **REFUSED},
            description="Leave out every row that is not done yet; what was done stays.",
        ),
    )  # fmt: skip

    def decorated(viewset: Any) -> Any:
        viewset.rows_serializer = rows
        return view(viewset)

    return decorated


_CREATE = (
    "Hand in a sheet: a file, or rows in JSON by role (up to 2 MB). The columns of one with a known header are chosen already; otherwise they are guessed from it, and "
    "can be said in the same call. Where all that is needed is said, the answer judges every row. Nothing but the sheet "
    "is written before it is confirmed."
)


class SheetViewSet(IdempotentPosts, ListModelMixin, GenericViewSet):
    """Sheets of one kind."""

    kind: Kind
    lookup_field = "public_id"
    serializer_class = SheetSummarySerializer
    filterset_class = None
    parser_classes = (MultiPartParser, BoundedJSONParser)
    columns_serializer: type[serializers.Serializer] = ColumnsSerializer
    confirm_serializer: type[serializers.Serializer] = ConfirmSerializer
    rows_serializer: type[serializers.Serializer]  # made by `described`
    fate_serializer: type[serializers.Serializer] = FateSerializer

    def get_queryset(self) -> Any:
        return selectors.sheets_of(self.kind, self.request.user)

    def for_all(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """By role, what was said for all rows. Raises Invalid."""
        return {role: said[role] for role in self.kind.for_all if role in said}

    def fates(self, sheet: Any, rows: list[Any]) -> list[Any]:
        """What the serializer of a row's fate reads of each of these rows."""
        return rows

    def _one(self, public_id: str) -> Any:
        return selectors.sheet_of(self.kind, self.request.user, public_id)

    def _confirmed(self, public_id: str) -> Any:
        found = self._one(public_id)
        if found.confirmed_at is None:
            raise NotYours()
        return found

    def _answer(self, sheet: Any, status: int = 200, *, judged: list[Any] | None = None) -> Response:
        progress = selectors.progress_of(self.kind, sheet) if sheet.confirmed_at else None
        running = DONE if progress and progress.is_done else RUNNING
        said = {
            "public_id": sheet.public_id,
            "name": sheet.name,
            "state": running if sheet.confirmed_at else UNCONFIRMED,
            "row_count": sheet.row_count,
            "header": services.cells_of(self.kind, sheet)[0],
            "columns": {role: columns.letter(place) for role, place in sheet.columns.items()},
            "for_all": {role: str(value) for role, value in self.kind.said_for_all(sheet).items() if value},
            "created_at": sheet.created_at,
            "confirmed_at": sheet.confirmed_at,
            "progress": progress,
            "preview": None if judged is None else self._judged(sheet, judged),
        }
        answer = Response(SheetSerializer(said).data, status)
        answer["ETag"] = tag_of(sheet)
        return answer

    def _judged(self, sheet: Any, judged: list[Any]) -> dict[str, Any]:
        bad = [row for row in judged if row.faults]
        return {
            "good": len(judged) - len(bad),
            "bad": len(bad),
            "becomes": self.kind.becomes(sheet, judged),
            "faults": [
                {
                    "row": row.number,
                    "name": row.name,
                    "cells": [
                        {"cell": f"{f.column}{row.number}" if f.column else "", "role": f.role, "message": f.words}
                        for f in row.faults
                    ],
                }
                for row in bad
            ],
        }

    def _choose(self, sheet: Any, said: Mapping[str, Any]) -> Any:
        chosen = {**sheet.columns, **_named(self.kind, said.get("columns") or {})}
        for_all = self.for_all(said)
        try:
            return services.choose(self.kind, sheet=sheet, by=self.request.user, chosen=chosen, for_all=for_all)
        except Invalid as refused:
            raise Invalid(
                errors={name.removesuffix(SUFFIX): told for name, told in refused.errors.items()}
            ) from refused

    def _previewed(self, sheet: Any) -> list[Any] | None:
        if not services.is_chosen(self.kind, sheet):
            return None
        return services.previewed(self.kind, sheet=sheet, by=self.request.user)

    @keyed_by_itself
    def create(self, request: Request) -> Response:
        if not isinstance(request.data, QueryDict):
            return self._create_of_rows(request)
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(errors={"file": [_("Send the file as multipart/form-data in the field “file”.")]})
        self.kind.owner(request.user)
        said = checked(self.columns_serializer, request)
        rows = services.read(self.kind, by=request.user, upload=upload)

        def kept() -> Response:
            # A choice that is refused leaves no sheet behind.
            with transaction.atomic():
                sheet = services.keep(self.kind, by=request.user, name=upload.name, rows=rows)
                if said.get("columns") or self.for_all(said):
                    sheet = self._choose(sheet, said)
            return self._answer(sheet, 201, judged=self._previewed(sheet))

        return self.once(kept)

    def _create_of_rows(self, request: Request) -> Response:
        self.kind.owner(request.user)
        said = checked(self.rows_serializer, request)
        rows = services.rows_of(self.kind, by=request.user, said=said["rows"])

        def kept() -> Response:
            # What is refused leaves no sheet behind.
            with transaction.atomic():
                sheet = services.keep(
                    self.kind, by=request.user, name=said.get("name"), rows=rows, is_said=True,
                    waits="confirm" not in said,
                )  # fmt: skip
                sheet = self._choose(sheet, {role: said[role] for role in self.kind.for_all if role in said})
                if "confirm" in said:
                    sheet = self._confirm(sheet, said["confirm"], "confirm.")
                    return self._answer(sheet, 201)
            return self._answer(sheet, 201, judged=self._previewed(sheet))

        return self.once(kept)

    def _confirm(self, sheet: Any, said: Mapping[str, Any], at: str = "") -> Any:
        try:
            return services.confirm(self.kind, sheet=sheet, by=self.request.user, **said)
        except Invalid as refused:
            ours = self.confirm_serializer._declared_fields  # type: ignore[attr-defined]
            errors = {f"{at}{name}" if name in ours else name: told for name, told in refused.errors.items()}
            raise Invalid(refused.message, errors=errors) from refused

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self._answer(self._one(public_id))

    def destroy(self, request: Request, public_id: str) -> Response:
        services.discard(self.kind, sheet=self._one(public_id), by=request.user)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def columns(self, request: Request, public_id: str) -> Response:
        found = self._one(public_id)
        sheet = self._choose(found, checked(self.columns_serializer, request))
        return self._answer(sheet, judged=self._previewed(sheet))

    @action(detail=True, pagination_class=None)
    def preview(self, request: Request, public_id: str) -> Response:
        sheet = self._one(public_id)
        if not self.kind.is_owner(sheet, request.user) or sheet.confirmed_at is not None:
            raise NotYours()
        judged = self._previewed(sheet)
        if judged is None:
            raise Invalid(errors={"columns": [_("Say first which column is what.")]})
        return Response(SheetPreviewSerializer(self._judged(sheet, judged)).data, headers={"ETag": tag_of(sheet)})

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, public_id: str) -> Response:
        found, said = self._one(public_id), checked(self.confirm_serializer, request)
        # Held until it is confirmed, so that nobody chooses other columns in between.
        with transaction.atomic():
            found = lock(found)
            if found.confirmed_at is None and self.kind.is_owner(found, request.user):
                require_match(request, found)
            return self._answer(services.confirm(self.kind, sheet=found, by=request.user, **said))

    @action(detail=True, pagination_class=PagesOfRows)
    def rows(self, request: Request, public_id: str) -> Response:
        sheet = self._confirmed(public_id)
        page = self.paginate_queryset(sheet.rows.order_by("number"))
        found = self.fates(sheet, list(page or []))
        return self.get_paginated_response(self.fate_serializer(found, many=True).data)

    @action(detail=True, url_path=r"result\.csv", url_name="result", pagination_class=None)
    def result(self, request: Request, public_id: str) -> Any:
        sheet = self._confirmed(public_id)
        return download(self.kind.result(sheet), name=sheet.public_id)

    @action(detail=True, url_path=r"result\.xlsx", url_name="result-workbook", pagination_class=None)
    def result_workbook(self, request: Request, public_id: str) -> Any:
        sheet = self._confirmed(public_id)
        return download(self.kind.result(sheet), name=sheet.public_id, kind=XLSX)

    @action(detail=True, methods=["post"])
    def stop(self, request: Request, public_id: str) -> Response:
        sheet = self._confirmed(public_id)
        services.stop(self.kind, sheet=sheet, by=request.user)
        return self._answer(sheet)
