"""The dictionary of features, and the rows behind a value."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.asof.lineage import rows_behind
from riskscore.cohorts import register
from riskscore.dates import as_date, day
from riskscore.definitions.catalog import load_catalog
from riskscore.errors import DefinitionError, RecordsError, nearest
from riskscore.explanation.documents import document
from riskscore.pipeline.prepare import Chosen
from riskscore.records.model import Records

_NEVER_SHOWN = ("inspector_id", "office", "recorded_on", "trigger")  # a visit after a report would date the report


def feature_table(definitions: Path | None = None) -> pd.DataFrame:
    """Return one row per feature: family, feature, kind, table, keys, windows, indicator, what it measures."""
    rows = [
        {
            "family": family.name, "feature": f.name, "kind": f.kind, "table": f.table, "by": " ".join(f.by),
            "windows": " ".join(w.name for w in f.windows), "indicator": f.indicator.replace("_", " "),
            "measures": f.title or f.name.replace("_", " "),
        }
        for family in load_catalog(definitions).families.values()
        for f in family.features
    ]  # fmt: skip
    return pd.DataFrame(rows)


def rows_of_value(
    records: Records, chosen: Chosen, column: str, entity: str, as_of: str | dt.date
) -> tuple[object, pd.DataFrame]:
    """Return the value of one column for one entity on a day, and the rows of the records that it rests on.

    A complaint's row is shown as its quarter alone.
    """
    on = as_date(day(as_of))
    members = register(records, chosen.recipe.entity, [on])
    members = members.pick(members.entity == entity)
    if not members.entity.size:
        raise RecordsError(f"'{entity}' was not in the register on {on}.")
    matrix = build(records, chosen.families, members)
    if column not in matrix.columns:
        raise DefinitionError(f"there is no column '{column}'.", next=nearest(column, list(matrix.columns)))
    engine = Engine(records, members)
    value, found = matrix.frame[column].iloc[0], rows_behind(engine, matrix.columns, column, 0)
    frames = [
        _readable(engine, table, [i for t, i in found if t == table]) for table in dict.fromkeys(t for t, _ in found)
    ]
    return value, pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _readable(engine: Engine, table: str, at: list[int]) -> pd.DataFrame:
    """Return rows as people may see them, with the table's name in front."""
    view = engine.views[table]
    if table == "complaints":
        return pd.DataFrame({"table": table, "says": [document(view, i).says for i in at]})
    frame = view.frame.iloc[at].dropna(axis=1, how="all").drop(columns=list(_NEVER_SHOWN), errors="ignore")
    frame.insert(0, "table", table)
    return frame
