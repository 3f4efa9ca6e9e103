"""A Spark session for an engine's name, with workers that run this very Python."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from riskscore.errors import MissingExtra, RiskscoreError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ENGINE = re.compile(r"local(\[(\*|[1-9]\d*)(,\s*\d+)?\])?|local-cluster\[\d+,\s*\d+,\s*\d+\]|spark://\S+")


def open_session(engine: str) -> SparkSession:
    """Return the session of an engine: ``local[N]``, ``spark://host:port`` or ``local-cluster[N,CORES,MIB]``.

    Every setting but the engine comes from Spark's own places (``spark-defaults.conf``, ``SPARK_CONF_DIR``), and a
    session that is already open is used as it is.

    Raises
    ------
    RiskscoreError
        The name is no engine.
    MissingExtra
        pyspark or Java is not installed.

    Examples
    --------
    >>> open_session("yarn-ish")
    Traceback (most recent call last):
    ...
    riskscore.errors.RiskscoreError: 'yarn-ish' is no engine. Write local[2], local[*] or spark://host:7077.
    """
    if not _ENGINE.fullmatch(engine):
        raise RiskscoreError(f"'{engine}' is no engine.", next="Write local[2], local[*] or spark://host:7077.")
    if find_spec("pyspark") is None:
        raise MissingExtra("'--engine' needs pyspark.", next="Type: pip install 'riskscore[spark]'.")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").is_file()):
        raise MissingExtra(
            "'--engine' needs Java 17 or newer, and there is no 'java' to start.",
            next="Install it (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME.",
        )
    # A worker with another Python, or none that knows this package, fails late and in many lines.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    with quiet():
        session = (
            SparkSession.builder.appName("riskscore")
            .master(engine)
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.maxResultSize", "0")  # a list comes back whole, however long
            .getOrCreate()
        )
    session.sparkContext.setLogLevel("ERROR")
    return session


class quiet(warnings.catch_warnings):  # noqa: N801  (reads as a statement: with quiet():)
    """Leave out pyspark's warning of pandas 3: tables cross as Arrow, none of its pandas conversions is used."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
