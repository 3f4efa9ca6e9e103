"""Where a ledger lies: an SQLite file, or PostgreSQL by URL; one writer at a time, readers see one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscore.errors import LedgerError, MissingExtra, is_address, redacted

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_PATIENCE = 60  # seconds that a writer waits for the one before it
_LOCK = 7_261_990_411  # a number of our own among PostgreSQL's advisory locks


class Ledger:
    """An open ledger; `writing` and `reading` give connections.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    name : str
        How messages call it: the file, or the address without user and password.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return a connection that no other writer shares; all is written at its end, or nothing."""
        connect = self.engine.connect().execution_options(riskscore_writes=True)
        with self._told(), connect as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return a connection that sees the ledger as it is at one moment."""
        options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        with self._told(), self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        import sqlalchemy

        try:
            yield
        except sqlalchemy.exc.SQLAlchemyError as error:
            # the driver's text may repeat the address with its password, or what was to be written
            raise LedgerError(
                f"the database refused ({type(error).__name__}).", where=self.name,
                next="Check that it may be read and written, and that nobody holds it.",
            ) from None  # fmt: skip


def open_ledger(place: str | Path, *, make: bool = False) -> Ledger:
    """Open a ledger.

    Parameters
    ----------
    place : str or Path
        A file, or a URL: ``postgresql+psycopg://user:password@host/database``.
    make : bool
        Make the tables where there are none, and bring those of an older version up to date.

    Raises
    ------
    LedgerError
        There is no ledger, or another version of the program wrote it, or the database refuses.
    MissingExtra
        SQLAlchemy, Alembic or the database's driver is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     open_ledger(Path(folder) / "ledger.db", make=True).engine.dialect.name
    'sqlite'
    """
    try:
        import alembic  # noqa: F401
        import sqlalchemy
    except ImportError:
        raise MissingExtra("the ledger needs SQLAlchemy and Alembic.", next="pip install 'riskscore[ledger]'") from None
    if is_address(str(place)) and (isinstance(place, Path) or "://" not in place):
        # taken for a file's name, it would put its password on the disk
        raise LedgerError("the ledger's URL cannot be read.",
                          next="Write postgresql+psycopg://user:password@host/database, as text.")  # fmt: skip
    try:
        address = (
            sqlalchemy.engine.make_url(place)
            if isinstance(place, str) and "://" in place
            else sqlalchemy.URL.create("sqlite", database=str(place))
        )
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise LedgerError(
            "the ledger's URL cannot be read.",
            next="Write postgresql+psycopg://user:password@host/database, or a file.",
        ) from None
    lite = address.get_backend_name() == "sqlite"
    name = (
        str(address.database)
        if lite
        else redacted(f"{address.drivername}://{address.host or ''}/{address.database or ''}")
    )
    if not lite and address.get_backend_name() != "postgresql":
        raise LedgerError("a ledger lies in SQLite or PostgreSQL.", where=name)
    if lite:
        _there(Path(name), make)
    try:
        ledger = Ledger(
            sqlalchemy.create_engine(
                address, poolclass=sqlalchemy.NullPool, connect_args={"timeout": _PATIENCE} if lite else {}
            ),
            name,
        )
    except ImportError as error:
        raise MissingExtra(
            f"the driver '{error.name}' is not installed.", where=name, next="pip install 'riskscore[ledger]'"
        ) from None
    if lite:
        _take_over_transactions(ledger.engine)
    _up_to_date(ledger, make)
    return ledger


def _there(path: Path, make: bool) -> None:
    if path.is_file():
        return
    if not make:
        raise LedgerError("there is no ledger.", where=str(path), next="The first entry makes it: riskscore ledger add")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds who decided what, and why
    except OSError as why:
        raise LedgerError(f"cannot be written: {why.strerror}.", where=str(path)) from None


def _take_over_transactions(engine: Engine) -> None:
    """Begin transactions ourselves: a writer takes the file's lock before it reads the head of the chain."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would begin at the first INSERT, after the head was read
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("riskscore_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _up_to_date(ledger: Ledger, make: bool) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known, newest = [script.revision for script in scripts.walk_revisions()], scripts.get_current_head()

    def revision(connection: Connection) -> str | None:
        options = {"version_table": "ledger_version"}
        return MigrationContext.configure(connection, opts=options).get_current_revision()

    with ledger.reading() as connection:
        found = revision(connection)
    if found == newest:
        return
    if found is not None and found not in known:
        raise LedgerError("a newer version of riskscore wrote this ledger.", where=ledger.name,
                          next="Install that version or a later one.")  # fmt: skip
    if not make:
        what = "there is no ledger." if found is None else "an older version of riskscore wrote this ledger."
        raise LedgerError(what, where=ledger.name, next="The next entry makes it: riskscore ledger add")
    with ledger.writing() as connection:
        if revision(connection) != newest:  # another process may have been here first
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
