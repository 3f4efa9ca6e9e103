"""A dossier to a file: the suffix says how."""

from __future__ import annotations

from pathlib import Path

from riskscore.errors import RiskscoreError
from riskscore.explain.dossier import Dossier
from riskscore.report.atomic import write_text
from riskscore.report.dossier_html import dossier_html
from riskscore.report.dossier_json import dossier_json


def write_dossier(dossier: Dossier, path: str | Path) -> Path:
    """Write a dossier as a page for people (``.html``) or as data (``.json``).

    Parameters
    ----------
    dossier : Dossier
    path : str or Path
        Its suffix chooses the form; folders on the way are made, and the file is written whole or not at all.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RiskscoreError
        For another suffix.
    ExplanationError
        Where the values do not add up to the margin; nothing is written then.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".html", ".json"):
        raise RiskscoreError(
            f"a dossier cannot be written as '{suffix}'.",
            where=str(path),
            next="Name a file that ends in .html or .json; a browser prints the page to PDF.",
        )
    return write_text(path, dossier_html(dossier) if suffix == ".html" else dossier_json(dossier))
