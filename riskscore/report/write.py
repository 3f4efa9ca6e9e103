"""A dossier or a list to a file: the suffix says how."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskscore.errors import RiskscoreError
from riskscore.explanation.dossier import Dossier
from riskscore.report.atomic import write_text
from riskscore.report.dossier_html import dossier_html
from riskscore.report.dossier_json import dossier_json
from riskscore.report.tables import write_table


def write(found: Dossier | pd.DataFrame, path: str | Path) -> Path:
    r"""Write a dossier (``.html``, ``.json``) or a frame (``.csv``, ``.json``, ``.parquet``, ``.xlsx``).

    Returns
    -------
    Path
        The file written; it is written whole or not at all, and folders on the way are made.

    Raises
    ------
    RiskscoreError
        For another suffix.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(pd.DataFrame({"rank": [1]}), Path(folder) / "list.csv").read_text()
    'rank\n1\n'
    """
    if isinstance(found, Dossier):
        return write_dossier(found, path)
    write_table(found, Path(path).suffix.lower().removeprefix("."), Path(path))
    return Path(path)


def write_dossier(dossier: Dossier, path: str | Path) -> Path:
    """Write a dossier as a page for people (``.html``) or as data (``.json``).

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
