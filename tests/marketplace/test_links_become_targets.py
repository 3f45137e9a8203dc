"""A pasted line of any scene becomes a target, or a clear word why not."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.links import Problem, is_template, parse_seconds, resolve
from marketplace.models import LinkTemplate, Marketplace, Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def mall(db):
    mall = Marketplace.objects.create(
        slug="mall",
        name="Mall",
        connector="demo",
        storefront_url="https://mall.example",
        config={"hosts": ["m.mall.example", "localhost:9001"]},
    )
    templates = {
        "product_page listing": "https://mall.example/product/{id}",
        "mall listing": "https://mall.example/mall/item-{id}.html",
        "supermarket listing": "https://mall.example/product/{id}?from=supermarket",
        "search listing": "https://mall.example/search?item={id}",
        "video video": "https://mall.example/video/{id}?t={seconds}",
        "livestream livestream": "https://mall.example/live/{id}?t={seconds}",
        "shop shop": "https://mall.example/shop/{id}",
    }
    for words, template in templates.items():
        scene, kind = words.split()
        LinkTemplate.objects.create(marketplace=mall, scene=scene, kind=kind, template=template)
    shop = Target.objects.create(
        marketplace=mall, kind="shop", external_id="s1", title="Shoes & Co", share_token="SHOP-8F3K"
    )
    Target.objects.create(marketplace=mall, kind="listing", external_id="1", title="Shoe", shop=shop)
    Target.objects.create(marketplace=mall, kind="listing", external_id="红鞋", title="Red shoe", shop=shop)
    Target.objects.create(marketplace=mall, kind="video", external_id="v9", title="Film", shop=shop)
    Target.objects.create(marketplace=mall, kind="livestream", external_id="l7", title="Live", shop=shop)
    return mall


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://mall.example/product/1", "product_page 1"),
        ("https://mall.example/mall/item-1.html", "mall 1"),
        ("https://mall.example/product/1?from=supermarket&utm=x", "supermarket 1"),
        ("https://mall.example/search?q=shoe&item=1", "search 1"),
        ("https://mall.example/search?q=手机&item=1", "search 1"),
        ("https://mall.example/shop/s1", "shop s1"),
        ("https://mall.example/video/v9", "video v9"),
        ("https://mall.example/live/l7", "livestream l7"),
        # what browsers, phones and people add
        ("  https://mall.example/product/1/  ", "product_page 1"),
        ("HTTPS://MALL.EXAMPLE/product/1", "product_page 1"),
        ("http://mall.example:80/product/1", "product_page 1"),
        ("https://mall.example:443//product//1#reviews", "product_page 1"),
        ("https://mall.example./product/1", "product_page 1"),
        ("https://www.mall.example/product/1", "product_page 1"),
        ("https://m.mall.example/product/1", "product_page 1"),
        ("http://localhost:9001/product/1", "product_page 1"),
        ("mall.example/product/1", "product_page 1"),
        ("//mall.example/product/1", "product_page 1"),
        ("https://mall.example/product/%31", "product_page 1"),
        ("https://mall.example/product/%E7%BA%A2%E9%9E%8B", "product_page 红鞋"),
        ("https://mall.example/product/红鞋", "product_page 红鞋"),
        ("https：／／mall.example／product／1？from＝app", "product_page 1"),
        ("看看这个 https://mall.example/product/1 复制链接", "product_page 1"),
        ("看看这个https://mall.example/product/1复制链接", "product_page 1"),
        ("（https://mall.example/product/1），很像！", "product_page 1"),
        ("https://mall.example/product/1。", "product_page 1"),
        ("https://mall.example/product/1?a=1&amp;from=supermarket", "supermarket 1"),
        ("\u200bhttps://mall.example/product/1\ufeff", "product_page 1"),
        ("https://other.example/a https://mall.example/product/1", "product_page 1"),
    ],
)
def test_a_link_of_any_scene_becomes_a_target(mall, line, expected):
    [answer] = resolve([line])
    assert not answer.problem, answer.message
    assert f"{answer.scene} {answer.target.external_id}" == expected


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("https://mall.example/video/v9?t=83", 83),
        ("https://mall.example/video/v9?t=1m23s", 83),
        ("https://mall.example/video/v9?share=x&t=1%3A23", 83),
        ("https://mall.example/video/v9?title=手机&t=83", 83),
        ("https://mall.example/video/v9#t=83", 83),
        ("https://mall.example/live/l7?t=1h2m3s", 3723),
        ("https://mall.example/video/v9?t=soon", None),
        ("https://mall.example/video/v9", None),
    ],
)
def test_the_time_in_a_film_is_kept(mall, line, seconds):
    [answer] = resolve([line])
    assert answer.target.external_id in ("v9", "l7")
    assert answer.seconds == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("83.9", 83), ("1:02:03", 3723), ("2m", 120), ("1h", 3600), ("1m30", 90),
        ("", None), ("s", None), ("1s1m", None), ("1m1m", None), ("-5", None), ("1:2:3:4", None),
        ("99999999999", None), ("٣", None), ("1e3", None), (":", None),
    ],
)  # fmt: skip
def test_seconds_are_read_as_people_write_them(text, seconds):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "line",
    [
        "复制打开 Mall，看看【Shoes & Co】 #SHOP-8F3K# 复制此条消息",
        "＃SHOP-8F3K＃",
        "SHOP-8F3K",
        "https://short.example/x7 #SHOP-8F3K#",
    ],
)
def test_a_share_text_becomes_its_shop(mall, line):
    [answer] = resolve([line])
    assert not answer.problem, answer.message
    assert (answer.scene, answer.target.external_id) == ("shop", "s1")


@pytest.mark.parametrize(
    ("line", "problem", "word"),
    [
        ("", Problem.NOT_A_LINK, "not a link"),
        ("the red shoe", Problem.NOT_A_LINK, "not a link"),
        ("https://", Problem.NOT_A_LINK, "not a link"),
        ("https://[::1/product/1", Problem.NOT_A_LINK, "not a link"),
        ("https://mall.example:99999/product/1", Problem.NOT_A_LINK, "not a link"),
        ("https://mall.example@evil.example/product/1", Problem.NOT_A_LINK, "not a link"),
        ("ftp://mall.example/product/1", Problem.NOT_A_LINK, "not a link"),
        ("https://other.example/product/1", Problem.UNKNOWN_MARKETPLACE, "other.example"),
        ("other.example/product/1", Problem.UNKNOWN_MARKETPLACE, "other.example"),
        ("https://mall.example:8443/product/1", Problem.UNKNOWN_MARKETPLACE, "mall.example"),
        ("https://mall.example/", Problem.NOT_REPORTABLE, "Mall"),
        ("https://mall.example/help/contact", Problem.NOT_REPORTABLE, "Mall"),
        ("https://mall.example/search?item=", Problem.NOT_REPORTABLE, "Mall"),
        ("https://mall.example/product/2", Problem.UNKNOWN_TARGET, "Mall"),
        ("https://mall.example/product/%00", Problem.UNKNOWN_TARGET, "Mall"),
        ("https://mall.example/product/" + "9" * 200, Problem.UNKNOWN_TARGET, "Mall"),
        ("复制打开 #SHOP-NONE# 看看", Problem.UNKNOWN_TOKEN, "share text"),
        ("https://mall.example/product/1\x00", Problem.HIDDEN_CHARACTERS, "hidden"),
        ("https://mall.example/\u202e1/tcudorp", Problem.HIDDEN_CHARACTERS, "hidden"),
        ("https://mall.example/product/\ud800", Problem.HIDDEN_CHARACTERS, "hidden"),
        ("https://mall.example/product/1?" + "x" * 5000, Problem.TOO_LONG, "too long"),
    ],
)
def test_what_is_no_target_gets_a_clear_word(mall, line, problem, word):
    [answer] = resolve([line])
    assert answer.target is None
    assert answer.problem == problem
    assert word in answer.message


@pytest.mark.parametrize(
    ("template", "usable"),
    [
        ("https://mall.example/product/{id}", True),
        ("http://localhost:9001/item-{id}.html?from=app", True),
        ("https://mall.example/search?item={id}", True),
        ("https://mall.example/video/{id}/at/{seconds}", True),
        ("https://mall.example/product", False),
        ("https://mall.example/{id}/{id}", False),
        ("https://mall.example/{shop}/{id}", False),
        ("https://{id}.mall.example/", False),
        ("https://mall.example/#/product/{id}", False),
        ("https://mall.example/video/{id}?t={seconds}s", False),
        ("mall.example/product/{id}", False),
    ],
)
def test_a_template_that_could_never_match_is_refused(template, usable):
    assert is_template(template) == usable


def test_the_template_that_says_most_is_taken(mall):
    LinkTemplate.objects.create(marketplace=mall, scene="mall", kind="listing", template="https://mall.example/{id}/1")
    [answer] = resolve(["https://mall.example/product/1"])
    assert answer.scene == "product_page"


def test_a_target_that_was_only_named_is_not_known_yet(mall):
    Target.objects.create(marketplace=mall, kind="shop", external_id="s2", version=0)
    [answer] = resolve(["https://mall.example/shop/s2"])
    assert answer.problem == Problem.UNKNOWN_TARGET


def test_a_token_of_two_shops_is_not_guessed(mall):
    Target.objects.create(marketplace=mall, kind="shop", external_id="s2", share_token="SHOP-8F3K")
    [answer] = resolve(["#SHOP-8F3K#"])
    assert answer.problem == Problem.AMBIGUOUS_TOKEN


def test_a_marketplace_that_is_disconnected_is_unknown(mall):
    Marketplace.objects.update(is_enabled=False)
    assert [a.problem for a in resolve(["https://mall.example/product/1", "SHOP-8F3K"])] == [
        Problem.UNKNOWN_MARKETPLACE,
        Problem.NOT_A_LINK,
    ]


def test_five_hundred_lines_need_few_queries(mall, django_assert_max_num_queries):
    lines = [f"https://mall.example/product/{i}" for i in range(400)] + ["#SHOP-8F3K#"] * 100
    with django_assert_max_num_queries(5):
        answers = resolve(lines)
    assert [a.link for a in answers] == lines
    assert sum(a.target is not None for a in answers) == 101


pieces = st.one_of(
    st.sampled_from(
        ["https://", "mall.example", "/product/", "1", "?", "&", "=", "#", "%", "%00", "@", ":", "[", "]", "\\",
         "{id}", "t=", "\x00", "\u202e", "：", "／", "。", "xn--", "..", " ", "SHOP-8F3K", "&amp;", "٣"]
    ),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(line=st.lists(pieces, max_size=20).map("".join))
def test_nothing_that_people_paste_raises(mall, line):
    [answer] = resolve([line])
    assert (answer.target is None) == bool(answer.problem)
    assert bool(answer.message) == bool(answer.problem)
    answer.link.encode()


@pytest.mark.parametrize("piece", ["https://", "#", "a.", "[", "%25", "?a=", "/", "://", "商", "１", ":", "@"])
def test_five_hundred_lines_of_rubbish_are_read_in_a_moment(mall, piece):
    start = time.perf_counter()
    resolve([piece * (4000 // len(piece))] * 500)
    assert time.perf_counter() - start < 15
