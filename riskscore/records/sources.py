"""Where records lie: a folder, a workbook, one file or a database, each a set of named sources."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from riskscore.errors import RecordsError, nearest
from riskscore.records.database import Database
from riskscore.records.excel_file import read_excel_file, sheet_names
from riskscore.records.mapping import SourceRule
from riskscore.records.parquet_file import read_parquet_file
from riskscore.records.source_table import SourceTable, stack
from riskscore.records.text_file import read_text_file

TEXT = (".csv", ".tsv", ".txt")
EXCEL = (".xlsx", ".xlsm")
READABLE = (*TEXT, ".parquet", *EXCEL)


class Container:
    """What a user names as the source of records.

    Parameters
    ----------
    source : str or Path
        A folder of files, a workbook, one file, or a database URL.
    """

    def __init__(self, source: str | Path) -> None:
        self.database: Database | None = None
        self.path = Path()
        if isinstance(source, str) and "://" in source:
            self.database = Database(source)
            self.name = self.database.name
            return
        self.path = Path(source)
        self.name = self.path.name or str(self.path)
        if not self.path.exists():
            raise RecordsError("there is no such file or folder.", where=str(source), next="Check the path.")
        if self.is_file and self.path.suffix.lower() not in READABLE:
            raise RecordsError(
                f"files of kind '{self.path.suffix}' are not read.", where=self.name,
                next="Save it as .csv, .parquet or .xlsx.",
            )  # fmt: skip

    @property
    def is_file(self) -> bool:
        """Say whether it is one file: then every source of a mapping is this file."""
        return self.database is None and (self.path.is_file() or _is_partitioned(self.path))

    @property
    def is_workbook(self) -> bool:
        """Say whether it is one workbook, whose sheets are sources."""
        return self.is_file and self.path.suffix.lower() in EXCEL

    def names(self) -> dict[str, str]:
        """Return the sources that are there: name in small letters to name as written."""
        if self.database is not None:
            found = self.database.names()
        elif self.is_workbook:
            found = sheet_names(self.path)
        elif self.is_file:
            found = [self.path.stem]
        else:
            found = [p.stem for p in sorted(self.path.iterdir()) if _holds_rows(p)]
        return {name.lower(): name for name in sorted(found, reverse=True)}

    def files_of(self, rule: SourceRule) -> list[Path]:
        """Return the files of a source in a folder or file."""
        if self.is_file:
            return [self.path]
        if not rule.file:
            named = [p for p in sorted(self.path.iterdir()) if _holds_rows(p) and p.stem.lower() == rule.name.lower()]
            direct = self.path / rule.name
            found = named or ([direct] if direct.exists() else [])
            if len(found) > 1:
                both = " and ".join(p.name for p in found)
                raise RecordsError(
                    f"both {both} are there.", where=self.name, next="Remove one, or say 'file' under [sources]."
                )
        else:
            found = []
            for pattern in rule.file:
                if Path(pattern).is_absolute() or PureWindowsPath(pattern).drive or ".." in re.split(r"[/\\]", pattern):
                    raise RecordsError(
                        f"'{pattern[:100]}' leads out of the folder of the records.", where=self.name,
                        next="A mapping names files of that folder alone.",
                    )  # fmt: skip
                matched = sorted(self.path.glob(pattern)) if "*" in pattern else [self.path / pattern]
                if not matched or not all(p.exists() for p in matched):
                    there = [p.name for p in sorted(self.path.iterdir())]
                    raise RecordsError(
                        f"there is no file '{pattern}' for the source '{rule.name}'.", where=self.name,
                        next=nearest(pattern, there),
                    )  # fmt: skip
                found += matched
        if not found:
            raise RecordsError(
                f"there is no file for the source '{rule.name}'.", where=self.name,
                next=nearest(rule.name, list(self.names().values())),
            )  # fmt: skip
        return found

    def read(self, rule: SourceRule) -> SourceTable:
        """Read one source."""
        if self.database is not None:
            return self.database.read(rule)
        if self.is_workbook and rule.sheet is None:
            sheet = self.names().get(rule.name.lower())
            rule = SourceRule(**{**vars(rule), "sheet": sheet})
        return stack([_read_file(path, rule) for path in self.files_of(rule)])


def _read_file(path: Path, rule: SourceRule) -> SourceTable:
    if path.is_dir() or path.suffix.lower() == ".parquet":
        return read_parquet_file(path, rule)
    if path.suffix.lower() in EXCEL:
        return read_excel_file(path, rule)
    if path.suffix.lower() in TEXT:
        return read_text_file(path, rule)
    raise RecordsError(
        f"files of kind '{path.suffix}' are not read.", where=path.name, next="Save it as .csv, .parquet or .xlsx."
    )


def _is_partitioned(path: Path) -> bool:
    """Say whether a folder is one Parquet table: named so, or cut into ``key=value`` folders."""
    return path.is_dir() and (path.suffix.lower() == ".parquet" or any(path.glob("*=*")))


def _holds_rows(path: Path) -> bool:
    if path.is_dir():
        return _is_partitioned(path) or next(path.rglob("*.parquet"), None) is not None
    return path.suffix.lower() in READABLE and not path.name.startswith(("~$", "."))
