"""Every answer of the API says how many calls are left; who has none left is told when to go on."""

import re

import pytest

from accounts.api_keys import services
from tests.factories import member

pytestmark = pytest.mark.django_db
LIST = "/api/v1/filings"


@pytest.fixture
def by(stopped, settings):
    settings.API_CALLS_A_MINUTE = 3
    stopped.advance(seconds=20)
    return member()


def key_of(by):
    return services.make_key(organisation=by.organisation, by=by, name="x", scopes=["filings:read"], days=30)[1]


def call(client, key=""):
    return client.get(LIST, headers={"Authorization": f"Bearer {key}"} if key else {})


def test_each_answer_says_what_is_left(by, sign_in):
    answers = [call(sign_in(by)) for _n in range(2)]
    assert {a["RateLimit-Policy"] for a in answers} == {'"caller";q=3;w=60'}
    assert [a["RateLimit"] for a in answers] == ['"caller";r=2;t=40', '"caller";r=1;t=40']


def test_whoever_has_used_it_up_waits_for_the_next_minute(by, sign_in, stopped):
    browser = sign_in(by)
    for _n in range(3):
        assert call(browser).status_code == 200
    refused = call(browser)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert (refused["Retry-After"], refused["RateLimit"]) == ("40", '"caller";r=0;t=40')
    assert refused["Content-Type"] == "application/problem+json"
    stopped.advance(seconds=40)
    assert call(browser).status_code == 200


def test_keys_and_people_count_by_themselves(by, sign_in, client):
    one, other = key_of(by), key_of(by)
    for _n in range(3):
        call(client, one)
    assert call(client, one).status_code == 429
    assert call(client, other)["RateLimit"] == '"caller";r=2;t=40'
    assert call(sign_in(by)).status_code == 200


def test_a_refusal_says_it_too(by, client):
    answer = client.get("/api/v1/appeals", headers={"Authorization": f"Bearer {key_of(by)}"})
    assert answer.status_code == 403
    assert "RateLimit" not in answer, "who may not do it is not counted"
    answer = client.get(f"{LIST}/fil_{'0' * 26}", headers={"Authorization": f"Bearer {key_of(by)}"})
    assert (answer.status_code, answer["RateLimit"]) == (404, '"caller";r=2;t=40')


def test_no_limit_is_no_limit(by, sign_in, settings):
    settings.API_CALLS_A_MINUTE = 0
    browser = sign_in(by)
    answers = [call(browser) for _n in range(5)]
    assert all(a.status_code == 200 and "RateLimit" not in a for a in answers)


def test_what_everybody_may_read_says_it_of_the_address(client):
    answer = client.get("/api/v1/rules")
    assert re.fullmatch(r'"address";r=299;t=\d+', answer["RateLimit"])
