"""The feature matrix: what was known of each entity on each date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from riskscore.definitions.feature import Family, Feature


@dataclass(frozen=True)
class FeatureColumn:
    """Where one column of the matrix comes from."""

    name: str  # family.feature.key.window
    family: Family
    feature: Feature
    key: str
    window: str  # "6m", "1095d", "all", or "now" for what has no window
    absent: str = ""  # why the column is missing everywhere: a table or column that the records lack


@dataclass(frozen=True)
class FeatureMatrix:
    """Values of every feature.

    ``frame`` has the index (entity, as_of), one float64 column per number (NaN is missing) and one categorical column
    per category; ``columns`` says what each is. Column order is the order of the definitions.
    """

    frame: pd.DataFrame
    columns: Mapping[str, FeatureColumn]

    @property
    def absent(self) -> Mapping[str, str]:
        """Columns that are missing everywhere, with the reason."""
        return {name: c.absent for name, c in self.columns.items() if c.absent}
