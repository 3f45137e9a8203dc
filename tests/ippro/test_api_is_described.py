"""The description of the API: valid OpenAPI 3.1, an example for every body and refusal, and pages that show it."""

import re

import pytest
from django.contrib.staticfiles import finders
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from ippro.api_examples import JSON, PROBLEM

#: what marketplaces call: known by their signature, and not counted
SIGNED = ("marketplace_events", "marketplace_precheck", "marketplace_sheets_")


@pytest.fixture(scope="module")
def described():
    return SchemaGenerator().get_schema(request=None, public=True)


def bodies(described):
    """Operation, where, media type and body of everything that is sent or answered."""
    for methods in described["paths"].values():
        for said in methods.values():
            for kind, body in said.get("requestBody", {}).get("content", {}).items():
                yield said["operationId"], "request", kind, body
            for status, answer in said["responses"].items():
                for kind, body in answer.get("content", {}).items():
                    yield said["operationId"], status, kind, body


def test_it_is_openapi_3_1(described):
    assert described["openapi"].startswith("3.1")
    validate_schema(described)


def test_every_operation_and_every_refusal_has_an_example_that_fits(described):
    for name, where, kind, body in bodies(described):
        if kind not in (JSON, PROBLEM):
            continue
        shown = [e["value"] for e in body.get("examples", {}).values()] or [body["example"]]
        assert shown, (name, where)
        # What rooms wrote by hand shows what matters and may leave the rest out.
        if "example" in body:
            schema = {**body["schema"], "components": described["components"]}
            assert not list(Draft202012Validator(schema).iter_errors(shown[0])), (name, where)


def test_every_body_that_is_sent_has_an_example_forms_too(described):
    without = [
        (name, kind)
        for name, where, kind, body in bodies(described)
        if where == "request" and not (body.get("examples") or "example" in body)
    ]
    assert not without


def test_every_operation_says_how_it_refuses_and_by_which_code(described):
    for methods in described["paths"].values():
        for said in methods.values():
            answers, name = said["responses"], said["operationId"]
            refusals = {status: answer for status, answer in answers.items() if status >= "400"}
            wanted = {"429"} if not name.startswith(SIGNED) else {"401"}
            wanted |= {"401", "403", "404"} if said.get("security") else set()
            wanted |= {"400", "413", "415", "422"} if "requestBody" in said else set()
            wanted |= {"412", "428"} if any(p["name"] == "If-Match" for p in said.get("parameters", ())) else set()
            assert wanted <= set(refusals), (name, wanted - set(refusals))
            for status, answer in refusals.items():
                [body] = answer["content"].values()
                shown = [e["value"] for e in body.get("examples", {}).values()] or [body["example"]]
                assert all(re.fullmatch("[a-z_]+", e["code"]) and e["status"] == int(status) for e in shown), name
                assert answer["description"], (name, status)


@pytest.mark.django_db
def test_the_description_is_made_once_and_not_sent_twice(client):
    first = client.get("/api/schema/")
    assert first["Content-Type"].startswith("application/vnd.oai.openapi")
    again = client.get("/api/schema/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    chinese = client.get("/api/schema/", headers={"accept-language": "zh-hans"})
    assert chinese["ETag"] != first["ETag"]
    assert chinese["ETag"] == client.get("/api/schema/?lang=zh-hans")["ETag"]
    as_json = client.get("/api/schema/", headers={"accept": "application/json"})
    assert as_json.json() == client.get("/api/schema/?format=json").json()
    assert {"Accept", "Accept-Language"} <= set(as_json["Vary"].replace(" ", "").split(","))


def test_every_refusal_is_a_problem(described):
    wrong = {(n, w) for n, w, kind, _b in bodies(described) if w >= "400" and w != "request" and "problem" not in kind}
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/docs/", "/api/reference/"])
def test_pages_come_from_here_and_need_nothing_that_the_policy_forbids(client, path):
    page = client.get(path)
    policy, text = page["Content-Security-Policy"], page.content.decode()
    assert "unsafe" not in policy
    assert not re.search(r"(src|href)=.(https?:)?//", text)
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
    for asset in re.findall(r'(?:src|href|data-bundle)="(/static/[^"]+)"', text):
        assert finders.find(asset.removeprefix("/static/")), asset
