"""What came of a refresh, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.report.page import render
from riskscore.report.watch.drift import KINDS, number


def refresh_html(said: Mapping[str, Any]) -> str:
    """Return the page of a refresh.

    Parameters
    ----------
    said : mapping
        What the report's ``manifest.json`` holds: outcome, why and recipe; where a run was made also what came in, the
        run with its card, what drifted, and what the gate said.

    Examples
    --------
    >>> page = refresh_html({"outcome": "failed", "why": ["no extract lies there."], "recipe": "site_risk"})
    >>> "nobody else came into office" in page
    True
    """
    return render("refresh.html", r=said, kinds=KINDS, number=_number)


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)
