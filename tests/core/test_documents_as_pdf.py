"""Documents as PDF: readable in Chinese and English, whatever text comes in."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from core.pdf import Document


def read(document: Document) -> PdfReader:
    return PdfReader(BytesIO(document.to_bytes()))


def text_of(document: Document) -> str:
    return "\n".join(page.extract_text() for page in read(document).pages)


def run_together(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_everything_that_was_written_can_be_read_again():
    document = (
        Document(title="处理决定 Decision", language="zh-hans", subtitle="C-2026-000123", footer="C-2026-000123")
        .heading("一、基本信息")
        .facts([("投诉人", "上海某某有限公司"), ("案号", "C-2026-000123"), ("空", "")])
        .heading("Facts")
        .paragraph("The seams differ from ours.\n缝线与正品不同，标签没有序列号。")
        .table(["链接", "Outcome"], [["https://mall.example/product/1", "upheld 成立"], ["/2", 3]])
    )
    text = text_of(document)
    for said in ("处理决定 Decision", "一、基本信息", "上海某某有限公司", "The seams differ from ours.",
                 "缝线与正品不同，标签没有序列号。", "upheld 成立", "https://mall.example/product/1"):  # fmt: skip
        assert said in text
    assert text.index("投诉人") < text.index("上海某某有限公司") < text.index("案号")
    reader = read(document)
    assert reader.metadata.title == "处理决定 Decision"
    assert reader.trailer["/Root"]["/Lang"] == "zh-Hans"
    assert [entry.title for entry in reader.outline] == ["一、基本信息", "Facts"]


def test_pages_are_numbered_in_the_documents_language():
    document = Document(title="Decision", language="en", footer="C-2026-000123")
    for _ in range(60):
        document.paragraph("A paragraph that fills its line and then goes on into another one. " * 3)
    pages = [page.extract_text() for page in read(document).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "C-2026-000123" in page


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("genuine 😀 goods", "genuine [U+1F600] goods"),
        ("𠀀 rare", "[U+20000] rare"),
        ("👩\u200d🔬", "[U+1F469][U+1F52C]"),
        ("read \u202ethis\u202c", "read this"),
        ("null\0 and \x1b", "null and"),
        ("tab\there", "tab here"),
        ("no\u00a0break", "no\u00a0break"),
        ("{nb} **bold** <b>", "**bold** <b>"),
    ],
)
def test_characters_that_the_font_lacks_are_told_and_break_nothing(hostile, shown):
    document = Document(title=hostile, language="en", subtitle=hostile, footer=hostile)
    document.heading(hostile).paragraph(hostile).facts([(hostile, hostile)]).table([hostile], [[hostile]])
    assert run_together(text_of(document)).count(run_together(shown)) >= 6


@pytest.mark.parametrize("word", ["长文本", "word ", "W" * 3000, "（《", "，。"])
def test_long_text_wraps_everywhere_and_nothing_is_lost(word):
    text = (word * 3000)[:9000]
    document = Document(title=text[:300], language="zh-hans", footer=text)
    document.heading(text[:300]).paragraph(text).facts([("label", text), (text[:400], "value")])
    document.table(["a", "b", "c"], [["1", text, text[:500]]])
    said = run_together(text_of(document))
    assert said.count(run_together(word)[:3]) >= 100
    reader = read(document)
    assert len(reader.pages) > 2
    for page in reader.pages:
        at = []
        page.extract_text(visitor_text=lambda text, cm, tm, *rest, at=at: at.append(tm[4]) if text.strip() else None)
        assert max(at) < 595 - 40


def test_ideographs_break_anywhere_but_before_a_closing_mark():
    document = Document(title="t", language="zh-hans")
    document._pdf.set_font("body", size=10.5)
    lines = document._lines("缝线与正品不同，标签没有序列号。" * 20, 100)
    assert len(lines) > 5
    assert not [line for line in lines if line[0] in "，。"]
    assert "".join(lines) == "缝线与正品不同，标签没有序列号。" * 20


def test_words_and_numbers_are_not_torn():
    document = Document(title="t", language="zh-hans")
    document._pdf.set_font("body", size=10.5)
    lines = document._lines("案号C-2026-000123和complaint已经受理。" * 20, 60)
    assert sum("C-2026-000123" in line for line in lines) >= 15
    assert "".join(lines).count("C-2026-000123") == 20


def test_a_table_of_many_rows_repeats_its_head():
    document = Document(title="t", language="en")
    document.table(["Link", "Outcome"], [[f"https://mall.example/product/{n}", "upheld"] for n in range(150)])
    pages = [page.extract_text() for page in read(document).pages]
    assert len(pages) > 2
    assert all("Outcome" in page for page in pages)


def test_an_empty_table_and_a_table_of_many_columns():
    document = Document(title="t", language="en").table(["one"], []).table([str(n) for n in range(12)], [["x"] * 12])
    assert "11" in text_of(document)


def test_the_same_content_at_the_same_moment_is_the_same_bytes(stopped):
    def made() -> bytes:
        return Document(title="Decision", language="en").heading("一").facts([("a", "b")]).to_bytes()

    first = made()
    assert made() == first
    assert PdfReader(BytesIO(first)).metadata.creation_date == stopped.advance(seconds=0)
    stopped.advance(days=1)
    assert made() != first
