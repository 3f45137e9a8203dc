"""A POST with `Idempotency-Key` is carried out once and answered the same ever after."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import Http404
from django.urls import path
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from core.api import IdempotentPosts, keyed_by_itself
from core.errors import Invalid
from core.ids import next_number
from core.models import IdempotencyKey, NumberSeries
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@transaction.atomic
def carry_out(request):
    number = next_number("T", 2026)
    if request.data.get("fails"):
        raise Invalid("That cannot be.", field="fails")
    if request.data.get("is_lost"):
        raise Http404
    return Response({"number": number}, status=201)


class View(IdempotentPosts, APIView):
    def post(self, request):
        return carry_out(request)

    def get(self, request):
        return Response({})


class Set(IdempotentPosts, ViewSet):
    def create(self, request):
        return carry_out(request)


class Files(View):
    parser_classes = [MultiPartParser]


class OnRecord(IdempotentPosts, APIView):
    """Puts something on record, then refuses."""

    def post(self, request):
        with transaction.atomic():
            next_number("T", 2026)
        return carry_out(request)


class Stored(IdempotentPosts, APIView):
    """Stores bytes first; says whether a transaction was open meanwhile."""

    @keyed_by_itself
    def post(self, request):
        was_open = connection.in_atomic_block
        return self.once(lambda: Response({"was_open": was_open, **carry_out(request).data}, status=201))


urlpatterns = [
    path("view", View.as_view()),
    path("files", Files.as_view()),
    path("on-record", OnRecord.as_view()),
    path("stored", Stored.as_view()),
    path("set", Set.as_view({"post": "create"})),
]


@pytest.fixture(params=["/view", "/set"])
def post(request, client, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    def posted(body, key=None, client=client):
        headers = {"Idempotency-Key": key} if key is not None else {}
        return client.post(request.param, body, content_type="application/json", headers=headers)

    return posted


def carried_out() -> int:
    return NumberSeries.objects.values_list("last", flat=True).first() or 0


def test_the_same_request_again_gets_the_same_answer(post):
    first, again = post({"a": 1}, "k"), post({"a": 1}, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() == {"number": "T-2026-000001"}
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert carried_out() == 1


def test_another_body_under_the_same_key_is_refused(post):
    post({"a": 1}, "k")
    answer = post({"a": 2}, "k")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert carried_out() == 1


def test_without_a_key_each_request_counts(post):
    post({"a": 1})
    post({"a": 1})
    assert carried_out() == 2


def test_a_request_that_failed_can_be_mended_and_sent_again(post):
    assert post({"fails": True}, "k").status_code == 422
    assert post({"is_lost": True}, "k").status_code == 404
    assert carried_out() == 0
    assert not IdempotencyKey.objects.exists()
    assert post({"a": 1}, "k").status_code == 201


@pytest.fixture
def caller(client, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    return lambda path, body, **headers: client.post(path, body, content_type="application/json", headers=headers)


def test_a_refusal_leaves_the_same_with_a_key_as_without(caller):
    assert caller("/on-record", {"fails": True}).status_code == 422
    assert carried_out() == 1
    assert caller("/on-record", {"fails": True}, **{"Idempotency-Key": "k"}).status_code == 422
    assert carried_out() == 2
    assert not IdempotencyKey.objects.exists()


def test_what_breaks_half_way_leaves_neither_key_nor_work(caller, monkeypatch):
    def breaks(data):
        raise RuntimeError("the process died")

    monkeypatch.setattr("core.api._jsonable", breaks)
    with pytest.raises(RuntimeError):
        caller("/view", {}, **{"Idempotency-Key": "k"})
    assert carried_out() == 0
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bytes_are_stored_with_no_transaction_open_and_the_rest_is_done_once(caller):
    answers = [caller("/stored", {}, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"was_open": False, "number": "T-2026-000001"}] * 2
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert carried_out() == 1


def test_keys_of_two_people_are_two_keys(post):
    from django.test import Client

    other = Client()
    other.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert post({"a": 1}, "k").json() != post({"a": 1}, "k", client=other).json()


def test_a_request_that_is_being_worked_on_is_not_started_again(post, monkeypatch):
    """The other request has taken the key after this one looked for it."""
    post({"a": 1}, "k")
    nobody = IdempotencyKey.objects.none()
    monkeypatch.setattr(IdempotencyKey.objects, "filter", _first_blind(IdempotencyKey.objects.filter, nobody))
    answer = post({"a": 1}, "k")
    assert answer.status_code == 409
    assert answer.json()["code"] == "request_in_progress"
    assert carried_out() == 1


def _first_blind(filter_, nobody):
    answers = iter([nobody])
    return lambda **kwargs: next(answers, None) if (found := next(answers, filter_(**kwargs))) is None else found


@pytest.mark.parametrize("key", ["x" * 256, "\t"])
def test_a_key_that_is_none_is_refused(post, key):
    assert post({"a": 1}, key).status_code == 422
    assert carried_out() == 0


def test_halves_of_characters_are_compared_like_all_others(post):
    assert post('{"a": "\\ud800"}', "k").status_code == 201
    assert post('{"a": "\\ud801"}', "k").status_code == 422


def test_files_are_compared_by_their_content(client, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")

    def post(content: bytes):
        body = {"note": "a", "file": SimpleUploadedFile("a.txt", content)}
        return client.post("/files", body, headers={"Idempotency-Key": "k"})

    assert [post(b"1").status_code, post(b"1").status_code, post(b"2").status_code] == [201, 201, 422]
    assert carried_out() == 1
