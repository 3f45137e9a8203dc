"""Listings are told by what they say, cost and who sells them; honest ones are not."""

from decimal import Decimal

import pytest

from core import clock
from patrol import market_prices, risk
from patrol.inspecting import inspect
from patrol.models import AuthorisedShop
from patrol.signals.words import words
from patrol.tasks import measure_prices
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def book():
    return factories.a_profile(
        None, "新华辞典", kind="book", isbn="9787100069595", publisher="汉语书局", list_price="80", price_floor="40"
    )


@pytest.fixture
def shoe():
    return factories.a_profile(None, "Novarun", "诺瓦跑", kind="brand", list_price="500", price_floor="200")


def listing(title, price="30", **fields):
    shop = fields.pop("shop", None) or factories.ShopFactory(first_seen_at=clock.now().replace(year=2020))
    return factories.ListingFactory(shop=shop, title=title, price=Decimal(price), **fields)


def found(*targets, **given):
    return [(f.target, f.profile) for f in inspect(targets, **given)]


DISGUISED = [
    "新\u200b华\u200b辞典 第12版", "新華辭典 第12版", "新*华*辞*典 第12版", "新 华 辞 典 第12版", "xinhuacidian 第12版", "xin hua ci dian 学生用",
    "工具书 正版 9787100069595", "工具书 7-100-06959-9", "\u202e典辞华新\u202c 第12版", "【新·华·辞·典】", "xhcd 影印版",
]  # fmt: skip


@pytest.mark.parametrize("title", DISGUISED)
def test_a_book_is_found_under_every_disguise(book, title):
    pirate = listing(title + " 电子版", "12")
    assert found(pirate) == [(pirate, book)]


@pytest.mark.parametrize(
    "title",
    ["Νоvаrun 跑鞋", "Ｎｏｖａｒｕｎ 跑鞋", "N0varun 跑鞋", "N.o.v.a.r.u.n 跑鞋", "No\u200bvarun 跑鞋", "nuowapao 跑鞋", "诺*瓦*跑 鞋", "🅽🅾🆅🅰🆁🆄🅽 跑鞋"],
)  # fmt: skip
def test_a_brand_is_found_under_every_disguise(shoe, title):
    pirate = listing(title + " 高仿", "99")
    assert found(pirate) == [(pirate, shoe)]


@pytest.mark.parametrize(
    ("title", "price"),
    [
        ("鞋带 适用于 Novarun 跑鞋", "9"), ("Novarun 专用鞋盒", "90"), ("laces for Novarun", "9"), ("Novarun 跑鞋 专柜正品", "450"),
        ("恶搞 Novarun T恤", "30"), ("Supernovarunner 玩具", "10"), ("跑鞋 特价", "10"), ("", "10"),
        ("鞋垫 适用耐跑/Novarun/步步", "9"), ("not Novarun but good", "30"),
    ],
)  # fmt: skip
def test_honest_offers_are_left_alone(shoe, title, price):
    assert found(listing(title, price)) == []


@pytest.mark.parametrize(
    "title", ["用于《新华辞典》电子版", "《新华辞典》同步 电子版 PDF", "新华辞典 配套 影印版", "for 新华辞典 PDF"]
)
def test_a_word_of_what_goes_with_it_hides_no_copy_and_makes_it_never_sure(book, title):
    offer = listing(title, "12", shop=factories.ShopFactory())
    (one,) = inspect([offer])
    assert (one.target, one.profile) == (offer, book)
    assert risk.CANDIDATE <= one.score < risk.SURE
    assert {"text.name", "text.compatible", "wording.copy"} <= set(one.parts)


@pytest.mark.parametrize(
    "title", ["包书膜 适用《新华辞典》", "《新华辞典》配套 练习册 自编", "新华辞典 书套", "《新华辞典》读书笔记 秒发"]
)
def test_what_goes_with_a_book_is_left_alone(book, title):
    assert found(listing(title, "9")) == []


def test_pirates_own_word_beside_what_it_goes_with_is_for_people(book):
    book.terms.create(text="灰机1001", kind="code")
    assert found(listing("用于《新华辞典》 灰机1001", "9"))[0][1] == book


def test_a_longer_name_of_another_holder_hides_nobodys_own(shoe):
    other = factories.a_profile(None, "Novarun Air", kind="brand")
    of_same = factories.FilingFactory(organisation=shoe.filing.organisation, created_by=shoe.filing.created_by)
    own = factories.a_profile(None, "Novarun Zoom", kind="brand", filing=of_same)
    air, zoom = listing("Novarun Air 高仿", "99"), listing("Novarun Zoom 高仿", "99")
    assert {profile for _target, profile in found(air)} == {shoe, other}
    assert {profile for _target, profile in found(zoom)} == {own}, "of one holder it is the longer one"


def test_the_same_as_a_brand_is_not_what_goes_with_it(shoe):
    copies = [listing("Novarun 同款 高仿", "450"), listing("Novarun同款 跑鞋", "90")]
    assert {target for target, _profile in found(*copies)} == set(copies)


def test_who_may_sell_is_left_out_and_who_may_no_longer_is_not(shoe):
    genuine, ended, own = (factories.ShopFactory() for _n in range(3))
    for shop in (genuine, ended):
        shoe.filing.genuine_sellers.create(shop=shop)
    AuthorisedShop.objects.create(profile=shoe, shop=ended, is_authorised=False)
    own.operator = shoe.filing.organisation
    own.save()
    offers = [listing("No*varun 高仿", "99", shop=shop) for shop in (genuine, ended, own)]
    assert found(*offers) == [(offers[1], shoe)]


def test_whatever_kind_it_is_and_however_many_pictures_it_has_it_is_looked_at(shoe):
    shop = factories.ShopFactory(title="Novаrun 原单工厂")
    video = factories.ListingFactory(
        kind="video", shop=None, marketplace=shop.marketplace, title="N0varun 高仿", price=None
    )
    many = listing("N0varun 高仿", images=[f"https://img.example/{n}.jpg" for n in range(100)])
    nothing = factories.ListingFactory(title="", price=None, currency="", attributes={"a": [1, {"b": None}]})
    assert {t for t, _p in found(shop, video, many, nothing)} == {shop, video, many}


def test_the_number_of_queries_does_not_depend_on_the_listings(shoe, django_assert_max_num_queries):
    for n in range(30):
        listing(f"N0varun 高仿 {n}")
    from marketplace.models import Target

    targets = list(Target.objects.filter(kind="listing"))
    with django_assert_max_num_queries(17):
        assert len(inspect(targets)) == 30


def test_a_price_far_below_what_everybody_asks_is_seen():
    novel = factories.a_profile(None, "新华辞典", kind="book")
    shop = factories.ShopFactory(first_seen_at=clock.now().replace(year=2020))
    offers = [listing(f"新华辞典 现货 {n}", "60", shop=shop) for n in range(market_prices.OFFERS)]
    cheap = listing("新华辞典 复印装订", "9", shop=shop)
    assert "price.market" not in inspect([cheap])[0].parts
    assert measure_prices() == 1
    only = inspect([*offers, cheap])
    assert [(f.target, f.profile) for f in only] == [(cheap, novel)]
    said = next(s for s in only[0].seen if s.signal == "price.market")
    assert words(said.as_json()) == "9 CNY is 15% of the middle of 9 offers, 60.00 CNY."
