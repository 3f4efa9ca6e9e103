"""One picture of a whole list: what moves places up and down it, drawn by the shap library."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ROWS = 2_000  # more points than this hide each other


def beeswarm_svg(
    values: NDArray[np.float64], features: pd.DataFrame, labels: Sequence[str], title: str,
    size: tuple[float, float] = (10, 7),
) -> str:  # fmt: skip
    """Return a beeswarm of SHAP values as SVG.

    Parameters
    ----------
    values : float array, shape (n, p)
        SHAP values on the margin's scale, without the base value.
    features : DataFrame, shape (n, p)
        The values behind them; they give the colours, categories stay grey.
    labels : sequence of str
        What a reader calls each column.
    title : str
    size : pair of float
        Width and height in inches; labels of several lines need more height.

    Examples
    --------
    >>> frame = pd.DataFrame({"fines": [0.0, 1.0, 2.0], "visits": [1.0, 1.0, 3.0]})
    >>> svg = beeswarm_svg(np.array([[0.1, 0.0], [0.2, 0.1], [0.3, -0.1]]), frame, ["Fines", "Visits"], "A list")
    >>> svg.startswith("<?xml") and "Fines" in svg
    True
    """
    with warnings.catch_warnings():
        # shap calls what matplotlib will give up; that is theirs to mend and nothing a reader can act on
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return _drawn(values, features, labels, title, size)


def _drawn(
    values: NDArray[np.float64], features: pd.DataFrame, labels: Sequence[str], title: str, size: tuple[float, float]
) -> str:
    import matplotlib as mpl
    import shap
    from matplotlib import pyplot

    chosen = np.linspace(0, len(values) - 1, min(ROWS, len(values))).astype(int)
    numbers = [c.cat.codes if isinstance(c.dtype, pd.CategoricalDtype) else c for _, c in features.iloc[chosen].items()]
    shown = shap.Explanation(
        values=values[chosen],
        data=np.column_stack([np.asarray(n, dtype=np.float64) for n in numbers]),
        feature_names=list(labels),
    )
    backend, random = mpl.get_backend(), np.random.get_state()
    try:
        with mpl.rc_context({"svg.hashsalt": "riskscore", "svg.fonttype": "none"}):
            pyplot.switch_backend("agg")
            np.random.seed(0)
            shap.plots.beeswarm(shown, max_display=16, show=False, plot_size=size)
            figure = pyplot.gcf()
            figure.axes[0].set_title(title)
            figure.axes[0].set_xlabel("part of the score (log-odds): right raises, left lowers")
            out = io.StringIO()
            figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
            return out.getvalue()
    finally:
        pyplot.close("all")
        np.random.set_state(random)
        pyplot.switch_backend(backend)
