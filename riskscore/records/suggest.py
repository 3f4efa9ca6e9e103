"""Drafting a mapping from headers and values; a person corrects it, so each guess says why and how sure it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from riskscore.errors import RecordsError
from riskscore.records.cells import Words, as_words
from riskscore.records.headers import Match, match_columns, synonyms
from riskscore.records.mapping import SourceRule
from riskscore.records.names import as_column_name, fold, unique_names
from riskscore.records.schema import TABLES
from riskscore.records.source_table import SourceTable
from riskscore.records.sources import Container
from riskscore.records.written_dates import FORMATS, parse_dates

_ROWS = 5000  # rows looked at
_OWN = {"employers": ("tax_number", "name", "sector", "employer_kind"), "sites": ("site_type", "district", "latitude")}


@dataclass
class _Draft:
    """One table drafted from one source; a table that cannot load yet is written as a comment."""

    table: str
    source: str
    lines: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    lacks: str = ""


def suggest_mapping(files: Iterable[str | Path]) -> str:
    r"""Draft a mapping for one or several exports.

    Parameters
    ----------
    files : iterable of str or Path
        CSV, Parquet or Excel files. Every sheet of a workbook is a source.

    Returns
    -------
    str
        TOML that ``read_records`` accepts: sources with what was found out about them, tables with guessed columns,
        and comments on how sure each guess is and what was left over.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "yoxlamalar.csv"
    >>> _ = path.write_text("Akt nömrəsi;VÖEN;Yoxlama tarixi\n1;0012345678;31.01.2024\n", encoding="utf-8")
    >>> [line for line in suggest_mapping([path]).splitlines() if line.startswith("date =")]
    ['date = "Yoxlama tarixi"  # sure: the header reads \'yoxlama tarixi\'']
    """
    head = ["# A draft: read every line, correct it, then run the check.", ""]
    drafts: list[_Draft] = []
    keys: list[str] = []
    for path in files:
        container = Container(path)
        for name in container.names().values() if container.is_workbook else [Path(path).stem]:
            rule = SourceRule(name, sheet=name if container.is_workbook else None)
            source = container.read(rule)
            key = unique_names([*keys, as_column_name(name)])[-1]
            keys.append(key)
            table, lines, found = _drafted(key, name, source)
            bare = key if key.isascii() else _quoted(key)  # TOML has bare keys in ASCII only
            head += [f"[sources.{bare}]", f"file = {_quoted(Path(path).name)}", *_written(source, rule), *lines, ""]
            if table is None:
                head += [f"# No table fits {name}: its columns are {', '.join(map(_quoted, source.names))}.", ""]
            drafts += found
    if not keys:
        raise RecordsError("no file was given.", next="Name one or more exports.")
    return "\n".join([*head, *_rendered(drafts)])


def _drafted(key: str, name: str, source: SourceTable) -> tuple[str | None, list[str], list[_Draft]]:
    columns = {n: as_words(source.data.column(n).slice(0, _ROWS)) for n in source.names}
    scored = sorted(((_score(columns, t, name, source.decimal), t) for t in TABLES), key=lambda s: (-s[0], s[1]))
    score, table = scored[0]
    if score <= 0:
        return None, [], []
    matches = {m.column: m for m in match_columns(columns, table, source.decimal)}
    entities = {t: {m.column: m for m in match_columns(columns, t, source.decimal)} for t in _OWN if t != table}
    _add_employer(matches, entities.get("employers", {}), table)
    drafts = [_of_table(table, key, matches, columns)]
    for entity, own in entities.items():
        identity = f"{TABLES[entity].singular}_id"
        if identity in matches and any(c in own for c in _OWN[entity]):
            own = {**{c: m for c, m in own.items() if c in TABLES[entity].names}, identity: matches[identity]}
            if entity == "sites" and "employer_id" in matches:
                own["employer_id"] = matches["employer_id"]
            own = {c: m for c, m in own.items() if c not in ("known_on", "valid_from", "date")}
            draft = _of_table(entity, key, own, columns)
            draft.lines += ["deduplicate = true  # one row per change", "as_of_now = true  # no date says since when"]
            drafts.append(draft)
    used = {m.header for d in (matches, *entities.values()) for m in d.values()}
    rest = [n for n in source.names if n not in used]
    main = {m.header for m in matches.values()}
    moved = [n for n in source.names if n in used and n not in main]
    if moved:
        drafts[0].lines.append(f"drop = [{', '.join(map(_quoted, moved))}]  # they belong to another table")
    lines = _dates_said(columns, [m for m in matches.values() if TABLES[table].column(m.column).type == "date"])
    if rest:
        lines.append(f"# Not recognised, kept as further columns of {table}: {', '.join(map(_quoted, rest))}")
    return table, lines, drafts


def _score(columns: dict[str, Words], table: str, name: str, decimal: str) -> float:
    """Return how well a table fits: columns that few tables have count more, and so does the file's name."""
    shared = {c: sum(c in t.names for t in TABLES.values()) for c in TABLES[table].names}
    score = sum(m.sure / shared[m.column] for m in match_columns(columns, table, decimal) if m.sure >= 0.5)
    folded = fold(name)
    if folded in synonyms("tables").get(table, (table,)):
        return score + 3
    return score + (1.5 if any(w in folded for w in synonyms("tables").get(table, (table,))) else 0)


def _add_employer(matches: dict[str, Match], employers: dict[str, Match], table: str) -> None:
    """Where no code names the employer, its tax number or its name does."""
    if table == "employers" or "employer_id" not in TABLES[table].names or "employer_id" in matches:
        if table == "employers" and "employer_id" not in matches and "tax_number" in matches:
            number = matches["tax_number"]
            matches["employer_id"] = Match(number.header, "employer_id", 0.6, "the tax number identifies the employer")
        return
    taken = {m.header for m in matches.values()}
    for column in ("employer_id", "tax_number", "name"):
        match = employers.get(column)
        if match is not None and match.header not in taken:
            why = "no code of the employer, so this column identifies it"
            matches["employer_id"] = Match(match.header, "employer_id", 0.5, why)
            return


def _of_table(table: str, key: str, matches: dict[str, Match], columns: dict[str, Words]) -> _Draft:
    schema = TABLES[table]
    draft = _Draft(table, key)
    for column in schema.columns:
        match = matches.get(column.name)
        if match is not None:
            written, comment = _column(match, columns[match.header], column.choices)
            draft.columns.append(f"{column.name} = {written}  # {comment}")
    if schema.id not in matches:
        parts = [matches[c].header for c in ("employer_id", "site_id", "inspection_id", "date") if c in matches]
        if parts and schema.kind == "event":
            joined = ", ".join(map(_quoted, parts))
            draft.columns.insert(
                0, f"{schema.id} = {{ join = [{joined}], number = true }}  # no column identifies a row"
            )
        else:
            draft.lacks = schema.id
    needed = [c.name for c in schema.columns if c.required and c.name not in matches and c.name != schema.id]
    if "date" in needed and "inspection_id" in matches and table != "inspections":
        needed.remove("date")
    draft.lacks = ", ".join(filter(None, [draft.lacks, *needed]))
    if schema.kind == "event" and "known_on" not in matches:
        draft.lines.append(
            '# known_on = "date + 14 days"  # say when the office learns of it; without it, on the day itself'
        )
    if schema.kind == "event":
        draft.lines.append("# covers_from = 2020-01-01  # say since when the records are complete")
    return draft


def _column(match: Match, words: Words, choices: tuple[str, ...]) -> tuple[str, str]:
    how = "sure" if match.sure >= 0.95 else "likely" if match.sure >= 0.7 else "perhaps"
    comment = f"{how}: {match.why}"
    if not choices:
        return _quoted(match.header), comment
    values, unknown = {}, []
    for word in sorted(words.words.to_pylist())[:40]:
        named = [c for c in choices if fold(word) in synonyms("values").get(c, (fold(c),))]
        if named and named[0] != word:
            values[word] = named[0]
        elif not named:
            unknown.append(word)
    if unknown:
        comment += f"; of {', '.join(choices)} none fits {', '.join(_quoted(w[:40]) for w in unknown[:10])}"
    if not values:
        return _quoted(match.header), comment
    pairs = ", ".join(f"{_quoted(k)} = {_quoted(v)}" for k, v in values.items())
    return f"{{ from = {_quoted(match.header)}, values = {{ {pairs} }} }}", comment


def _written(source: SourceTable, rule: SourceRule) -> list[str]:
    lines = [f"sheet = {_quoted(rule.sheet)}"] if rule.sheet else []
    if source.encoding:
        lines.append(f"encoding = {_quoted(source.encoding)}")
        lines.append(f"delimiter = {_quoted(source.delimiter)}")
        lines.append(f"decimal = {_quoted(source.decimal)}")
    if source.private:
        lines.append(f"private = [{', '.join(map(_quoted, source.private))}]  # never read: it leads to a person")
    return lines


def _dates_said(columns: dict[str, Words], matches: list[Match]) -> list[str]:
    formats = {}
    for match in matches:
        words = columns[match.header].words
        if len(words):
            found = parse_dates(words.to_pandas().astype("str"))
            formats[found.format] = found.ambiguous
    if len(formats) != 1 or next(iter(formats)) == FORMATS[0]:
        return []
    written, ambiguous = next(iter(formats.items()))
    doubt = "  # perhaps: the month could come first" if ambiguous else ""
    return [f"dates = {_quoted(written)}{doubt}"]


def _rendered(drafts: list[_Draft]) -> list[str]:
    lines = []
    for draft in drafts:
        several = sum(d.table == draft.table and not d.lacks for d in drafts) > 1
        header = f"[[tables.{draft.table}]]" if several else f"[tables.{draft.table}]"
        block = [
            header,
            f"source = {_quoted(draft.source)}",
            *draft.lines,
            f"[tables.{draft.table}.columns]",
            *draft.columns,
        ]
        if draft.lacks:
            block = [f"# {line}" for line in block]
            block.insert(0, f"# The table {draft.table} needs {draft.lacks}; name it, then take the '#' away.")
        lines += [*block, ""]
    return lines


def _quoted(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False).replace("\x7f", "\\u007f")
