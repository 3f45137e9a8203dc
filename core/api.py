"""What every API of the house shares: problem details, cursor pages, safe repetition of a POST."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

from django.core.exceptions import PermissionDenied
from django.core.validators import ProhibitNullCharactersValidator
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import exceptions, pagination, serializers, status, throttling
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import ProhibitSurrogateCharactersValidator
from rest_framework.views import exception_handler

from core import clock, rates
from core.errors import UNREAD, DomainError, Invalid, TooLarge, problem_body
from core.models import IdempotencyKey
from core.text import LONG, PlainText

#: a whole number, within what a database can hold
_WHOLE = re.compile(r"[0-9]{1,18}")


class CursorPagination(pagination.CursorPagination):
    """Newest first, stable while rows arrive. What is no page is refused by its parameter. Raises Invalid."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        for said in request.query_params.getlist(self.page_size_query_param):
            if not _WHOLE.fullmatch(said) or not int(said):
                raise Invalid(_("A whole number from 1 on; a page has at most 200."), field=self.page_size_query_param)
        return super().get_page_size(request)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except exceptions.NotFound as unknown:
            raise self._no_cursor() from unknown
        if cursor is not None and cursor.position is not None and not _WHOLE.fullmatch(str(cursor.position)):
            raise self._no_cursor()
        return cursor

    def _no_cursor(self) -> Invalid:
        return Invalid(_("Take the whole address of the page from `next` or `previous`."), field="cursor")

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        described: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in described:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "example": 50}
                parameter["description"] = str(_("How many at once; at most 200."))
        return described


class PublicThrottle(throttling.AnonRateThrottle):
    """For addresses that everybody may read: so many requests a minute from one address in the internet."""

    rate = "300/min"
    scope = "public"

    def allow_request(self, request: Request, view: Any) -> bool:
        # What DRF's throttle counts by, which its types do not name.
        allowed, of = bool(super().allow_request(request, view)), cast("Any", self)
        first = of.history[-1] if of.history else of.now
        rates.say(
            view, policy="address", most=of.num_requests, left=max(0, of.num_requests - len(of.history)),
            seconds=max(1, round(first + of.duration - of.now)),
        )  # fmt: skip
        return allowed


class Filters(DjangoFilterBackend):
    """Filters as they are described: what is no value of a filter is refused, and never means “all”. Raises Invalid."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None:
            for name in request.query_params:
                of = filterset.filters.get(name) or filterset.filters.get(_RANGE.sub("", name))
                if of is not None:
                    _check_filter(name, of, request.query_params.getlist(name))
        return filterset


_RANGE = re.compile("_(after|before|min|max)$")


def _check_filter(name: str, of: Any, values: list[str]) -> None:
    if isinstance(of, filters.BooleanFilter) and not {v.lower() for v in values} <= {"true", "false"}:
        raise Invalid(_("Say true or false."), field=name)
    if not isinstance(of, filters.CharFilter) and "" in values:
        raise Invalid(_("Leave it out, or say what is wanted."), field=name)
    if isinstance(of, filters.IsoDateTimeFromToRangeFilter) and any(clock.is_beyond(value) for value in values):
        raise Invalid(_("A moment with its zone, such as 2026-03-03T12:00:00Z."), field=name)


def problem(code: str, status_code: int, title: Any, **extra: Any) -> Response:
    """An answer in the form of RFC 9457."""
    return Response(
        problem_body(code, status_code, title, **extra), status=status_code, content_type="application/problem+json"
    )


def problem_details(failure: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error becomes problem details with a stable code."""
    if isinstance(failure, UNREAD):
        failure = TooLarge.read(failure)
    if isinstance(failure, DomainError):
        extra = {"errors": _plain(failure.errors)} if isinstance(failure, Invalid) and failure.errors else {}
        return problem(failure.code, failure.status, failure.message, **extra)
    if isinstance(failure, Http404):
        failure = exceptions.NotFound()
    if isinstance(failure, PermissionDenied):
        failure = exceptions.PermissionDenied()
    answer = exception_handler(failure, context)
    if answer is None or not isinstance(failure, exceptions.APIException):
        return answer
    if isinstance(failure, exceptions.ValidationError):
        made = problem(Invalid.code, Invalid.status, Invalid.message, errors=_flat(failure.detail))
    else:
        code = failure.default_code if failure.default_code != "error" else "error"
        made = problem(code, answer.status_code, failure.detail)
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in answer:
            made[header] = answer[header]
    return made


def _plain(errors: dict[str, Any]) -> dict[str, list[str]]:
    return {f: [str(m) for m in (v if isinstance(v, list | tuple) else [v])] for f, v in errors.items()}


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457), for the API's description."""

    type = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for programs.")
    title = serializers.CharField(help_text="A sentence for people, in the caller's language.")
    status = serializers.IntegerField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of that name, not what validation found
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="By field."
    )


#: what an operation answers that was refused, and how one is made safe to repeat: for the descriptions of all rooms
PROBLEM = OpenApiResponse(ProblemSerializer)
REFUSED = {403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key brings the same answer ever after; another body under it is refused.",
)


class KeyReused(DomainError):
    code = "idempotency_key_reused"
    status = status.HTTP_422_UNPROCESSABLE_ENTITY

    @property
    def message(self) -> Any:  # type: ignore[override]
        return _("This Idempotency-Key was used for a different request. Use a new key for a new request.")


class StillRunning(DomainError):
    code = "request_in_progress"
    status = status.HTTP_409_CONFLICT

    @property
    def message(self) -> Any:  # type: ignore[override]
        return _("A request with this Idempotency-Key is being worked on. Repeat it in a moment.")


#: validators of DRF's own for what `PlainText` says already
_SAID_BY_PLAIN_TEXT = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)


class TrueOrFalse(serializers.BooleanField):
    """`true` or `false`, in forms as words; neither 0 nor `[]` nor "off" is taken for one of them."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, bool) and str(data).lower() not in ("true", "false"):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text. A number is not taken for one."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


#: DRF's own fields take what only looks like their type; ours of the same description do not
_STRICT: dict[type[serializers.Field], type[serializers.Field]] = {
    serializers.BooleanField: TrueOrFalse,
    serializers.CharField: Words,
}


def _strict(field: Any) -> Any:
    """The same field, which takes nothing but what the description of the API says."""
    made = _STRICT[type(field)](*field._args, **field._kwargs) if type(field) in _STRICT else field
    if isinstance(made, serializers.ListField) and (child := _strict(made.child)) is not made.child:
        made.child = child
        child.bind(field_name="", parent=made)
    return made


class PlainTextFields:
    """For a serializer: every text field refuses unseen characters, and none is without a limit.

    A field that sets `max_length` keeps it; otherwise a text has at most 10,000 characters.
    """

    def get_fields(self) -> dict[str, Any]:
        fields = {name: _strict(field) for name, field in super().get_fields().items()}  # type: ignore[misc]
        for field in fields.values():
            if type(field) is Words and not field.read_only:
                limit = LONG if field.max_length is None else None
                others = [v for v in field.validators if not isinstance(v, _SAID_BY_PLAIN_TEXT)]
                field.validators = [*others, PlainText(multiline=True, max_length=limit)]
        return fields


class PlainSerializer(PlainTextFields, serializers.Serializer):
    """A serializer whose text fields take plain text."""


#: what a view raises on purpose: its services have undone what was theirs, and what they left is to stay
REFUSALS = (DomainError, exceptions.APIException, Http404, PermissionDenied)


def told_once(answer: Response, *secrets: str) -> Response:
    """An answer that is repeated without these fields: what they say is kept nowhere in the clear."""
    answer.kept = {**answer.data, **dict.fromkeys(secrets)}  # type: ignore[attr-defined]
    return answer


def keyed_by_itself(action: Any) -> Any:
    """Marks an action that stores bytes first, with no transaction open, and then calls `self.once` for the rest."""
    action.is_keyed_by_itself = True
    return action


class IdempotentPosts:
    """For viewsets: a POST with `Idempotency-Key` is carried out once, and answered the same ever after.

    The key is written in the same transaction as the work, so that neither exists without the other, whenever
    the process dies; a second request that runs at the same moment fails on the unique key and changes nothing.
    A refusal gives the key back, and leaves what it leaves without a key: services are transactions of their
    own, and what one of them put on record before the next one refused stays on record.

    That transaction waits for nobody: an action that takes files is `keyed_by_itself`, checks and stores
    their bytes first, and has `once` do the rest. Bytes of a request that comes second are swept.
    Source: draft-ietf-httpapi-idempotency-key-header.
    """

    _key: tuple[str, str] | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return
        if len(key) > 255 or not key.isprintable():
            raise Invalid(errors={"Idempotency-Key": _("At most 255 printable characters.")})
        fingerprint = _fingerprint(request)
        caller: Any = request.user  # permissions have let nobody else in
        done = IdempotencyKey.objects.filter(user=caller, key=key).first()
        if done is not None:
            raise KeyReused() if done.request_hash != fingerprint else _Replay(done)
        self._key = (key, fingerprint)
        # DRF calls `self.post`, on viewsets too; an address that takes none answers so afterwards.
        method: Any = getattr(self, "post", None)
        if method is None:
            return
        if not getattr(method, "is_keyed_by_itself", False):
            self.post = lambda request, *args, **kwargs: self.once(lambda: method(request, *args, **kwargs))

    def once(self, work: Callable[[], Response]) -> Response:
        """The answer of `work`, in one transaction with the request's key, if it has one."""
        if self._key is None:
            return work()
        caller: Any = self.request.user  # type: ignore[attr-defined]
        key, fingerprint = self._key
        refusal: Exception | None = None
        try:
            with transaction.atomic():
                # Taken before the work: the second of two racing requests waits here, then fails.
                taken = IdempotencyKey.objects.create(
                    user=caller, key=key, request_hash=fingerprint, status=0, body={}, created_at=clock.now()
                )
                try:
                    answer = work()
                except REFUSALS as refused:
                    refusal = refused
                    taken.delete()
                else:
                    taken.status, taken.body = answer.status_code, _jsonable(getattr(answer, "kept", answer.data))
                    taken.save(update_fields=["status", "body"])
        except IntegrityError as race:
            if IdempotencyKey.objects.filter(user=caller, key=key).exists():
                raise StillRunning() from race
            raise
        if refusal is not None:
            raise refusal
        return answer

    def handle_exception(self, failure: Exception) -> Response:
        if isinstance(failure, _Replay):
            answer = Response(failure.done.body, status=failure.done.status)
            answer["Idempotency-Replayed"] = "true"
            return answer
        return super().handle_exception(failure)  # type: ignore[misc]


def _fingerprint(request: Request) -> str:
    """A digest of where a request goes and what it says, files included."""
    data = dict(request.data.lists()) if hasattr(request.data, "lists") else request.data
    said = json.dumps(data, sort_keys=True, default=_digest_of_file)
    # One person's keys may be of several organisations: what one was answered, another does not learn.
    whose = getattr(request.auth, "organisation_id", "")
    return hashlib.sha256(f"{whose}{request.get_full_path()}\n{said}".encode()).hexdigest()


def _digest_of_file(upload: Any) -> list[str]:
    digest = hashlib.sha256()
    for part in upload.chunks():
        digest.update(part)
    upload.seek(0)
    return [upload.name, digest.hexdigest()]


class _Replay(Exception):
    def __init__(self, done: IdempotencyKey) -> None:
        self.done = done


def _jsonable(data: Any) -> Any:
    from rest_framework.utils.encoders import JSONEncoder

    return json.loads(json.dumps(data, cls=JSONEncoder))


@cache
def _shared(kind: type[serializers.Serializer]) -> serializers.Serializer:
    """One instance of a serializer for all requests: making one copies every field, and reading and writing change none."""
    return kind()


def checked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The body of a request by its serializer. Raises Invalid with each field."""
    if not hasattr(request.data, "keys"):
        raise Invalid(_("The body is a JSON object."))
    try:
        return dict(_shared(kind).run_validation(request.data))
    except exceptions.ValidationError as refused:
        raise Invalid(errors=_flat(refused.detail)) from refused


def written(kind: type[serializers.Serializer], thing: Any) -> dict[str, Any]:
    """A thing as its serializer writes it; for serializers whose fields look at nothing but the thing's attributes."""
    return _written(_fields_of(kind), thing)


def written_all(kind: type[serializers.Serializer], things: Iterable[Any]) -> list[dict[str, Any]]:
    """As `written`, for a list."""
    fields = _fields_of(kind)
    return [_written(fields, thing) for thing in things]


class _Field(NamedTuple):
    """How one field is written: where its value is, and how it is said, or the fields that it has itself."""

    name: str
    value_of: Callable[[Any], Any]
    says: Callable[[Any], Any]
    fields: "tuple[_Field, ...]"


@cache
def _fields_of(kind: type[serializers.Serializer]) -> tuple[_Field, ...]:
    return _plan(_shared(kind))


def _plan(serializer: serializers.Serializer) -> tuple[_Field, ...]:
    found = []
    for name, field in serializer.fields.items():
        inner = _plan(field) if isinstance(field, serializers.Serializer) else ()
        found.append(_Field(name, attrgetter(".".join(field.source_attrs)), field.to_representation, inner))
    return tuple(found)


def _written(fields: tuple[_Field, ...], thing: Any) -> dict[str, Any]:
    """As `to_representation`, which asks of every field whether the thing is a mapping, a callable or a relation."""
    said: dict[str, Any] = {}
    for name, value_of, says, inner in fields:
        value = value_of(thing)
        if value is None:
            said[name] = None
        else:
            said[name] = _written(inner, value) if inner else says(value)
    return said


def _flat(errors: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors of a serializer as one level: `findings.3.rule`."""
    parts: Iterable[tuple[Any, Any]]
    if isinstance(errors, dict):
        parts = errors.items()
    elif errors and isinstance(errors[0], dict):
        parts = enumerate(errors)
    else:
        return {path or "body": [str(e) for e in errors]}
    found: dict[str, list[str]] = {}
    for name, inner in parts:
        if inner:
            found |= _flat(inner, f"{path}.{name}" if path else str(name))
    return found


class NextSerializer(serializers.Serializer):
    """What is next, whose turn it is, until when, and what happens otherwise."""

    whose = serializers.CharField()
    next = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    otherwise = serializers.CharField(allow_blank=True)
    is_yours = serializers.BooleanField()
