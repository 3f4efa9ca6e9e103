"""The PDF: the same words as the page, its own fonts, the same bytes every time, and nothing in it acts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from riskscore.errors import MissingExtra
from riskscore.explanation.audience import AUDIENCES
from riskscore.explanation.dossier import Document, Dossier
from riskscore.report.dossier.paper import paper_of
from riskscore.report.paper import Paper, Points, Section
from riskscore.report.paper_pdf import as_pdf

typst = pytest.importorskip("typst", reason="wants Typst: pip install 'riskscore[pdf]'")
pypdf = pytest.importorskip("pypdf", reason="wants pypdf: pip install 'riskscore[dev]'")

HOSTILE = (
    "<script>alert(1)</script>", '#import "@preview/x:0.1.0": *', '#read("/etc/passwd")', "$x^2$ *bold* _it_ `raw`",
    "=HYPERLINK(1)", "\\u{202e} // /* @ref <label>", "\u202eabc", "a\x00\x07\x1bb", "W" * 10_000,
)  # fmt: skip


def read(data: bytes) -> Any:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(data).pages))


def test_the_pdf_holds_the_words_of_the_page(dossier_of: Callable[..., Dossier]) -> None:
    d = dossier_of()
    text = text_of(as_pdf(paper_of(d)))
    wanted = [d.title, *d.facts.values(), *d.not_known, *d.cautions, "7 of 1,843", "menace of a penalty", "F-00412"]
    wanted += [r.sentence for r in (*d.reasons_for, *d.reasons_against)]
    assert [w for w in wanted if w not in text] == []
    family = "A group of values with a long name, " * 4
    long = dossier_of(reasons_for=(dataclasses.replace(d.reasons_for[0], family=family),))
    assert family.strip() in text_of(as_pdf(paper_of(long)))
    assert text.index("The indicators of forced labour") < text.index("How the ranking came about")


@pytest.mark.parametrize("audience", sorted(AUDIENCES))
def test_every_copy_is_set_on_a4_in_every_language(dossier_of: Callable[..., Dossier], audience: str) -> None:
    for language in ("en", "az", "ru"):
        found = read(as_pdf(paper_of(dossier_of(language=language, audience=audience))))
        assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in found.pages} == {(595, 842)}
        assert 2 <= len(found.pages) <= 10
        assert found.trailer["/Root"]["/Lang"] == language
        assert found.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_azerbaijani_and_cyrillic_letters_are_there_in_fonts_of_the_file(dossier_of: Callable[..., Dossier]) -> None:
    letters = "Əə Ğğ Iı İi Öö Üü Çç Şş Жалоба Щёлково №"
    data = as_pdf(paper_of(dossier_of(title=letters)))
    assert letters in text_of(data)
    fonts = [f.get_object() for p in read(data).pages for f in p["/Resources"]["/Font"].values()]
    below = [f["/DescendantFonts"][0].get_object()["/FontDescriptor"] for f in fonts]
    assert below
    assert all({"/FontFile2", "/FontFile3"} & set(f.get_object()) for f in below)
    assert not [f for f in fonts if "notdef" in str(f)]


def test_the_same_paper_gives_the_same_bytes(dossier_of: Callable[..., Dossier]) -> None:
    data = as_pdf(paper_of(dossier_of()))
    assert data == as_pdf(paper_of(dossier_of()))
    assert str(read(data).metadata["/CreationDate"]).startswith("D:20250101")


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_content_is_shown_and_does_nothing(dossier_of: Callable[..., Dossier], hostile: str) -> None:
    document = Document(hostile, hostile, dt.date(2024, 1, 1), dt.date(2024, 1, 2), hostile)
    data = as_pdf(paper_of(dossier_of(
        entity=hostile, title=hostile, facts={hostile: hostile}, recipe=hostile, run=hostile, sought=hostile,
        band=hostile, horizon=hostile, probability_note=hostile, cautions=(hostile,), not_known=(hostile,),
        documents=(document,), provenance={hostile: hostile},
    )))  # fmt: skip
    text = text_of(data).replace(" ", "")
    if "\u202e" in hostile:
        assert "\u202e" not in text
        assert "\\u202eabc" in text
    elif "\x07" in hostile:
        assert "a\\x00\\x07\\x1bb" in text
    elif len(hostile) > 1000:
        assert "(cut;10,000characters)" in text
    else:
        assert hostile.replace(" ", "") in text
    assert not re.search(rb"/(JavaScript|JS|Launch|URI|SubmitForm|EmbeddedFile|GoToR)\b", data)


def test_no_text_runs_off_the_paper() -> None:
    words = ("W" * 250, "W" * 30, "0123456789abcdef" * 4)
    data = as_pdf(Paper("en", "a", "W" * 110, "b", (), (Section("c", (Points(words),)),), "W" * 100, "2025-01-01"))
    ends: list[float] = []

    def at(text: str, user: Any, matrix: list[float], font: Any, size: float) -> None:
        ends.extend([matrix[4] * user[0] + user[4]] if text.strip() else [])

    for page in read(data).pages:
        page.extract_text(visitor_text=at)
    assert ends
    assert max(ends) < 595 - 40
    assert text_of(data).replace(" ", "").count("W" * 250) == 1, "a copy of it carries nothing between the letters"


def test_without_typst_the_message_says_what_to_install(
    dossier_of: Callable[..., Dossier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"pip install 'riskscore\[pdf\]'"):
        as_pdf(paper_of(dossier_of()))
