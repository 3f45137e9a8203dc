"""A JSON body is refused when it is too large or nested without end, before it costs anything."""

import pytest

from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/marketplace/links/resolve"


@pytest.fixture
def signed_in(client, db):
    client.force_login(User.objects.create_user("holder@example.com", "a long password"))
    return client


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"links": ["' + "x" * 3_000_000 + '"]}', 413),
        ("[" * 100_000, 400),
        ("{", 400),
        ('{"links": [NaN]}', 400),
        ("9" * 10_000, 400),
    ],
)
def test_a_body_that_is_not_reasonable_json_is_a_problem(signed_in, body, status):
    answer = signed_in.post(URL, body, content_type="application/json")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
