"""A form that is too large to be read is refused with the limit and the remedy, and the log stays quiet."""

import logging

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework import serializers

from core.api import PlainSerializer
from core.forms import PlainForm
from core.models import LedgerEntry
from tests.factories import member

pytestmark = pytest.mark.django_db
PAGE = "/complaints/new/"


@pytest.fixture(params=[True, False], ids=["csrf checked", "csrf not checked"])
def browser(request):
    client = Client(enforce_csrf_checks=request.param)
    client.force_login(member(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer):
    return answer.content.decode().replace("\xa0", " ")


def assert_refused(answer, *words, caplog):
    assert answer.status_code == 413
    for word in words:
        assert word in text(answer)
    assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.WARNING]
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
def test_ten_megabytes_of_text_in_a_field(browser, kind, caplog):
    fields = {"description": "x" * 10_000_000}
    if kind == "multipart":
        answer = browser.post(PAGE, fields)
    else:
        body = "description=" + fields["description"]
        answer = browser.post(PAGE, body, content_type="application/x-www-form-urlencoded")
    assert_refused(answer, "At most 2.0 MB of text", "attach the long part as a file", caplog=caplog)


def test_more_fields_than_anybody_needs(browser, caplog):
    assert_refused(browser.post(PAGE, {f"f{n}": "" for n in range(2500)}), "At most 2000 fields", caplog=caplog)


def test_more_files_than_are_taken_at_once(browser, caplog):
    many = [SimpleUploadedFile(f"{n}.png", b"x") for n in range(25)]
    assert_refused(browser.post(PAGE, {"evidence": many}), "At most 20 files", caplog=caplog)


def test_the_refusal_speaks_the_language_of_the_account():
    client = Client()
    client.force_login(member(language="zh-hans"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(PAGE, {"description": "x" * 3_000_000})
    assert answer.status_code == 413
    assert '<html lang="zh-Hans"' in text(answer)


def test_somebody_who_is_not_signed_in_hears_the_same():
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x" * 3_000_000})
    assert answer.status_code == 413


def test_uploads_of_many_files_to_the_api_are_a_problem_too():
    client = Client()
    client.force_login(member(), backend="django.contrib.auth.backends.ModelBackend")
    many = [SimpleUploadedFile(f"{n}.png", b"x") for n in range(25)]
    answer = client.post("/api/v1/evidence", {"file": many})
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert "At most 20 files" in answer.json()["title"]


@pytest.mark.parametrize("text", ["a\x00b", "a@\x00b.example", "\x00" * 300])
@pytest.mark.parametrize("field", [forms.CharField, forms.EmailField])
def test_what_is_wrong_with_a_text_is_said_once(field, text):
    form = type("Form", (PlainForm,), {"said": field()})({"said": text})
    assert len(form.errors["said"]) == 1


def test_what_is_wrong_with_a_text_is_said_once_by_the_api():
    body = type("Body", (PlainSerializer,), {"said": serializers.CharField()})(data={"said": "a\x00b"})
    assert not body.is_valid()
    assert len(body.errors["said"]) == 1
