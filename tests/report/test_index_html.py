from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from riskscore.report.index_html import IndexEntry, index_html, write_index

ABOUT = {"recipe": "site_risk", "run": "r1", "as_of": dt.date(2025, 1, 1)}


def page_of(*entries: IndexEntry) -> str:
    return index_html(entries, **ABOUT)  # type: ignore[arg-type]


def test_urgent_reports_come_first_and_then_the_ranks() -> None:
    page = page_of(
        IndexEntry(3, "S-3", "c", "A", "S-3.html", urgent=True),
        IndexEntry(2, "S-2", "b", "A", "S-2.html"),
        IndexEntry(1, "S-1", "a", "A", "S-1.html"),
    )
    assert re.findall(r'href="\./(S-\d)', page) == ["S-3", "S-1", "S-2"]


def test_a_link_is_a_file_beside_the_page_whatever_its_name() -> None:
    page = page_of(IndexEntry(1, "x", "x", "A", 'javascript:alert(1)"><b>'))
    assert re.findall(r'<a href="([^"]*)"', page) == ["./javascript%3Aalert%281%29%22%3E%3Cb%3E"]


def test_names_are_escaped_and_no_name_enters_the_script() -> None:
    page = page_of(IndexEntry(1, "</script><b>", "</script><script>x", "<i>", "a.html"))
    assert page.count("<script>") == page.count("</script>") == 1
    assert "<i>" not in page


def test_the_index_speaks_every_language_and_says_where_no_speaker_read_it() -> None:
    entry = IndexEntry(1, "S-1", "Bakı", "A", "S-1.html", urgent=True)
    for language, counted in (("az", "1 dosye"), ("ru", "1 досье")):
        page = index_html([entry], **ABOUT, language=language)  # type: ignore[arg-type]
        assert f'<html lang="{language}">' in page
        assert f"<caption>{counted}</caption>" in page
        text = page.split("</style>")[1].split("<script>")[0]
        for english in ("Rank", "Band", "urgent report", "Dossiers", "Show rows", "no evidence", "Run"):
            assert english not in text
        assert "footer" in text
    assert "<footer" not in page_of(entry)


def test_without_dossiers_the_page_says_so_and_holds_no_script(tmp_path: Path) -> None:
    page = write_index([], tmp_path / "index.html", **ABOUT).read_text(encoding="utf-8")  # type: ignore[arg-type]
    assert "No dossier was written." in page
    assert "<script" not in page
