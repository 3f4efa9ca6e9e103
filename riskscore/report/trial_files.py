"""A trial as files in a folder: who is in which arm, what was registered as data, and the page to sign."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskscore.report.atomic import write_text
from riskscore.report.tables import as_csv
from riskscore.report.trial_html import registration_html
from riskscore.trial.registration import ALLOCATION, FILE, Registration, as_json, digest


def write_trial(registration: Registration, allocation: pd.DataFrame, folder: Path) -> list[Path]:
    """Write ``allocation.csv``, ``preregistration.json`` and ``preregistration.html``, which names both files' hashes.

    Returns
    -------
    list of Path
    """
    data = as_json(registration)
    return [
        write_text(folder / ALLOCATION, as_csv(allocation)),
        write_text(folder / FILE, data),
        write_text(folder / FILE.replace(".json", ".html"), registration_html(registration, digest(data.encode()))),
    ]
