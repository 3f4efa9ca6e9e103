"""Records from files, workbooks and databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from riskscore.dates import as_date, day
from riskscore.errors import MappingError, Problem, RecordsError, nearest, raise_gathered
from riskscore.records.assemble import assemble
from riskscore.records.imports.steps import is_record_store
from riskscore.records.imports.stored import read_stored
from riskscore.records.mapping import SourceMapping, TableRule
from riskscore.records.mapping_file import read_mapping
from riskscore.records.model import Records, RecordTable
from riskscore.records.part import Part, build_part
from riskscore.records.rejects import Rejects
from riskscore.records.schema import TABLES
from riskscore.records.source_table import SourceTable
from riskscore.records.sources import Container

MAPPING_FILE = "mapping.toml"


def read_records(
    source: str | Path, mapping: str | Path | None = None, *, as_known_at: str | dt.date | None = None
) -> Records:
    r"""Read records as canonical tables.

    Parameters
    ----------
    source : str or Path
        A folder with one file per table (``inspections.csv``, ``.parquet``, ``.xlsx``), a workbook with one sheet per
        table, one file with a mapping, a database URL (``sqlite:///records.db``), or a record store.
    mapping : str or Path, optional
        A TOML file that says how the source's columns fill the tables. A folder's own ``mapping.toml`` is used where
        none is given.
    as_known_at : date, optional
        Of a record store: as it stood at the end of that day. Nothing else remembers what it held.

    Returns
    -------
    Records
        Rows that cannot be used are in ``rejected_rows`` and counted by reason in ``rejected``.

    Raises
    ------
    RecordsError
        If a source cannot be read, or a table or a required column is missing.
    MappingError
        If the mapping does not fit.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-02-30\n2,S,2024-03-01\n")
    >>> records = read_records(folder)
    >>> len(records["inspections"].frame), dict(records.rejected)
    (1, {'inspections.date: is no date; the cell was emptied': 1, 'inspections.date: no date': 1})
    """
    if as_known_at is not None:
        if "://" in str(source) or not is_record_store(Path(source)):
            raise RecordsError("only a record store knows what was known on an earlier day.", where=str(source),
                               next="Make one: riskscore import RECORDS --into FOLDER")  # fmt: skip
        return read_stored(source, as_date(day(as_known_at)))
    reading = read_tolerantly(source, mapping)
    raise_gathered(reading.problems, reading.error, "the records cannot be used")
    return reading.records


@dataclass
class Reading:
    """What could be read, and what stands in the way of using it."""

    records: Records = field(default_factory=lambda: Records({}))
    problems: list[Problem] = field(default_factory=list)
    error: type[RecordsError] = RecordsError  # MappingError where the mapping is what does not fit


def read_tolerantly(source: str | Path, mapping: str | Path | None = None) -> Reading:
    """Read what can be read; a table that cannot is a problem, so that a check can tell all of them."""
    if "://" not in str(source) and is_record_store(Path(source)):
        if mapping is not None:
            raise MappingError("a record store is read as it lies; a mapping serves when importing.", where=str(source))
        return Reading(read_stored(source))
    container = Container(source)
    said = mapping_of(container, mapping)
    reading, rejects, notes = Reading(), Rejects(), []
    filtered: dict[str, int] = {}
    tables: dict[str, RecordTable] = {}
    sources: dict[str, SourceTable] = {}
    rules = rules_of(container, said)
    for name in sorted(TABLES, key=lambda n: (n != "inspections", n)):  # later tables take dates from the visits
        parts: list[Part] = []
        for rule in rules.get(name, []):
            try:
                if rule.source not in sources:
                    sources[rule.source] = container.read(said.source(rule.source))
                    notes += _source_notes(sources[rule.source])
                    lines = sources[rule.source].rejects
                    if lines is not None:
                        rejects.add_lines(lines, name)
                part = build_part(rule, sources[rule.source], said.source(rule.source))
            except RecordsError as error:
                if isinstance(error, MappingError):
                    reading.error = MappingError
                reading.problems.append(Problem(0, error.where or container.name, error.what, error.next))
                continue
            missing = missing_columns(part)
            reading.problems += missing
            if not missing:
                parts.append(part)
                filtered[name] = filtered.get(name, 0) + part.filtered
        if parts:
            tables[name], found = assemble(parts, tables.get("inspections"), rejects)
            notes += found
    if "inspections" not in tables and not reading.problems:
        there = list(container.names().values())
        reading.problems.append(
            Problem(
                0, container.name, "there is no table 'inspections', the only one that is required.",
                f"{nearest('inspections', there)} Map it, or draft a mapping: riskscore mapping suggest FILE",
            )
        )  # fmt: skip
    reading.records = Records(
        {name: tables[name] for name in TABLES if name in tables}, container.name, dict(sorted(rejects.counts.items())),
        rejects.frame(), {n: k for n, k in filtered.items() if k}, tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    return reading


def mapping_of(container: Container, mapping: str | Path | None) -> SourceMapping:
    """Return the mapping that is given, a folder's own one, or the empty one."""
    if mapping is not None:
        return read_mapping(mapping)
    own = container.path / MAPPING_FILE
    if container.database is None and not container.is_file and own.is_file():
        return read_mapping(own)
    return SourceMapping()


def rules_of(container: Container, said: SourceMapping) -> dict[str, list[TableRule]]:
    """Return the rules by table: those of the mapping, and tables that are there under their own name."""
    rules: dict[str, list[TableRule]] = {}
    for rule in said.tables:
        rules.setdefault(rule.table, []).append(rule)
    if container.is_file and not container.is_workbook and rules:
        return rules
    used = {r.source.lower() for r in said.tables}
    for source in said.sources.values():
        used |= {Path(f).stem.lower() for f in source.file} | {n.lower() for n in (source.sheet, source.table) if n}
    for small, written in container.names().items():
        if small in TABLES and small not in rules and small not in used:
            rules[small] = [TableRule(small, written)]
    if not rules and container.is_file:
        raise MappingError(
            "the file is named like no table, so a mapping is needed.", where=container.name,
            next="Draft one: riskscore mapping suggest FILE",
        )  # fmt: skip
    return rules


def missing_columns(part: Part) -> list[Problem]:
    """Return a problem for each required column that the source of a table lacks."""
    schema = part.schema
    missing = [c.name for c in schema.columns if c.required and c.name not in part.present]
    if "date" in missing and "inspection_id" in part.present and schema.name != "inspections":
        missing.remove("date")  # taken from the visit
    return [
        Problem(
            0, part.source.file, f"the table {schema.name} needs a column '{name}'.",
            f"{nearest(name, part.source.names)} Name it in a mapping: [tables.{schema.name}.columns] {name} = \"...\"",
        )
        for name in missing
    ]  # fmt: skip


def _source_notes(source: SourceTable) -> list[str]:
    private = [f"{source.file}: not read, because private: {', '.join(source.private)}."] if source.private else []
    return [*source.notes, *private]
