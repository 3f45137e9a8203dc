"""Registration numbers: what passes, what is refused and with which word, and which spellings are one number."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import Invalid
from filings.models import RightKind
from filings.numbers import KIND_DIGITS, WrongNumber, latest_end_year, number_key, patent_check_digit, read_number
from seeds.world import build_world

K = RightKind
RIGHT = [
    (K.TRADEMARK, "12345678", "12345678"),
    (K.TRADEMARK, " 第 1234567 号", "1234567"),
    (K.TRADEMARK, "12345678a", "12345678A"),
    (K.TRADEMARK, "g1234567", "G1234567"),
    (K.TRADEMARK, "１２３４５６７８", "12345678"),
    (K.COPYRIGHT_WORK, "国作登字-2020-F-01234567", "国作登字-2020-F-01234567"),
    (K.COPYRIGHT_WORK, "粤作登字—2016－F－00012345", "粤作登字-2016-F-00012345"),
    (K.COPYRIGHT_SOFTWARE, "2020SR0123456", "2020SR0123456"),
    (K.COPYRIGHT_SOFTWARE, "软著登字/2020sr0123456", "2020SR0123456"),
    (K.PATENT_INVENTION, "ZL201710601862.3", "ZL201710601862.3"),
    (K.PATENT_INVENTION, "97101765.4", "ZL97101765.4"),
    (K.PATENT_INVENTION, "zl 95115608.x", "ZL95115608.X"),
    (K.GEOGRAPHICAL_INDICATION, "AGI2018-01-2345", "AGI2018-01-2345"),
    (K.GEOGRAPHICAL_INDICATION, "质检总局公告2005年第101号", "2005年第101号"),
    (K.GEOGRAPHICAL_INDICATION, "国家知识产权局公告第330号", "公告第330号"),
    (K.GEOGRAPHICAL_INDICATION, "12345678", "12345678"),
    (K.PUBLISHING, "ISBN 978-7-111-12806-9", "9787111128069"),
    (K.PUBLISHING, "7-111-12806-0", "9787111128069"),
]
WRONG = [
    (K.TRADEMARK, "", "Enter the registration number"),
    (K.TRADEMARK, "123456789", "4 to 8 digits"),
    (K.TRADEMARK, "123", "4 to 8 digits"),
    (K.TRADEMARK, "G12345", "6 or 7 digits"),
    (K.TRADEMARK, "12345678, class 25", "Leave out class"),
    (K.TRADEMARK, "1234\u202e5678", "hidden control"),
    (K.TRADEMARK, "1234\x005678", "hidden control"),
    (K.TRADEMARK, "😀12345678", "up to 8 digits"),
    (K.TRADEMARK, "1" * 65, "at most 64"),
    (K.TRADEMARK, "١٢٣٤٥٦٧٨", "up to 8 digits"),
    (K.COPYRIGHT_WORK, "国作登字-2020-F-123", "eight digits"),
    (K.COPYRIGHT_WORK, "国作登字-2020-Z-01234567", "A to L"),
    (K.COPYRIGHT_WORK, "国作登字-2999-F-01234567", "The year 2999"),
    (K.COPYRIGHT_SOFTWARE, "软著登字第1234567号", "number of the certificate"),
    (K.COPYRIGHT_SOFTWARE, "2020SR12", "six or seven digits"),
    (K.PATENT_INVENTION, "ZL201710601862", "after the point is missing"),
    (K.PATENT_INVENTION, "ZL201710601862.4", "check digit"),
    (K.PATENT_DESIGN, "ZL201710601862.3", "another kind of right (patent: invention)"),
    (K.PATENT_INVENTION, "CN107316082A", "publication number"),
    (K.PATENT_INVENTION, "ZL201770601862.0", "1, 2, 3, 8 or 9"),
    (K.GEOGRAPHICAL_INDICATION, "Longjing", "AGI2018-01-2345"),
    (K.PUBLISHING, "9787111128060", "last digit"),
    (K.PUBLISHING, "6901234567892", "begins with 978"),
    (K.PUBLISHING, "97871111", "13 digits"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "shown"), RIGHT)
def test_a_right_number_is_written_as_its_office_writes_it(kind, text, shown):
    assert read_number(kind=kind, text=text).text == shown


@pytest.mark.parametrize(("kind", "text", "words"), WRONG)
def test_a_wrong_number_is_refused_with_a_sentence_that_mends_it(kind, text, words):
    with pytest.raises(WrongNumber) as refused:
        read_number(kind=kind, text=text)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")
    assert list(refused.value.errors) == ["registration_number"]
    assert number_key(kind=kind, text=text) == ""


def test_every_spelling_of_a_number_has_one_key():
    spellings = ["ZL201710601862.3", "201710601862.3", "CN 2017 1060 1862 . 3", "ＺＬ２０１７１０６０１８６２．３"]
    assert len({number_key(kind=K.PATENT_INVENTION, text=s) for s in spellings}) == 1
    assert number_key(kind=K.COPYRIGHT_SOFTWARE, text="2015SR123456") == number_key(
        kind=K.COPYRIGHT_SOFTWARE, text="软著登字2015SR0123456"
    )


def test_a_mark_that_is_an_indication_of_origin_shares_its_key_with_trademarks():
    assert number_key(kind=K.TRADEMARK, text="12345678") == number_key(
        kind=K.GEOGRAPHICAL_INDICATION, text="第12345678号"
    )


def test_the_same_number_in_two_countries_is_two_numbers_but_a_book_is_one():
    assert number_key(kind=K.TRADEMARK, text="5678901", territory="US") != number_key(kind=K.TRADEMARK, text="5678901")
    book = {number_key(kind=K.PUBLISHING, text="9787111128069", territory=t) for t in ("CN", "US")}
    assert len(book) == 1


@pytest.mark.parametrize(("kind", "digits"), KIND_DIGITS.items())
@given(year=st.integers(2003, 2025), serial=st.integers(0, 9_999_999), data=st.data())
def test_one_mistyped_digit_of_a_patent_number_is_found(kind, digits, year, serial, data):
    body = f"{year}{data.draw(st.sampled_from(digits))}{serial:07d}"
    number = f"ZL{body}.{patent_check_digit(body)}"
    assert read_number(kind=kind, text=number).text == number
    place = data.draw(st.integers(5, 11))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != body[place]]))
    with pytest.raises(WrongNumber):
        read_number(kind=kind, text=f"ZL{body[:place]}{other}{body[place + 1 :]}.{patent_check_digit(body)}")


@given(
    kind=st.sampled_from(RightKind.values),
    text=st.text(max_size=80),
    territory=st.sampled_from(["CN", "US", "DE", "xx", "", "🇨🇳"]),
)
@example(kind="trademark", text="ﷺ" * 60, territory="US")
def test_whatever_is_typed_is_a_number_within_bounds_or_a_clear_word(kind, text, territory):
    try:
        number = read_number(kind=kind, text=text, territory=territory)
    except Invalid:
        return
    assert 0 < len(number.key) <= 64
    assert 0 < len(number.text) <= 64
    assert read_number(kind=kind, text=number.text, territory=territory) == number


def test_numbers_of_the_demo_world_are_right():
    for right in build_world(seed=2026).rights:
        read_number(kind=right.kind, text=right.number, territory=right.territory)


@pytest.mark.parametrize(
    ("kind", "text", "year"),
    [
        (K.PATENT_UTILITY, "ZL202129000203.3", 2031),
        (K.PATENT_DESIGN, "ZL202239000025.4", 2037),
        (K.PATENT_INVENTION, "97101765.4", 2022),
        (K.TRADEMARK, "12345678", None),
    ],
)
def test_a_patent_number_tells_when_protection_must_have_ended(kind, text, year):
    assert latest_end_year(kind=kind, text=text) == year
