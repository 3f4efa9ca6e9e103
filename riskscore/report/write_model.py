"""A model report to a file."""

from __future__ import annotations

from pathlib import Path

from riskscore.errors import RiskscoreError
from riskscore.report.atomic import write_text
from riskscore.report.model_html import model_html
from riskscore.report.model_json import model_json
from riskscore.report.model_report import ModelReport

MODEL_TYPES = ("html", "json")


def write_model(report: ModelReport, path: str | Path, type: str = "") -> Path:
    """Write a model report as a page for people or as data, and return its path.

    Parameters
    ----------
    type : {"html", "json"}
        Default: what the file's name ends in.

    Raises
    ------
    RiskscoreError
        For another type.
    """
    wanted = type or Path(path).suffix.lower().removeprefix(".")
    if wanted not in MODEL_TYPES:
        raise RiskscoreError(f"a model report cannot be written as '{wanted}'.", where=str(path),
                             next="Name a file that ends in .html or .json; a browser prints the page.")  # fmt: skip
    return write_text(path, model_html(report) if wanted == "html" else model_json(report))
