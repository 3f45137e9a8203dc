"""Calls that no program of good sense sends are refused, or answered, and are never a fault of ours."""

import json

import pytest
from django.test import Client

from tests.factories import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(sign_in):
    return sign_in(member())


@pytest.mark.parametrize("accepted", ["text/csv", "application/xml", "/", "*", "\xff", "a/b;" * 500])
def test_whatever_form_is_asked_for_an_answer_comes(api, accepted):
    answer = api.get("/api/v1/complaints", headers={"Accept": accepted})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    refused = Client().get("/api/v1/complaints", headers={"Accept": accepted})
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("charset", ["zlib", "rot13", "base64", "idna", "undefined", "utf-16"])
def test_a_charset_that_is_none_is_taken_for_utf_8(api, charset):
    kind = "application/json"
    asked = api.generic("GET", "/api/v1/complaints?number=%C3%A9", content_type=f"{kind}; charset={charset}")
    assert asked.status_code == 200
    body = json.dumps({"links": ["é"]}, ensure_ascii=False).encode()
    answer = api.generic("POST", "/api/v1/marketplace/links/resolve", body, content_type=f"{kind}; charset={charset}")
    assert answer.status_code == 200, answer.content
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n--x--\r\n'
    kind = f"multipart/form-data; charset={charset}; boundary=x"
    assert api.generic("POST", "/api/v1/complaints/sheets", form, content_type=kind).status_code == 422
    page = api.generic("POST", "/complaints/import/", form, content_type=kind)
    assert page.status_code == 422


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("asked", ["complaints?created_at_after=", "originals?created_at_before=", "rules?at="])
def test_a_moment_at_the_end_of_the_calendar_is_refused(api, asked, at):
    answer = api.get(f"/api/v1/{asked}{at.replace('+', '%2B')}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_half_of_a_character_that_is_repeated_goes_back_as_it_came(api):
    answer = api.generic("POST", "/api/v1/watch-profiles", b'{"kind": "\\ud800"}', content_type="application/json")
    assert answer.status_code == 422
    assert "\\ud800" in answer.content.decode()


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_without_end_is_no_json(api, number):
    answer = api.generic(
        "POST",
        "/api/v1/marketplace/links/resolve",
        b'{"links": [%s]}' % number.encode(),
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("depth", [64, 100, 900, 960, 100_000])
def test_a_body_that_is_nested_as_deep_as_can_just_be_read_is_refused(api, depth):
    body = b'{"links": ' + b"[" * depth + b"]" * depth + b"}"
    answer = api.generic(
        "POST", "/api/v1/marketplace/links/resolve", body, content_type="application/json",
        headers={"Idempotency-Key": f"deep-{depth}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_fault_of_ours_is_no_fault_of_the_body(api, monkeypatch, caplog):
    """A program without end is told from a body without end: it is a 500, and stands in the log."""

    def without_end(user):
        return without_end(user)

    monkeypatch.setattr("complaints.selectors.complaints_of", without_end)
    api.raise_request_exception = False
    with caplog.at_level("ERROR", logger="django.request"):
        answer = api.get("/api/v1/complaints")
    assert answer.status_code == 500
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [RecursionError]


def test_an_address_with_thousands_of_fields_is_too_large(api):
    answer = api.get(f"/api/v1/complaints?{'a=b&' * 3_000}")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
