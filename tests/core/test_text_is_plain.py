"""What people type is plain text: unseen characters are refused with a sentence, emoji are welcome."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from core.api import PlainSerializer
from core.forms import MultipleFileField, PlainForm
from core.text import PlainText, clean_text


class Form(PlainForm):
    name = forms.CharField()
    number = forms.CharField(max_length=20)
    words = forms.CharField(widget=forms.Textarea, required=False)
    email = forms.EmailField(required=False)
    link = forms.URLField(required=False, assume_scheme="https")


class Serializer(PlainSerializer):
    words = serializers.CharField()


GOOD = {"name": "张三 😀 Łódź", "number": "1", "words": "first\r\nsecond\tthird 👩‍🔬"}
UNSEEN = ["a\0b", "a\x1bb", "a\u202eb", "a\u2066b", "a\u200fb", "a\x85b", "a\u2028b", "a\ufffeb"]


def test_scripts_emoji_and_line_breaks_in_a_text_are_welcome():
    form = Form(GOOD)
    assert form.is_valid(), form.errors
    assert Serializer(data={"words": GOOD["words"]}).is_valid()


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize("field", ["name", "number", "words"])
def test_an_unseen_character_is_refused_beside_its_field(field, text):
    form = Form(GOOD | {field: text})
    assert set(form.errors) == {field}


@pytest.mark.parametrize("text", UNSEEN)
def test_a_serializer_refuses_it_too(text):
    serializer = Serializer(data={"words": text})
    assert not serializer.is_valid()
    assert set(serializer.errors) == {"words"}


def test_the_sentence_says_which_character_where():
    with pytest.raises(ValidationError, match=r"\(U\+202E\) at position 4"):
        clean_text("abc\u202ed")


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab"])
def test_a_line_has_no_breaks(text):
    with pytest.raises(ValidationError, match="This is one line"):
        clean_text(text)
    assert clean_text(text, multiline=True) == text


@pytest.mark.parametrize(
    ("field", "length", "is_valid"),
    [("name", 200, True), ("name", 201, False), ("number", 21, False), ("words", 10_000, True), ("words", 10_001, False),
     ("words", 10_000_000, False)],
)  # fmt: skip
def test_no_text_is_without_a_limit(field, length, is_valid):
    form = Form(GOOD | {field: "x" * length})
    assert form.is_valid() == is_valid
    if not is_valid:
        assert "at most" in str(form.errors[field]).lower()
        assert len(str(form.errors[field])) < 500


def test_fields_tell_the_browser_their_limit():
    assert 'maxlength="200"' in str(Form()["name"])
    assert 'maxlength="10000"' in str(Form()["words"])


def test_a_serializer_has_a_limit_too():
    assert not Serializer(data={"words": "x" * 10_001}).is_valid()


def test_clean_text_takes_blanks_away_and_makes_breaks_plain():
    assert clean_text("  a\r\nb\rc  ", multiline=True) == "a\nb\nc"
    with pytest.raises(ValidationError, match="At most 3 characters, and this has 4"):
        clean_text("abcd", max_length=3)


def test_validators_are_equal_when_they_check_the_same():
    assert PlainText(max_length=3) == PlainText(max_length=3)
    assert PlainText(max_length=3) != PlainText(multiline=True, max_length=3)
    assert hash(PlainText()) == hash(PlainText())


# --- several files ------------------------------------------------------------------------------------


class Files(forms.Form):
    papers = MultipleFileField(max_files=2, accept=[".pdf", "image/*"], required=False)


def given(*files: SimpleUploadedFile) -> Files:
    return Files({}, MultiValueDict({"papers": list(files)}))


def upload(name: str = "a.pdf", data: bytes = b"content") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_several_files_come_as_a_list():
    form = given(upload("a.pdf"), upload("b.pdf"))
    assert form.is_valid()
    assert [file.name for file in form.cleaned_data["papers"]] == ["a.pdf", "b.pdf"]
    none = given()
    assert none.is_valid()
    assert none.cleaned_data["papers"] == []


def test_a_field_that_is_required_wants_at_least_one():
    form = given()
    form.fields["papers"].required = True
    assert not form.is_valid()


def test_too_many_too_large_and_empty_files_are_refused(settings):
    assert "At most 2 files" in str(given(upload(), upload(), upload()).errors)
    assert "empty" in str(given(upload(data=b"")).errors)
    settings.MAX_UPLOAD_BYTES = 10
    assert "large.pdf is 11" in str(given(upload(), upload("large.pdf", b"x" * 11)).errors)


def test_the_browser_offers_several_files_of_these_kinds():
    drawn = str(Files()["papers"])
    assert " multiple" in drawn
    assert 'accept=".pdf,image/*"' in drawn
