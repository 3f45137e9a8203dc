"""Staff see connections, mirror, holds and orders; they change only what a service changes."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from core.models import LedgerEntry
from marketplace import connections
from marketplace.connectors.base import TransientError
from marketplace.models import Enforcement, EnforcementAttempt, Hold, LinkTemplate, Marketplace, Target
from marketplace.services import HoldCause, place_holds

pytestmark = pytest.mark.django_db
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBtYWxsIGZvciB0ZXN0cw=="


def person(email, *roles, **fields):
    user = User.objects.create_user(email, "a long password", is_staff=bool(roles), language="en", **fields)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


@pytest.fixture(autouse=True)
def second_factor_passed(settings):
    settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "SecondFactor" not in m]
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def administrator(client, db):
    client.force_login(person("admin@example.com", "administrator"))
    return client


@pytest.fixture
def reviewer(client, db):
    client.force_login(person("reviewer@example.com", "reviewer"))
    return client


@pytest.fixture
def mall(db):
    return Marketplace.objects.create(
        slug="mall", name="Mall", connector="demo", secrets='{"token": "tok-SECRET"}', inbound_secret=SECRET
    )


@pytest.fixture
def listing(mall):
    shop = Target.objects.create(
        marketplace=mall,
        kind="shop",
        external_id="s1",
        title="Shoes & Co",
        contact_email="seller@example.com",
    )
    listing = Target.objects.create(marketplace=mall, kind="listing", external_id="4711", title="Shoe", shop=shop)
    place_holds(targets=[listing], cause=HoldCause("cmp_1", "counterfeit"))
    return listing


def url(model, page="changelist", *args):
    return reverse(f"admin:marketplace_{model}_{page}", args=args)


def form_of(mall, **changes):
    empty = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    return {
        "name": mall.name, "slug": mall.slug, "is_enabled": "on", "storefront_url": "", "regime": "cn",
        "connector": mall.connector, "config": "{}", "initial-config": "{}", "new_secrets": "", "new_inbound_secret": "",
        **{f"link_templates-{name}": value for name, value in empty.items()},
        **changes,
    }  # fmt: skip


# --- secrets -----------------------------------------------------------------------------------------------


def test_secrets_never_come_back(administrator, mall):
    page = administrator.get(url("marketplace", "change", mall.pk)).content.decode()
    assert "tok-SECRET" not in page
    assert SECRET not in page
    assert "Set." in page


def test_an_empty_secret_field_keeps_what_is_set(administrator, mall):
    answer = administrator.post(url("marketplace", "change", mall.pk), form_of(mall, name="Grand Mall"))
    assert answer.status_code == 302, answer.context["errors"]
    mall.refresh_from_db()
    assert (mall.name, mall.secrets, mall.inbound_secret) == ("Grand Mall", '{"token": "tok-SECRET"}', SECRET)
    entry = LedgerEntry.objects.get(kind="marketplace.changed")
    assert entry.payload == {"changed": ["name"]}


def test_a_new_secret_replaces_the_old_one_and_stands_nowhere_else(administrator, mall):
    data = form_of(mall, new_secrets='{"token": "tok-NEW"}')
    assert administrator.post(url("marketplace", "change", mall.pk), data).status_code == 302
    mall.refresh_from_db()
    assert mall.secrets == '{"token": "tok-NEW"}'
    assert not any("tok-NEW" in str(entry.payload) for entry in LedgerEntry.objects.all())


@pytest.mark.parametrize(
    "wrong",
    [
        {"new_secrets": "token"},
        {"new_secrets": "[1]"},
        {"new_inbound_secret": "whsec_short"},
        {"new_inbound_secret": "password"},
        {"config": "[]"},
        {"config": '{"hosts": "m.mall.example"}'},
        {"config": '{"hosts": ["https://m.mall.example"]}'},
        {"connector": "nobody"},
    ],
)
def test_a_wrong_connection_is_not_saved(administrator, mall, wrong):
    answer = administrator.post(url("marketplace", "change", mall.pk), form_of(mall, name="X", **wrong))
    assert answer.status_code == 200
    mall.refresh_from_db()
    assert mall.name == "Mall"


@pytest.mark.parametrize(
    ("template", "status"),
    [("https://mall.example/product/{id}", 302), ("https://mall.example/product", 200)],
)
def test_a_link_template_must_hold_an_id(administrator, mall, template, status):
    data = form_of(
        mall,
        **{
            "link_templates-TOTAL_FORMS": "1", "link_templates-0-scene": "product_page",
            "link_templates-0-kind": "listing", "link_templates-0-template": template,
        },
    )  # fmt: skip
    assert administrator.post(url("marketplace", "change", mall.pk), data).status_code == status
    assert LinkTemplate.objects.count() == (1 if status == 302 else 0)


def test_a_reviewer_sees_whether_a_marketplace_answers_but_changes_nothing(reviewer, mall):
    page = reviewer.get(url("marketplace", "change", mall.pk))
    assert page.status_code == 200
    assert "new_secrets" not in page.content.decode()
    assert reviewer.post(url("marketplace", "change", mall.pk), form_of(mall, name="X")).status_code == 403
    assert reviewer.post(_resume(mall)).status_code == 403


def _resume(mall):
    return reverse("admin:marketplace_marketplace_resume", args=[mall.pk])


def test_the_breaker_is_reset_by_hand_and_only_by_post(administrator, mall):
    Marketplace.objects.update(breaker_failures=7, breaker_reason="502")
    administrator.get(_resume(mall))
    mall.refresh_from_db()
    assert mall.breaker_failures == 7
    answer = administrator.post(_resume(mall), {"_form_submitted": "true"})
    assert answer.status_code == 302
    mall.refresh_from_db()
    assert (mall.breaker_failures, mall.breaker_reason) == (0, "")


@pytest.mark.parametrize(
    ("outcome", "words"), [("4711: up", "answers (4711: up)"), (TransientError("no route"), "no route")]
)
def test_the_connection_can_be_tested(administrator, mall, monkeypatch, outcome, words):
    def look(*, marketplace):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("marketplace.admin.try_connection", look)
    test = reverse("admin:marketplace_marketplace_test_connection", args=[mall.pk])
    answer = administrator.post(test, {"_form_submitted": "true"}, follow=True)
    assert words in answer.content.decode()


def test_a_test_of_the_connection_looks_at_one_listing(listing, monkeypatch):
    class Edge:
        def observe(self, refs):
            return {refs[0]: "up"}

        def close(self):
            pass

    monkeypatch.setattr(connections, "open_connector", lambda marketplace: Edge())
    assert connections.try_connection(marketplace=listing.marketplace) == "4711: up"


# --- the mirror, holds and orders --------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["Shoe", "4711", "public_id"])
def test_targets_are_found_by_title_and_ids(reviewer, listing, query):
    answer = reviewer.get(url("target"), {"q": listing.public_id if query == "public_id" else query})
    assert listing in answer.context["cl"].result_list


def test_a_target_shows_its_holds_and_its_order(reviewer, listing):
    page = reviewer.get(url("target", "change", listing.pk)).content.decode()
    assert "cmp_1" in page
    assert "counterfeit" in page
    assert reviewer.post(url("target", "change", listing.pk), {"title": "X"}).status_code == 403


def test_the_contact_of_a_shop_is_masked(administrator, listing):
    page = administrator.get(url("target", "change", listing.shop.pk)).content.decode()
    assert "seller@example.com" not in page
    assert "s…@example.com" in page


def test_holds_are_only_looked_at(administrator, listing):
    hold = Hold.objects.get()
    assert administrator.get(url("hold")).status_code == 200
    assert administrator.get(url("hold", "change", hold.pk)).status_code == 200
    assert administrator.get(url("hold", "add")).status_code == 403
    assert administrator.post(url("hold", "delete", hold.pk), {"post": "yes"}).status_code == 403


def test_orders_are_listed_by_where_they_stand(administrator, listing):
    order = Enforcement.objects.get()
    for chosen, there in (("due", True), ("waiting", False), ("dead", False), ("settled", False)):
        shown = administrator.get(url("enforcement"), {"standing": chosen}).context["cl"].result_list
        assert (order in shown) == there


def test_a_dead_order_shows_its_reason_and_is_tried_again(administrator, listing):
    Enforcement.objects.update(due_at=None, dead_at="2026-03-02T12:00:00Z", last_error="403 forbidden", attempts=14)
    order = Enforcement.objects.get()
    EnforcementAttempt.objects.create(
        enforcement=order, version=1, desired="down", outcome="PermanentError", error="403", at=order.dead_at
    )
    assert "403 forbidden" in administrator.get(url("enforcement"), {"standing": "dead"}).content.decode()
    assert "PermanentError" in administrator.get(url("enforcement", "change", order.pk)).content.decode()
    again = reverse("admin:marketplace_enforcement_try_this_again", args=[order.pk])
    assert administrator.post(again, {"_form_submitted": "true"}).status_code == 302
    order.refresh_from_db()
    assert order.dead_at is None
    assert order.due_at is not None
    assert LedgerEntry.objects.filter(kind="enforcement.retried").exists()
    administrator.post(url("enforcement"), {"action": "try_again", "_selected_action": [order.pk]})
    assert LedgerEntry.objects.filter(kind="enforcement.retried").count() == 1


@pytest.mark.parametrize("model", ["marketplace", "target", "hold", "enforcement"])
def test_the_lists_need_a_constant_number_of_queries(administrator, mall, model, django_assert_max_num_queries):
    listings = [Target.objects.create(marketplace=mall, kind="listing", external_id=str(i)) for i in range(30)]
    place_holds(targets=listings, cause=HoldCause("cmp_1"))
    administrator.get(url(model))
    with django_assert_max_num_queries(26):
        assert administrator.get(url(model)).status_code == 200


def test_who_does_not_work_here_is_not_let_in(client, mall):
    client.force_login(person("holder@example.com"))
    assert client.get(url("marketplace")).status_code == 302
    nobody = person("trainee@example.com")
    User.objects.filter(pk=nobody.pk).update(is_staff=True)
    client.force_login(User.objects.get(pk=nobody.pk))
    assert client.get(url("marketplace")).status_code == 403
