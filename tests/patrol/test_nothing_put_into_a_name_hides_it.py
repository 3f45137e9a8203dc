"""Whatever stands between its letters, a name is found; and terms that would hit everything are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.normalise import Text
from patrol.models import WatchProfile, WatchTerm
from patrol.signals import words
from patrol.terms import Term, Watch, _automaton, _key, faults_of_term

NAMES = ("Novarun", "新华辞典", "Loréal", "步步高升")
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u200e\u202a\u202c\u00ad\ufe0f\U000e0041\u0336"
SIGNS = "*·._-~|/★🔥 \u3000"


def a_watch(*names):
    keys = {_key(name): [Term(1, "name", name)] for name in names}
    return Watch({}, main=_automaton(keys))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.text(UNSEEN, max_size=3), min_size=10, max_size=10))
def test_what_nobody_sees_hides_nothing(name, between):
    title = "特价 " + "".join(char + gap for char, gap in zip(name, between, strict=False)) + " 现货"
    hits = a_watch(*NAMES).hits(Text(title))
    assert [hit.term.text for hit in hits] == [name]
    assert bool({"zero_width", "bidi"} & set(hits[0].disguises)) == any(between[: len(name) - 1])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.text(SIGNS, min_size=1, max_size=3))
def test_signs_between_all_letters_hide_nothing(name, sign):
    hits = a_watch(*NAMES).hits(Text("特价 " + sign.join(name) + " 现货"))
    assert [(hit.term.text, "inserted" in hit.disguises) for hit in hits] == [(name, True)]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_read(text):
    read = Text(text)
    assert len(read.places) == len(read.squeezed)
    a_watch(*NAMES).hits(read)
    assert read.leet is not None
    assert read.folded is not None


@pytest.mark.parametrize("term", ["a", "", "  ", "**", "书", "The", "正品", "1234", "12", "ok"])
def test_a_term_that_would_hit_everything_is_refused_in_words(term):
    assert faults_of_term(term)


@pytest.mark.parametrize("term", ["Nike", "米粉", "新华辞典", "3M胶", "361度", "L'Oréal"])
def test_a_name_is_not_refused(term):
    assert faults_of_term(term) == []


def test_a_faulty_term_that_exists_anyway_does_no_harm():
    from filings.models import Filing

    profile = WatchProfile(pk=1, filing=Filing(pk=1, organisation_id=1), kind="brand")
    profile._prefetched_objects_cache = {"terms": [WatchTerm(kind="name", text=t) for t in ("a", "Novarun")]}
    watch = Watch.of([profile])
    assert watch.hits(Text("a pair of a kind")) == []
    assert [hit.words for hit in watch.hits(Text("a N0varun"))] == ["N0varun"]


def test_the_longest_name_is_meant():
    hits = a_watch("现代汉语", "现代汉语辞典").hits(Text("现代汉语辞典 第七版"))
    assert [hit.term.text for hit in hits] == ["现代汉语辞典"]


@pytest.mark.parametrize("signal", words.NAMES)
def test_every_signal_has_words_even_for_what_an_earlier_version_kept(signal):
    assert words.words({"signal": signal, "strength": 1.0, "data": {}})
