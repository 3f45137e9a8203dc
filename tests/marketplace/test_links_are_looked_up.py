"""`POST /api/v1/marketplace/links/resolve`: what pasted links are, for whoever is signed in."""

import pytest

from accounts.models import User
from marketplace.models import LinkTemplate, Marketplace, Target

pytestmark = pytest.mark.django_db
URL = "/api/v1/marketplace/links/resolve"


@pytest.fixture
def listing(db):
    mall = Marketplace.objects.create(slug="mall", name="Mall", connector="demo")
    LinkTemplate.objects.create(
        marketplace=mall, scene="product_page", kind="listing", template="https://mall.example/product/{id}"
    )
    shop = Target.objects.create(marketplace=mall, kind="shop", external_id="s1", title="Shoes & Co")
    return Target.objects.create(
        marketplace=mall, kind="listing", external_id="1", title="Shoe", shop=shop,
        images=["https://mall.example/1.jpg"], observed="down",
    )  # fmt: skip


@pytest.fixture
def signed_in(client, db):
    client.force_login(User.objects.create_user("holder@example.com", "a long password"))
    return client


def ask(client, links):
    return client.post(URL, {"links": links}, content_type="application/json")


def test_each_line_says_what_it_is(signed_in, listing):
    answer = ask(signed_in, ["https://mall.example/product/1", "nonsense", "mall.example/product/1?a=b"])
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert first["target"] == {
        "id": listing.public_id, "kind": "listing", "title": "Shoe", "url": "", "marketplace": "Mall",
    }  # fmt: skip
    assert (first["shop"], first["image"], first["is_down"]) == (
        "Shoes & Co",
        "https://mall.example/1.jpg",
        True,
    )
    assert (second["target"], second["problem"], second["is_down"]) == (None, "not_a_link", False)
    assert second["message"]
    assert (first["same_as"], third["same_as"]) == (None, 0)


def test_who_is_not_signed_in_learns_nothing(client, listing):
    assert ask(client, ["https://mall.example/product/1"]).status_code in (401, 403)


@pytest.mark.parametrize("links", [None, "https://mall.example", [], [1], ["x"] * 501])
def test_a_wrong_list_is_a_problem(signed_in, links):
    answer = ask(signed_in, links)
    assert answer.status_code == 422
    assert answer.json()["errors"]["links"]


def test_a_null_byte_gets_its_clear_word(signed_in, listing):
    [result] = ask(signed_in, ["https://mall.example/product/1\x00"]).json()["results"]
    assert result["problem"] == "hidden_characters"


def test_the_number_of_queries_is_constant(signed_in, listing, django_assert_max_num_queries):
    ask(signed_in, ["https://mall.example/product/1"])
    with django_assert_max_num_queries(8):
        ask(signed_in, [f"https://mall.example/product/{i}" for i in range(300)])
