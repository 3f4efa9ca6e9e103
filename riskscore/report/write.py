"""A dossier or a list to a file: the suffix says how."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskscore.errors import RiskscoreError
from riskscore.explanation.audience import AUDIENCES
from riskscore.explanation.dossier import Dossier
from riskscore.report.atomic import write_bytes, write_text
from riskscore.report.dossier.paper import paper_of
from riskscore.report.dossier_json import dossier_json
from riskscore.report.model_report import ModelReport
from riskscore.report.paper_html import as_html
from riskscore.report.paper_pdf import as_pdf
from riskscore.report.tables import write_table
from riskscore.report.write_model import write_model

DOSSIER_TYPES = ("html", "pdf", "json")


def write(found: Dossier | ModelReport | pd.DataFrame, path: str | Path) -> Path:
    r"""Write a dossier, a model report or a frame, as the suffix says.

    A dossier can be ``.html``, ``.pdf`` or ``.json``, a model report ``.html`` or ``.json``; a frame ``.csv``,
    ``.json``, ``.parquet`` or ``.xlsx``.

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
    if isinstance(found, ModelReport):
        return write_model(found, path)
    write_table(found, Path(path).suffix.lower().removeprefix("."), Path(path))
    return Path(path)


def write_dossier(dossier: Dossier, path: str | Path) -> Path:
    """Write a dossier as a page for people (``.html``, ``.pdf``) or as data (``.json``).

    Raises
    ------
    RiskscoreError
        For another suffix; for a field sheet as data, since it shows no score and the data are the score's.
    MissingExtra
        For PDF where the extra ``pdf`` is not installed.
    ExplanationError
        Where the values do not add up to the margin; nothing is written then.
    """
    suffix = Path(path).suffix.lower()
    if suffix.removeprefix(".") not in DOSSIER_TYPES:
        raise RiskscoreError(
            f"a dossier cannot be written as '{suffix}'.",
            where=str(path),
            next="Name a file that ends in .html, .pdf or .json.",
        )
    if suffix == ".json":
        if not AUDIENCES[dossier.audience].score:
            raise RiskscoreError("a field sheet shows no score, so there is none as data.", where=str(path),
                                 next="Write it as .html or .pdf.")  # fmt: skip
        return write_text(path, dossier_json(dossier))
    paper = paper_of(dossier)
    return write_text(path, as_html(paper)) if suffix == ".html" else write_bytes(path, as_pdf(paper))
