"""Databases as sources, through SQLAlchemy; the password appears nowhere."""

from __future__ import annotations

import decimal
from typing import Any

from riskscore.errors import MissingExtra, RecordsError, nearest, redacted
from riskscore.records.excel_file import as_array
from riskscore.records.mapping import SourceRule
from riskscore.records.private import split_private
from riskscore.records.source_table import SourceTable

_FETCH = 50_000  # rows fetched at a time


class Database:
    """A database whose tables are sources.

    Parameters
    ----------
    url : str
        ``sqlite:///records.db`` or ``postgresql+psycopg://user:password@host/database``.
    """

    def __init__(self, url: str) -> None:
        try:
            import sqlalchemy
        except ImportError:
            raise MissingExtra("databases need SQLAlchemy.", next="pip install 'riskscore[database]'") from None
        try:
            address = sqlalchemy.engine.make_url(url)
        except (sqlalchemy.exc.ArgumentError, ValueError):
            raise RecordsError(
                "the database URL cannot be read.",
                next="Write sqlite:///records.db or postgresql+psycopg://user:password@host/database.",
            ) from None
        # neither user, password nor options; what an unescaped sign made of a password part of the host is hidden too
        self.name = redacted(f"{address.drivername}://{address.host or ''}/{address.database or ''}")
        if address.drivername.startswith("sqlite") and address.database not in (None, "", ":memory:"):
            from pathlib import Path

            if not Path(str(address.database)).is_file():  # SQLite would make an empty one
                raise RecordsError("there is no such database file.", where=self.name)
        try:
            self.engine = sqlalchemy.create_engine(address)
        except ImportError as error:
            raise MissingExtra(
                f"the driver '{error.name}' is not installed.", where=self.name,
                next="pip install 'riskscore[database]'",
            ) from None  # fmt: skip
        except sqlalchemy.exc.SQLAlchemyError:
            raise RecordsError("there is no such kind of database.", where=self.name) from None

    def names(self) -> list[str]:
        """Return the names of tables and views."""
        import sqlalchemy

        try:
            found = sqlalchemy.inspect(self.engine)
            return sorted({*found.get_table_names(), *found.get_view_names()})
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._refused(error) from None

    def read(self, rule: SourceRule) -> SourceTable:
        """Read one table or view."""
        import pyarrow as pa
        import sqlalchemy

        schema, _, name = (rule.table or rule.name).rpartition(".")
        if not schema and name not in self.names():
            raise RecordsError(f"there is no table '{name}'.", where=self.name, next=nearest(name, self.names()))
        try:
            table = sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=self.engine)
            wanted, private = split_private([c.name for c in table.columns], rule.private)
            columns: list[list[Any]] = [[] for _ in wanted]
            query = sqlalchemy.select(*[table.columns[c] for c in wanted])
            with self.engine.connect() as connection:
                found = connection.execution_options(stream_results=True).execute(query)
                while rows := found.fetchmany(_FETCH):
                    for values, cells in zip(columns, zip(*rows, strict=True), strict=True):
                        values.extend(float(c) if isinstance(c, decimal.Decimal) else c for c in cells)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._refused(error) from None
        finally:
            self.engine.dispose()
        data = pa.table({n: as_array(v) for n, v in zip(wanted, columns, strict=True)})
        return SourceTable(data, ((name, 0, 1),), rule.decimal or ".", private)

    def _refused(self, error: Exception) -> RecordsError:
        # the driver's own text may repeat the address with its password, so only its kind is told
        return RecordsError(
            f"the database refused ({type(error).__name__}).", where=self.name, next="Check host, name and password."
        )
