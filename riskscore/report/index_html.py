"""The page that lists the dossiers of a ranking; it can be sorted and searched without a network."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from riskscore.languages import translator
from riskscore.report.atomic import write_text
from riskscore.report.page import render


@dataclass(frozen=True)
class IndexEntry:
    """One dossier of a list."""

    rank: int
    entity: str
    title: str
    band: str
    file: str  # of the dossier, beside the index
    urgent: bool = False


def index_html(entries: Iterable[IndexEntry], *, recipe: str, run: str, as_of: dt.date, language: str = "en") -> str:
    """Return the page: urgent reports first, then by rank.

    Parameters
    ----------
    entries : iterable of IndexEntry
    recipe, run : str
        What made the list.
    as_of : datetime.date
        The day the list is for.

    Examples
    --------
    >>> entry = IndexEntry(1, "S-12", "A & B", "A", "S-12.html")
    >>> page = index_html([entry], recipe="site_risk", run="r1", as_of=dt.date(2025, 1, 1))
    >>> '<a href="./S-12.html"><bdi>A &amp; B</bdi></a>' in page
    True
    """
    from markupsafe import Markup

    ordered = sorted(entries, key=lambda e: (not e.urgent, e.rank, e.entity))
    script, _ = _script(), translator(language)
    return render(
        "index.html",
        _=_,
        entries=ordered,
        counted=_.plural("{n} dossier", "{n} dossiers", len(ordered)),
        bands=sorted({e.band for e in ordered}),
        links=[Markup("./" + quote(e.file)) for e in ordered],  # "./": a file called "javascript:x" stays a file
        recipe=recipe,
        run=run,
        as_of=as_of,
        script=Markup(script),
        script_hash=Markup(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()),
    )


def write_index(
    entries: Iterable[IndexEntry], path: str | Path, *, recipe: str, run: str, as_of: dt.date, language: str = "en"
) -> Path:
    """Write the page of :func:`index_html` to a file, and return its path."""
    return write_text(path, index_html(entries, recipe=recipe, run=run, as_of=as_of, language=language))


@cache
def _script() -> str:
    text = files("riskscore.report").joinpath("templates/index.js").read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")  # the hash that allows it is of these bytes
