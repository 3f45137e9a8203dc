"""Staff word a letter anew, sentence by sentence: with its places alone, in versions, and never at the letter's cost."""

import re

import pytest
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from core import clock, ledger, letter_texts
from core.errors import Forbidden, Invalid, NotYours, WrongState
from core.models import LedgerEntry, Letter, LetterText
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
LETTER = "complaint_submitted"
PAGE = f"/admin/core/lettertext/{LETTER}/en/"
SUBJECT = "Complaint %(number)s has reached us"
COUNTED = ("we have received your complaint %(number)s about %(n)s link, resting on “%(right)s”.",)[0]


@pytest.fixture
def senior():
    return staff("senior_reviewer")


def written(work_off):
    complaint(by=member(language="en"))
    work_off()
    return Letter.objects.filter(template=LETTER).latest("pk")


def worded(senior, texts, language="en", letter=LETTER):
    return letter_texts.save_texts(letter=letter, language=language, texts=texts, by=senior)


def test_a_letter_is_written_in_staffs_words(senior, work_off):
    worded(senior, {SUBJECT: ["Thank you: {number} is here"]})
    letter = written(work_off)
    assert re.fullmatch(r"Thank you: C-\d+-\d+ is here", letter.subject)
    assert "Good day," in letter.body, "what nobody worded stays"
    assert f"{settings.BASE_URL}/complaints/cmp_" in letter.body, "and so do addresses"


def test_each_form_of_the_plural_has_its_words(senior, work_off):
    worded(senior, {COUNTED: ["{number}: {n} thing, {right}", "{number}: {n} things, {right}"]})
    assert re.search(r"C-\S+: \d+ things?, ", written(work_off).body)


def test_other_languages_keep_their_words(senior, work_off):
    worded(senior, {SUBJECT: ["{number} 收到了"]}, language="zh-hans")
    assert "has reached us" in written(work_off).subject


def test_what_is_filled_in_is_not_looked_at_again(senior, work_off):
    worded(senior, {COUNTED: ["{right} {n} {number}", "{right} {n} {number}"]})
    by = member(language="en")
    case = complaint(by=by)
    case.filing.title = "{number} {{ 7|add:1 }} {% load x %}"
    case.filing.save(update_fields=["title"])
    work_off()
    body = Letter.objects.filter(template=LETTER).latest("pk").body
    assert "{number} {{ 7|add:1 }} {% load x %} " in body


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({SUBJECT: ["It is here"]}, "“{number}” has to stay"),
        ({SUBJECT: ["{number} {password}"]}, "“{password}” is no place"),
        ({SUBJECT: ["{number}\nBcc: me"]}, "one line"),
        ({SUBJECT: ["{number}" + "x" * 2001]}, "At most 2000"),
        ({SUBJECT: ["{number}\u202e"]}, ""),
        ({COUNTED: ["{number} {n} {right}", "none"]}, "has to stay"),
    ],
)
def test_faulty_words_are_refused_by_their_sentence(senior, texts, said):
    with pytest.raises(Invalid) as refused:
        worded(senior, texts)
    assert any(said in sentence for sentences in refused.value.errors.values() for sentence in sentences)
    assert not LetterText.objects.exists()


def test_nothing_of_a_text_is_a_program(senior, work_off):
    worded(senior, {SUBJECT: ["{number} {% url 'desk' %} {{ reader.password }} {0.__class__}"]})
    assert written(work_off).subject.endswith("{% url 'desk' %} {{ reader.password }} {0.__class__}")


def test_what_the_law_asks_for_stays(senior):
    parts = letter_texts.parts_of("counter_notice_forwarded", "en", {"Good day,": ["Hello,"]})
    asked = [part for part in parts if part.law]
    assert any("You may complain to the competent authority or sue" in part.sample for part in asked)
    assert not any(part.is_editable for part in asked)
    key = next(part.sentence.key for part in asked if part.sentence)
    worded(senior, {key: ["Never mind."]}, letter="counter_notice_forwarded")
    assert LetterText.objects.get().texts == {}


def test_only_seniors_and_administrators_word_letters(senior):
    with pytest.raises(Forbidden):
        worded(staff(), {SUBJECT: ["{number}!"]})
    with pytest.raises(NotYours):
        worded(senior, {}, letter="no_such_letter")
    with pytest.raises(NotYours):
        worded(senior, {}, letter="../base")
    with pytest.raises(NotYours):
        worded(senior, {}, language="xx")


def test_each_change_is_a_version_and_an_entry_and_the_house_comes_back(senior, work_off):
    worded(senior, {SUBJECT: ["{number} A"]})
    worded(senior, {SUBJECT: ["{number} B"]})
    again = worded(senior, {SUBJECT: ["{number} B"]})
    assert again.version == 2, "the same words once more are no version"
    worded(senior, {})
    assert [row.version for row in LetterText.objects.order_by("version")] == [1, 2, 3]
    entries = LedgerEntry.objects.filter(kind="letter_text.changed")
    assert [entry.payload["sentences"] for entry in entries.order_by("pk")] == [1, 1, 0]
    assert "has reached us" in written(work_off).subject


@pytest.mark.parametrize(
    "texts", [{SUBJECT: ["{gone}"]}, {SUBJECT: []}, {SUBJECT: None}, {SUBJECT: [7]}, ["nonsense"]], ids=str
)
def test_a_letter_never_fails_for_its_words_and_staff_are_told(senior, work_off, sign_in, texts, caplog):
    """However they came to be wrong: by an upgrade of the template, or by somebody in the database."""
    LetterText.objects.create(template=LETTER, language="en", version=1, texts=texts, written_by=senior)
    assert "has reached us" in written(work_off).subject
    kept = LetterText.objects.get()
    if texts != ["nonsense"]:
        assert kept.failed_at is not None
        assert kept.last_error
        page = sign_in(senior).get("/admin/").content.decode()
        assert "Texts of letters that could not be used" in page
        assert "could not be used" in sign_in(senior).get("/admin/core/lettertext/").content.decode()


def test_staff_word_a_letter_with_a_preview(senior, sign_in):
    client = sign_in(senior)
    page = client.get(PAGE).content.decode()
    assert "Complaint {number} has reached us" in page
    assert "Complaint C-2026-000123 has reached us" in page, "the preview has samples"
    tried = client.post(PAGE, {"preview": "", "s0-0": "Look: {number}"}).content.decode()
    assert "Look: C-2026-000123" in tried
    assert not LetterText.objects.exists()
    kept = client.post(PAGE, {"save": "", "version": "0", "s0-0": "Look: {number}"})
    assert kept.status_code == 302
    assert LetterText.objects.get().texts == {SUBJECT: ["Look: {number}"]}
    client.post(PAGE, {"back": "", "version": "1", "s0-0": "Look: {number}"})
    assert "Complaint {number} has reached us" in client.get(PAGE).content.decode()


def test_nobody_undoes_what_they_have_not_seen(senior, sign_in):
    first, second = sign_in(senior), sign_in(staff("administrator"))
    assert 'name="version" value="0"' in first.get(PAGE).content.decode()
    mine = {"save": "", "version": "0", "s0-0": "Mine: {number}"}
    assert first.post(PAGE, {"save": "", "version": "0", "s0-0": "Theirs: {number}"}).status_code == 302
    for began in ("0", "-1", "", "²"):
        answer = second.post(PAGE, mine | {"version": began})
        assert answer.status_code == 409
    page = answer.content.decode()
    assert "Somebody changed this letter in the meantime" in page
    assert "Mine: {number}" in page, "what was typed is not lost"
    assert LetterText.objects.get().texts == {SUBJECT: ["Theirs: {number}"]}
    assert 'name="version" value="1"' in page, "who has seen it may replace it"
    assert second.post(PAGE, mine | {"version": "1"}).status_code == 302


def test_of_two_first_versions_at_the_same_moment_one_is_kept(senior, monkeypatch):
    """The other one commits after this one looked, and before it writes."""
    other = staff("administrator")

    def meanwhile():
        monkeypatch.undo()
        LetterText.objects.create(template=LETTER, language="en", version=1, texts={}, written_by=other)
        return clock.now()

    monkeypatch.setattr(letter_texts.clock, "now", meanwhile)
    with pytest.raises(WrongState):
        worded(senior, {SUBJECT: ["Mine: {number}"]})
    assert not LedgerEntry.objects.filter(kind="letter_text.changed").exists()


def test_the_ledger_seals_the_words_without_saying_them(senior):
    made = worded(senior, {SUBJECT: ["Look: {number}"]})
    entry = LedgerEntry.objects.get(kind="letter_text.changed")
    assert entry.payload["sha256"] == ledger.payload_hash(made.texts)
    assert "Look" not in str(entry.payload)


def test_faulty_words_come_back_with_what_is_wrong(senior, sign_in):
    answer = sign_in(senior).post(PAGE, {"save": "", "s0-0": "<script>Look</script>"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "has to stay" in page
    assert "&lt;script&gt;Look" in page
    assert not LetterText.objects.exists()


def test_others_look_and_do_not_change(sign_in):
    client = sign_in(staff())
    assert 'name="save"' not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"save": "", "s0-0": "Look: {number}"}).status_code == 403
    assert sign_in(member()).get(PAGE).status_code == 302
    assert client.get("/admin/core/lettertext/no_such/en/").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("letter", letter_texts.letters())
def test_every_letter_can_be_worded(letter, language):
    """Its own words pass the check, and each place of it has a meaning and a sample."""
    sentences = letter_texts.sentences_of(letter, language)
    assert sentences or letter == "account_changed", "its template loads `letters`, not `i18n`"
    for part in sentences:
        assert letter_texts.faults_of(part, part.house) == [], part.house
        assert {*part.sentence.places} <= {*letter_texts.PLACES}, part.sentence.places
    subject, body = letter_texts.preview(letter, language, {})
    assert subject
    assert "\n" not in subject
    assert body
    assert not re.search(r"\{\w+\}|%\(", subject + body)


def test_a_letter_is_composed_as_its_template_says(senior):
    context = {"password_reset_url": "https://ippro.example/x"}
    with translation.override("en"):
        house = render_to_string("mail/account_exists.txt", context).strip()
    with transaction.atomic():
        subject, body = letter_texts.compose("account_exists", "en", context)
    assert house == f"{subject}\n{body}".strip()
