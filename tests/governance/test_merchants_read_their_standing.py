"""A merchant reads where its shops stand, is heard, and asks for an early end; staff decide on pages of their own."""

import pytest
from django.urls import reverse

from governance.models import Penalty
from governance.penalties import services
from tests.factories import ShopFactory, member, staff
from tests.governance.penalties import decided, in_force, in_hearing, senior

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def text(answer):
    return answer.content.decode()


def test_the_list_and_the_page_of_a_shop_say_points_and_the_next_step(shop, merchant, sign_in, work_off):
    decided(shop, work_off, infringement="copied_image")
    client = sign_in(merchant)
    listed = text(client.get("/shops/"))
    assert "Bargain Shoes" in listed
    assert "from 6 points" in listed
    page = text(client.get(f"/shops/{shop.public_id}/"))
    assert "2 points" in page
    assert "4 more points lead to: no new listings." in page
    assert reverse("rule-version", args=["M4", 1]) in page


def test_a_merchant_is_heard_on_the_page_and_by_a_clear_error_if_it_says_nothing(shop, merchant, sign_in, work_off):
    decided(shop, work_off)
    penalty = Penalty.objects.get()
    client = sign_in(merchant)
    address = reverse("penalties:penalty", args=[penalty.public_id])
    # What was only proposed is nobody's business yet.
    assert client.get(address).status_code == 404
    in_hearing(penalty)
    assert 'id="statement"' in text(client.get(address))
    assert client.post(f"{address}statement/", {"text": " "}).status_code == 422
    assert client.post(f"{address}statement/", {"text": "Here are invoices."}).status_code == 302
    penalty.refresh_from_db()
    assert penalty.statement == "Here are invoices."


def test_a_merchant_asks_for_an_early_end_once_it_is_in_force(shop, merchant, sign_in, work_off, stopped):
    decided(shop, work_off)
    penalty = in_force(Penalty.objects.get(), stopped)
    client = sign_in(merchant)
    address = reverse("penalties:penalty", args=[penalty.public_id])
    assert client.post(f"{address}early-end/", {"text": "All of it is gone."}).status_code == 302
    assert "All of it is gone." in text(client.get(address))


def test_another_merchant_finds_none_of_it(shop, sign_in, work_off):
    decided(shop, work_off)
    in_hearing(Penalty.objects.get())
    client = sign_in(member())
    assert client.get(f"/shops/{shop.public_id}/").status_code == 404
    assert client.get(reverse("penalties:penalty", args=[Penalty.objects.get().public_id])).status_code == 404


def test_the_standing_asks_the_database_as_often_however_long_the_history(
    shop, merchant, sign_in, work_off, django_assert_max_num_queries
):
    client = sign_in(merchant)
    decided(shop, work_off, infringement="copied_image")
    client.get(f"/shops/{shop.public_id}/")
    with django_assert_max_num_queries(12):
        client.get(f"/shops/{shop.public_id}/")
    for _ in range(3):
        decided(shop, work_off, infringement="copied_image")
    ShopFactory(operator=shop.operator, marketplace=shop.marketplace)
    with django_assert_max_num_queries(12):
        client.get(f"/shops/{shop.public_id}/")
    with django_assert_max_num_queries(13):
        client.get("/shops/")


def test_staff_hear_confirm_and_a_second_person_puts_a_ban_in_force_on_the_page(shop, sign_in, work_off, stopped):
    for _ in range(3):
        decided(shop, work_off)
        stopped.advance(hours=1)
    penalty = Penalty.objects.get(measure="ban")
    address = reverse("admin:governance_penalty_review", args=[penalty.public_id])
    first, second = sign_in(senior()), sign_in(senior())
    assert "Hear the shop" in text(first.get(address))
    assert first.post(address, {"step": "hear", "note": "Three counterfeit decisions."}).status_code == 302
    assert first.post(address, {"step": "confirm", "note": "At once."}).status_code == 409
    stopped.advance(days=8)
    assert first.post(address, {"step": "confirm", "note": "Nobody said anything."}).status_code == 302
    assert first.post(address, {"step": "begin"}).status_code == 403
    assert second.post(address, {"step": "begin"}).status_code == 302
    penalty.refresh_from_db()
    assert penalty.state == "in_force"
    assert second.get(reverse("admin:governance_penalty_changelist")).status_code == 200
    assert sign_in(staff()).get(reverse("admin:governance_strike_changelist")).status_code == 200
    services.lift(penalty=penalty, by=senior(), reason="New owners.")
