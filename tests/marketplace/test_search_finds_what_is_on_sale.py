"""Search finds what is publicly on sale, by words of any script and length, and by everything that narrows."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.errors import Invalid
from marketplace.models import SearchEntry, Target
from marketplace.search import engine, index
from marketplace.search.engine import Query, search
from marketplace.search.index import index_missing
from marketplace.search.words import grams_of, runs_of, typed
from marketplace.services import observed
from marketplace.tasks import index_search
from tests.factories import ListingFactory, MarketplaceFactory
from tests.marketplace.selling import a_shop, seen, sell

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def afternoon():
    with clock.frozen(NOON + timedelta(hours=6)) as stopped:
        yield stopped


@pytest.fixture(params=[8_000, 0], ids=["looked_through", "by_index"])
def both_ways(request, monkeypatch):
    """PostgreSQL looks through the newest entries and asks the index for the rest: either by itself finds the same."""
    monkeypatch.setattr(engine, "LOOKED_THROUGH", request.param)


@pytest.fixture
def mall(db):
    return MarketplaceFactory(slug="mall")


def titles(**asked):
    return [hit.target.title for hit in search(Query(**asked)).hits]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("茅台", "贵州茅台酒 53度"),
        ("茅", "贵州茅台酒 53度"),
        ("酒", "贵州茅台酒 53度"),
        ("贵州茅台", "贵州茅台酒 53度"),
        ("茅臺", "贵州茅台酒 53度"),
        ("茅台", "贵州茅臺酒"),
        ("茅台", "贵州 茅*台 酒"),
        ("ＮＩＫＥ", "Nike 运动鞋"),
        ("nike", "男鞋ＮＩＫＥ新款"),
        ("nike", "N.I.K.E 运动鞋"),
        ("phone", "适用iPhone15 手机壳"),
        ("iphone15", "适用iPhone15 手机壳"),
        ("LV", "LV 包包"),
        ("air-max", "Nike Air Max 90"),
        ("nike鞋", "2026 NIKE 鞋 男"),
        ("Café", "CAFE Royal"),
        ("カメラ", "防水カメラ"),
        ("ni\u200bke", "nike shoes"),
        ("max nike", "Nike Air Max 90"),
    ],
)
@pytest.mark.usefixtures("both_ways")
def test_words_are_found_as_people_type_them(mall, typed, title):
    sell(mall, title)
    sell(mall, "不相干的东西 something else")
    assert titles(words=typed) == [title]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("lv", "silver elves"),
        ("台茅", "贵州茅台酒"),
        ("nikes", "nike"),
        ("茅台 nike", "茅台酒"),
        ("nikike", "nike ikik ikike kik"),
    ],
)
@pytest.mark.usefixtures("both_ways")
def test_what_only_looks_like_it_is_not_found(mall, typed, title):
    sell(mall, title)
    assert titles(words=typed) == []


def test_signs_alone_find_nothing(mall):
    sell(mall, "Nike 100% %_ ' \" *")
    for signs in ("%", "_", "'", '"', "* &", "()", "\\", "!|"):
        assert titles(words=signs) == []
    assert titles(words="nike' OR 1=1 --", kinds=["listing"]) == []


def test_description_and_attributes_are_looked_through(mall):
    sell(mall, "运动鞋", description="原单尾货 KIVORRO 同款", attributes={"model": "KV-2041"})
    assert titles(words="kivorro") == titles(words="KV-2041") == ["运动鞋"]


@pytest.mark.usefixtures("both_ways")
def test_everything_narrows(mall):
    other = MarketplaceFactory(slug="other")
    shop = a_shop(mall, "港湾小店 Harbour Lane", "s1")
    shoe = sell(
        mall, "Nike 跑鞋", shop_external_id="s1", price="399.00", currency="CNY", category="鞋靴/运动鞋",
        at=NOON - timedelta(days=40),
    )  # fmt: skip
    sell(mall, "Nike 袜子", price="19.00", currency="CNY", category="袜子")
    sell(mall, "Nike 表", price="399.00", currency="USD")
    sell(mall, "Nike 开箱", kind="video")
    sell(other, "Nike 帽子")
    assert len(titles(words="nike")) == 5
    assert titles(words="nike", kinds=["video"]) == ["Nike 开箱"]
    assert titles(words="nike", kinds=["video", "livestream"]) == ["Nike 开箱"]
    assert titles(words="nike", marketplace="other") == ["Nike 帽子"]
    for asked in (
        {"shop": shop.public_id},
        {"seller": "港湾"},
        {"seller": "harbour"},
        {"category": "鞋靴/运动鞋"},
        {"category": "运动鞋"},
        {"category": "鞋靴"},
        {"currency": "CNY", "price_from": Decimal(300), "price_to": Decimal("399.00")},
        {"currency": "CNY", "price_from": Decimal("20")},
        {"published_until": NOON - timedelta(days=30)},
        {"published_since": NOON - timedelta(days=50), "published_until": NOON - timedelta(days=30)},
    ):
        assert titles(words="nike", **asked) == [shoe.title], asked
        assert [t for t in titles(**asked) if "Nike" in t] == [shoe.title], asked
    assert titles(words="nike", seller="nobody") == titles(words="nike", shop="tgt_unknown") == []
    assert titles(words="nike", currency="CNY", price_to=Decimal("19")) == ["Nike 袜子"]
    assert len(titles(words="nike", published_since=NOON - timedelta(days=1))) == 4
    assert len(titles(words="nike", changed_since=NOON)) == 5
    assert titles(words="nike", changed_since=NOON + timedelta(days=1)) == []


def test_a_price_needs_its_currency_and_a_marketplace_exists(mall):
    with pytest.raises(Invalid) as refused:
        search(Query(words="nike", price_from=Decimal(1)))
    assert "currency" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        search(Query(words="nike", marketplace="nowhere"))
    assert "marketplace" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        search(Query(words="nike"), cursor="x'; --")
    assert "cursor" in refused.value.errors


def test_only_what_is_on_sale_is_found(mall):
    shoe = sell(mall, "Nike 跑鞋", shop_external_id="named-only")
    assert titles(words="跑鞋") == ["Nike 跑鞋"]
    seen(mall, shoe, "down", at=NOON + timedelta(minutes=1))
    assert titles(words="跑鞋") == []
    seen(mall, shoe, "up", at=NOON + timedelta(minutes=2))
    assert titles(words="跑鞋") == ["Nike 跑鞋"]
    seen(mall, shoe, "missing", at=NOON + timedelta(minutes=3))
    assert titles(words="跑鞋") == []
    observed(target=shoe, state="up", at=NOON + timedelta(minutes=4))
    assert titles(words="跑鞋") == ["Nike 跑鞋"]
    # A shop that was only named by its listing says nothing of itself.
    assert not SearchEntry.objects.filter(kind="shop").exists()
    mall.is_enabled = False
    mall.save()
    assert titles(words="跑鞋") == []


def test_what_says_something_else_now_is_found_by_that_and_comes_first(mall):
    first = sell(mall, "Nike 跑鞋", external_id="1")
    sell(mall, "Nike 袜子", external_id="2")
    assert titles(words="nike") == ["Nike 袜子", "Nike 跑鞋"]
    sell(mall, "Adidas 跑鞋", external_id="1")
    assert titles(words="nike") == ["Nike 袜子"]
    assert titles(words="跑鞋") == ["Adidas 跑鞋"]
    sell(mall, "Nike 跑鞋 二代", external_id="1")
    assert titles(words="nike") == ["Nike 跑鞋 二代", "Nike 袜子"]
    assert SearchEntry.objects.filter(target=first).count() == 1


def test_what_is_seen_as_it_was_has_not_changed(mall):
    first = sell(mall, "Nike 跑鞋")
    sell(mall, "Nike 袜子")
    observed(target=first, state="up", at=NOON + timedelta(minutes=1))
    seen(mall, first, "up", at=NOON + timedelta(minutes=2))
    assert titles(words="nike") == ["Nike 袜子", "Nike 跑鞋"]


@pytest.mark.usefixtures("both_ways")
def test_pages_follow_each_other_without_gap(mall):
    for number in range(7):
        sell(mall, f"Nike 鞋 {number}")
    for order in ("newest", "best"):
        query, cursor, found = Query(words="nike", order=order), "", []
        while True:
            page = search(query, cursor=cursor, size=3)
            found.append([hit.target.title[-1] for hit in page.hits])
            if not (cursor := page.cursor):
                break
        assert found == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_the_best_match_is_what_says_it_in_its_title(mall):
    best = ["Nike Air Max 90", "鞋 Air Max Nike", "Nikes airmax", "跑鞋"]
    sell(mall, best[1])
    sell(mall, best[0])
    sell(mall, best[2])
    sell(mall, best[3], description="nike air max")
    assert titles(words="nike air max", order="best") == best


def test_a_page_takes_as_many_queries_whatever_it_finds(mall, django_assert_max_num_queries):
    a_shop(mall, "Harbour Lane", "s1")
    for number in range(30):
        sell(mall, f"Nike 鞋 {number}", shop_external_id="s1")
    for asked in (Query(words="nike"), Query(words="nike 29"), Query(words="nothing"), Query(kinds=["listing"])):
        with django_assert_max_num_queries(6):
            for hit in search(asked).hits:
                assert hit.shop.title == "Harbour Lane"
                assert hit.link


def test_what_was_there_before_search_is_indexed_later(mall):
    shop = ListingFactory(marketplace=mall, title="Nike 0").shop
    for number in (1, 2):
        ListingFactory(shop=shop, title=f"Nike {number}")
    ListingFactory(shop=shop, title="Nike gone", observed=Target.Observed.MISSING)
    assert titles(words="nike") == []
    assert list(index_missing())[-1][1] == 4
    assert len(titles(words="nike")) == 3
    assert list(index_missing())[-1][1] == 0


def test_what_an_earlier_version_made_is_made_anew_where_it_stands(mall):
    for number in range(3):
        sell(mall, f"Nike {number}")
    before = list(SearchEntry.objects.order_by("pk").values_list("pk", "target", "changed_at"))
    SearchEntry.objects.filter(pk__lte=before[1][0]).delete()
    for key, target, at in before[:2]:
        SearchEntry.objects.create(
            pk=key, target_id=target, text=" as it was  ", words="^as", marketplace=mall, kind="listing", changed_at=at,
            published_at=at, version=index.VERSION - 1,
        )  # fmt: skip
    assert titles(words="nike") == ["Nike 2"]
    assert list(index_missing())[-1] == (3, 2)
    assert titles(words="nike") == ["Nike 2", "Nike 1", "Nike 0"]
    assert list(SearchEntry.objects.order_by("pk").values_list("pk", "target", "changed_at")) == before
    assert list(index_missing())[-1][1] == 0


def test_it_may_be_stopped_and_goes_on(mall, monkeypatch):
    monkeypatch.setattr(index, "AT_ONCE", 2)
    for number in range(4):
        sell(mall, f"Nike {number}")
    SearchEntry.objects.update(version=index.VERSION - 1)
    assert next(index_missing()) == (2, 2)
    assert index_search() == 2
    assert not SearchEntry.objects.exclude(version=index.VERSION).exists()


#: by version, what it makes of the texts below
MADE = {1: "2db8aa8bda23b7a8"}


def test_whoever_changes_what_is_kept_of_a_text_raises_the_version():
    """Else entries of before are looked for by words that they do not have."""
    said = [
        ("貴州茅臺酒 500ml", "茅*台 飞天"), ("Air-Max ９７ N.I.K.E", "Ｎｉκе кроссовки"), ("LV 手提包", "ルイ・ヴィトン"),
        ("กระเป๋า Kivorro", "가방"), ("", "!?"), ("Café Ünïcode", "x" * 30),
    ]  # fmt: skip
    kept = [index.readable(title, rest) for title, rest in said]
    steps = [
        index.steps_of("Shoes / Running＞跑鞋"),
        index.price_step("p", Decimal("9.90")),
        index.price_step("f", Decimal(1)),
    ]
    shape = [index.MOST_OF_DESCRIPTION, index.MOST_OF_ATTRIBUTES, index.MOST_STEPS, index.LONGEST_STEP]
    digest = blake2b(repr((kept, steps, shape)).encode(), digest_size=8).hexdigest()
    assert MADE.get(index.VERSION) == digest, "raise index.VERSION, and write down what it makes"


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize("alternatives", [60, 2, 0])
def test_the_seller_is_found_among_any_number_of_shops_of_its_name(mall, monkeypatch, alternatives):
    monkeypatch.setattr(engine, "MOST_ALTERNATIVES", alternatives)
    shops = [a_shop(mall, f"Harbour Lane {number}", f"h{number}") for number in range(4)]
    sell(mall, "", kind="shop", name="Other shop", external_id="o", description="not of Harbour Lane")
    for number in range(4):
        sell(mall, f"Nike {number}", shop_external_id=f"h{number}")
    sell(mall, "Nike other", shop_external_id="o")
    assert titles(seller="harbour lane", kinds=["listing"]) == ["Nike 3", "Nike 2", "Nike 1", "Nike 0"]
    assert titles(words="nike", seller="harbour lane 2") == ["Nike 2"]
    assert titles(seller="harbour", shop=shops[1].public_id, kinds=["listing"]) == ["Nike 1"]
    assert titles(seller="other", shop=shops[1].public_id) == titles(seller="nobody") == titles(seller="!?") == []


@given(
    st.text(alphabet="茅台酒nikeNI ＫＥ臺.*-1", max_size=14), st.integers(0, 13), st.integers(1, 6)
)  # fmt: skip
def test_a_piece_of_a_run_has_only_grams_that_the_text_has(title, start, length):
    """What is cut out of a title is found in it, unless it is one or two Latin letters from within a word."""
    runs = runs_of(title)
    kept = set(grams_of(runs))
    for run in runs:
        piece = run[start : start + length]
        if not piece or (piece.isascii() and len(piece) < 3 and start):
            continue
        for word in typed(piece):
            assert set(word.grams) <= kept
            assert all(any(gram.startswith(beginning) for gram in kept) for beginning in word.beginnings)
            assert word.said in f" {' '.join(runs)} "


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("price", "low", "high"),
    [("0.00", "0", "0"), ("0.01", "0.01", "0.01"), ("99.99", "99.99", "100"), ("100.00", "99", "100"), ("12345678.90", "5", None), ("3.00", None, "1000000")],
)  # fmt: skip
def test_a_price_is_found_in_a_range_of_any_width(mall, price, low, high):
    sell(mall, "Nike", price=price, currency="CNY")
    sell(mall, "Nike without a price")
    asked = {"price_from": low and Decimal(low), "price_to": high and Decimal(high), "currency": "CNY"}
    assert titles(words="nike", **asked) == titles(**asked) == ["Nike"]


@pytest.mark.usefixtures("both_ways")
@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, datetime(2025, 1, 1, tzinfo=UTC), ["2019", "2024-12"]),
        (datetime(2024, 12, 31, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), ["2024-12"]),
        (datetime(2019, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), ["2019", "2024-12", "2025-01"]),
        (datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC), ["2025-01"]),
    ],
)
def test_days_of_any_span_find_what_came_on_sale_in_them(mall, since, until, found):
    for title, at in (
        ("2019", datetime(2019, 6, 1, tzinfo=UTC)),
        # In Shanghai it was another day, of another year.
        ("2024-12", datetime(2025, 1, 1, 6, tzinfo=timezone(timedelta(hours=8)))),
        ("2025-01", datetime(2025, 1, 1, tzinfo=UTC)),
    ):
        sell(mall, f"Nike {title}", at=at)
    assert sorted(titles(words="nike", published_since=since, published_until=until)) == [
        f"Nike {one}" for one in found
    ]
