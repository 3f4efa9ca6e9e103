"""Which columns a set of families gives for an entity, and which of them the records cannot fill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from riskscore.asof.matrix import FeatureColumn
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import Expression
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered
from riskscore.records.model import Records
from riskscore.records.schema import PARENTS, TABLES


def columns_of(families: Iterable[Family], kind: str, records: Records) -> dict[str, FeatureColumn]:
    """Return the columns in the order of the definitions.

    A feature keyed by site gives nothing for an employer. A table or a column that the records lack leaves the
    column there, missing, with the reason.

    Raises
    ------
    DefinitionError
        Gathering every name in a definition that is neither canonical nor in the records.
    """
    columns: dict[str, FeatureColumn] = {}
    problems: list[Problem] = []
    for family in families:
        for feature in family.features:
            absent = _absent(family, feature, records, problems)
            for key in feature.by:
                if key == "site" and kind == "employer":
                    continue
                # A calendar has no key of its own: it is the same for all.
                for window in [w.name for w in feature.windows] if feature.kind not in NOW else ["now"]:
                    name = f"{family.name}.{feature.name}.{key}.{window}"
                    columns[name] = FeatureColumn(
                        name, family, feature, key, window, absent or _no_key(feature, key, records)
                    )
    for name, c in columns.items():
        if c.feature.kind == "ratio":  # it lacks what one of its parts lacks
            lacking = [columns[part].absent for part in parts_of(c) if columns[part].absent]
            columns[name] = replace(c, absent=lacking[0] if lacking else "")
    raise_gathered(problems, DefinitionError, "features that do not fit the records")
    return columns


NOW = frozenset({"attribute", "calendar"})


def parts_of(ratio: FeatureColumn) -> list[str]:
    """Return the two columns that a ratio divides."""
    halves = (ratio.feature.numerator, ratio.feature.denominator)
    return [f"{ratio.family.name}.{half}.{ratio.key}.{ratio.window}" for half in halves]


def expressions(feature: Feature) -> dict[str, Expression]:
    """Return the feature's expressions by their key in the file."""
    named = {k: getattr(feature, k) for k in ("value", "where", "of", "per", "holds")}
    return {k: e for k, e in named.items() if e is not None}


def _absent(family: Family, feature: Feature, records: Records, problems: list[Problem]) -> str:
    if feature.kind in ("calendar", "ratio"):
        return ""
    if feature.table not in TABLES:
        problems.append(Problem(0, f"{family.file}: {feature.name}", f"there is no table '{feature.table}'.",
                                nearest(feature.table, list(TABLES))))  # fmt: skip
        return "no such table"
    if not records.has(feature.table):
        return f"the records have no table '{feature.table}'"
    lacking = []
    for where, expression in expressions(feature).items():
        for parent, column in [(None, c) for c in expression.columns] + list(expression.parents):
            table = feature.table if parent is None else PARENTS[parent][1] if parent in PARENTS else ""
            if not table:
                problems.append(Problem(0, f"{family.file}: {feature.name}.{where}", f"there is no parent '{parent}'.",
                                        nearest(parent or "", list(PARENTS))))  # fmt: skip
            elif not records.has(table):
                lacking.append(f"the records have no table '{table}'")
            elif column not in records[table].schema.names:
                if column not in TABLES[table].names:
                    place, near = f"{family.file}: {feature.name}.{where}", nearest(column, records[table].schema.names)
                    problems.append(Problem(1, place, f"'{table}' has no column '{column}'.", near))
            elif column not in records[table].present:
                lacking.append(f"'{table}' has no column '{column}'")
    return sorted(lacking)[0] if lacking else ""


def _no_key(feature: Feature, key: str, records: Records) -> str:
    if key == "network" and not records.has("links"):
        return "the records have no table 'links'"
    if feature.kind == "attribute" and key in ("site", "employer") and feature.table != f"{key}s":
        raise DefinitionError(
            f"an attribute by '{key}' reads table '{key}s', not '{feature.table}'.", where=feature.name
        )
    return ""
