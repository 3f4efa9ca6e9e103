"""A paper as PDF on A4, set by Typst: no system package, no browser, its own fonts, the same bytes every time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from importlib.resources import files
from typing import Any, Literal

from riskscore.errors import MissingExtra, RiskscoreError
from riskscore.report.cells import TEXT_LIMIT, cut, visible
from riskscore.report.page import NAME_LIMIT
from riskscore.report.paper import Paper

STANDARD: Literal["ua-1"] = "ua-1"  # headings, tables and pictures are marked for programs that read aloud


def as_pdf(paper: Paper) -> bytes:
    """Return the paper as PDF.

    What the records hold reaches Typst as data, never as markup, so that nothing in it can act. The file is dated by
    the day that the paper is for, and tagged for programs that read aloud (PDF/UA-1).

    Raises
    ------
    MissingExtra
        Where Typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise MissingExtra("PDF wants Typst.", next="pip install 'riskscore[pdf]', or print the page.") from error

    template = files("riskscore.report").joinpath("templates/paper.typ").read_bytes()
    day = dt.datetime.fromisoformat(paper.day).replace(tzinfo=dt.UTC)
    try:
        made = typst.compile(
            template,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"paper": json.dumps(_plain(dataclasses.asdict(paper)), ensure_ascii=False)},
            timestamp=day,
            pdf_standards=STANDARD,
        )
    except typst.TypstError as error:
        raise RiskscoreError(f"the page could not be set: {error.message}", where=f"PDF of '{paper.below}'") from error
    assert isinstance(made, bytes)
    return made


def _plain(value: Any, key: str = "") -> Any:
    """Return what JSON can hold; texts as a page shows them, a drawing as it is."""
    if isinstance(value, str):
        return value if key == "svg" else visible(cut(value, NAME_LIMIT if key in ("title", "below") else TEXT_LIMIT))
    if isinstance(value, dict):
        return {k: _plain(v, k) for k, v in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value
