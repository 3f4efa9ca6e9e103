"""A paper as one HTML page that needs no network and no script, and prints on A4."""

from __future__ import annotations

from riskscore.report.page import render
from riskscore.report.paper import Paper


def as_html(paper: Paper) -> str:
    """Return the page; every text in it is escaped, isolated and cut.

    Examples
    --------
    >>> page = as_html(Paper("en", "Dossier", "A & B", "Site S-1", (), (), "S-1", "2025-01-01"))
    >>> "<h1><bdi>A &amp; B</bdi></h1>" in page
    True
    """
    from markupsafe import Markup

    return render("paper.html", p=paper, svg=Markup)
