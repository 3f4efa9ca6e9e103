"""Lists kept as they were given, so that years later every row that differs can be named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import StoreError
from riskscore.folders import MANIFEST, open_folder, write_folder
from riskscore.pipeline.listing import NOT_STORED, List
from riskscore.records.fingerprint import fingerprint

LIST, MATRIX = "list.parquet", "matrix.parquet"
_HASH = "row_hash"
_NOWHERE = (None, None)


def keep(listed: List, folder: str | Path) -> Path:
    """Write a list, the features behind it and a hash of each row into a folder of their own.

    Parameters
    ----------
    listed : List
        Of a stored run.
    folder : str or Path
        New; it is there whole or not at all.

    Raises
    ------
    StoreError
        The folder is there already, or the model was never stored.
    """
    target = Path(folder)
    if listed.run == NOT_STORED:
        raise StoreError("only the list of a stored run can be made again.", where=str(target))
    matrix = _matrix(listed)
    rows = listed.frame.assign(**{_HASH: row_hashes(matrix, listed.frame["margin"])})
    files = {LIST: _parquet(rows), MATRIX: _parquet(matrix)}
    noted = {"run": listed.run, "as_of": listed.as_of.isoformat(), "records": fingerprint(listed.records)}
    if not write_folder(target, noted, files):
        raise StoreError("is there already; a list that was kept is never written over.", where=str(target),
                         next="Name a new folder.")  # fmt: skip
    return target


def differing(listed: List, folder: str | Path) -> pd.DataFrame:
    """Return the rows in which a list differs from one that was kept; none where they are equal bit for bit.

    Parameters
    ----------
    listed : List
    folder : str or Path
        As `keep` wrote it.

    Returns
    -------
    pandas.DataFrame
        Columns entity, became (changed, new, gone), rank_then, rank_now, features (the columns that differ).

    Raises
    ------
    StoreError
        A file is missing or altered, or the kept list is of another run or day.
    """
    target = Path(folder)
    if not {LIST, MATRIX, MANIFEST} & {p.name for p in target.glob("*")}:
        raise StoreError("holds no list that was kept.", where=str(target), next="riskscore rank --keep FOLDER")
    kept = open_folder(target, StoreError, "Restore it from a copy.")
    noted = kept.noted
    if (noted["run"], noted["as_of"]) != (listed.run, listed.as_of.isoformat()):
        raise StoreError(f"the list kept is of run {noted['run']} as of {noted['as_of']}.", where=str(target),
                         next=f"Say --run {noted['run']} --as-of {noted['as_of']}")  # fmt: skip
    then, matrix_then = (pd.read_parquet(io.BytesIO(kept.read(name))) for name in (LIST, MATRIX))
    matrix = _matrix(listed)
    now = listed.frame.assign(**{_HASH: row_hashes(matrix, listed.frame["margin"])})
    before, after = _places(then), _places(now)
    rows = []
    for entity in sorted({*before, *after}):
        (was, rank_then), (is_, rank_now) = before.get(entity, _NOWHERE), after.get(entity, _NOWHERE)
        if was == is_:
            continue
        became = "new" if was is None else "gone" if is_ is None else "changed"
        names = _differing(matrix_then.loc[[entity]], matrix.loc[[entity]]) if became == "changed" else []
        rows.append((entity, became, rank_then, rank_now, ", ".join(names)))
    found = pd.DataFrame(rows, columns=["entity", "became", "rank_then", "rank_now", "features"])
    return found.astype({"rank_then": "Int64", "rank_now": "Int64"})


def row_hashes(matrix: pd.DataFrame, margin: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Return a 64-bit hash of each row's features and margin; it tells rows apart, the files' SHA-256 vouches for them.

    Examples
    --------
    >>> one = row_hashes(pd.DataFrame({"a": [1.0, 1.0, 2.0]}), pd.Series([0.5, 0.5, 0.5]))
    >>> bool(one[0] == one[1]), bool(one[0] == one[2])
    (True, False)
    """
    cells = matrix.assign(margin=margin.to_numpy())
    return np.asarray(pd.util.hash_pandas_object(cells, index=False), dtype=np.uint64)


def _matrix(listed: List) -> pd.DataFrame:
    """Return the features of the listed, a row per entity in the list's order, texts in place of categories."""
    frame = listed.matrix.frame.iloc[listed.ranking.rows]
    texts = {str(c): frame[c].astype("str") for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    return frame.assign(**texts).set_axis(pd.Index(listed.frame["entity"].astype(str), name="entity"), axis=0)


def _places(frame: pd.DataFrame) -> dict[str, tuple[int | None, int | None]]:
    """Return row hash and rank by entity."""
    cells = zip(frame[_HASH].tolist(), frame["rank"].tolist(), strict=True)
    return dict(zip(frame["entity"].astype(str).tolist(), cells, strict=True))


def _differing(then: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    """Return the columns in which two frames of one row differ."""
    return [str(c) for c in now if c not in then or not then[c].equals(now[c])]


def _parquet(frame: pd.DataFrame) -> bytes:
    data = io.BytesIO()
    frame.to_parquet(data)
    return data.getvalue()
