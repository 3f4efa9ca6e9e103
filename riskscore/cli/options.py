"""Options that mean the same in every command, defined once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from riskscore.pipeline.work import Work

F = TypeVar("F", bound=Callable[..., Any])
TABLE_FORMATS = ("table", "csv", "json", "parquet", "xlsx")


class Day(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases only
    """A date as 2024-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the date as text, or say what a date looks like."""
        from riskscore.dates import as_date, day
        from riskscore.errors import RiskscoreError

        try:
            return as_date(day(str(value))).isoformat()
        except RiskscoreError as error:
            self.fail(str(error), param, ctx)


def _kept(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def keep(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[f"riskscore.{name}"] = value

    return keep


def spoken(f: F) -> F:
    """Add --quiet and --debug."""
    f = click.option("--debug", is_flag=True, expose_value=False, callback=_kept("debug"),
                     help="Show the whole traceback of an error.")(f)  # fmt: skip
    return click.option("--quiet", "-q", is_flag=True, expose_value=False, callback=_kept("quiet"),
                        help="Say nothing on the way.")(f)  # fmt: skip


def _entered(context: click.Context, _: click.Parameter, name: str) -> None:
    from riskscore.learn.device import on_device

    context.with_resource(on_device(name))


def work_on(engine: str | None) -> Work:
    """Return where the heavy work is done; nothing of Spark is imported without an engine."""
    if engine is None:
        from riskscore.pipeline.work import HERE

        return HERE
    from riskscore.errors import FitError
    from riskscore.learn.device import device as current
    from riskscore.spark.work import OnSpark

    if current() != "cpu":
        raise FitError("an engine's workers have devices of their own.", where="--device",
                       next="Leave out --device or --engine.")  # fmt: skip
    return OnSpark.at(engine)


records = click.argument("records", metavar="RECORDS")
mapping = click.option("--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                       help="TOML file that names the source's columns.")  # fmt: skip
definitions = click.option("--definitions", type=click.Path(path_type=Path, exists=True, file_okay=False),
                           help="Folder with features/ or models/ of your own.")  # fmt: skip
store = click.option("--store", type=click.Path(path_type=Path, file_okay=False), default=Path("runs"),
                     show_default=True, help="Folder of runs.")  # fmt: skip
run = click.option("--run", "run_id", help="Id of the run. Default: the champion, else the newest.")
recipe = click.option("--recipe", default="site_risk", show_default=True, help="Name of the recipe.")
as_of = click.option("--as-of", type=Day(), help="The day; only what was known before it is used.")
as_known_at = click.option("--as-known-at", type=Day(), help="RECORDS is a record store: use what it held on that day.")
language = click.option("--language", type=click.Choice(["en", "az", "ru"]), default="en", show_default=True,
                        help="Language of reasons and pages; no speaker has reviewed az and ru yet.")  # fmt: skip
format = click.option("--format", "format_", type=click.Choice(TABLE_FORMATS), default="table", show_default=True)
engine = click.option("--engine", help="Spark engine: local[4] or spark://host:7077. Default: no engine, this machine.")
out = click.option("--out", type=click.Path(path_type=Path), help="File to write. Default: standard output.")
device = click.option("--device", default="cpu", show_default=True, expose_value=False, callback=_entered,
                      help="Where trees grow and predict: cpu, cuda, or cuda:1.")  # fmt: skip
pseudonymise = click.option(
    "--pseudonymise", type=click.Path(path_type=Path, dir_okay=False), metavar="KEYFILE",
    envvar="RISKSCORE_PSEUDONYMISE",
    help="Replace names and ids by keyed hashes; the key is never written. Or set RISKSCORE_PSEUDONYMISE.",
)  # fmt: skip
