"""Whatever is asked for under /api/, and whatever goes wrong there, is answered with problem details."""

import pytest
from django.test import Client

from tests.factories import member

pytestmark = pytest.mark.django_db


def assert_problem(answer, status, code):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:ippro:problem:{code}")
    assert body["title"]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v2/complaints", "/api/v1/complaints/", "/api/v1/nothing", "/api/v1/nothing/"]
)
def test_an_unknown_address_is_a_problem_by_every_method(method, path):
    assert_problem(getattr(Client(enforce_csrf_checks=True), method)(path), 404, "not_found")


def test_an_unknown_thing_looks_like_an_unknown_address(sign_in):
    client = sign_in(member())
    known, unknown = client.get("/api/v1/complaints/cmp_" + "0" * 26), client.get("/api/v1/nothing")
    assert_problem(known, 404, "not_found")
    assert known.json() == unknown.json()


def test_a_method_that_is_not_for_an_address_is_a_problem(sign_in):
    answer = sign_in(member()).delete("/api/v1/complaints")
    assert_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_what_goes_wrong_on_our_side_is_a_problem_without_its_reason(sign_in, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret reason")

    monkeypatch.setattr("complaints.selectors.complaints_of", broken)
    client = sign_in(member())
    client.raise_request_exception = False
    answer = client.get("/api/v1/complaints")
    assert_problem(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()
    page = client.get("/complaints/")
    assert page.status_code == 500
    assert page["Content-Type"].startswith("text/html")


def test_unknown_pages_stay_pages(client):
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
