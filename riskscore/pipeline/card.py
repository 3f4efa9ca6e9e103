"""The short card of a run, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = ("auc", "average precision")


def card_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a run's card: data, counts, and metrics beside the baselines with their intervals.

    Examples
    --------
    >>> list(card_lines({"recipe": "r", "as_of": "2025-01-01", "counts": {"training rows": 3, "training positives": 1,
    ... "calibration rows": 2, "calibration positives": 1, "columns": 4}, "refusal": "no percentage: too few cases",
    ... "card": {"training": ["2018-01-01", "2022-01-01"], "calibration": ["2023-01-01", "2023-07-01"],
    ... "tested on": "2023-12-31", "visited": 10, "positives": 2, "metrics": {}, "intervals": {}}}))[0]
    'r, as of 2025-01-01'
    """
    card, counts = manifest["card"], manifest["counts"]
    yield f"{manifest['recipe']}, as of {manifest['as_of']}"
    yield (f"  training     {card['training'][0]} to {card['training'][1]}: {counts['training rows']:,} outcomes, "
           f"{counts['training positives']:,} positive, {counts['columns']} columns")  # fmt: skip
    calibration = " to ".join(card["calibration"]) or "none"
    yield (f"  calibration  {calibration}: {counts['calibration rows']:,} outcomes, "
           f"{counts['calibration positives']:,} positive")  # fmt: skip
    yield f"  percentages  {manifest['refusal'] or 'shown'}"
    for rung in card.get("rungs", ()):
        yield f"  {rung['name']:12} {rung_line(rung)}"
        if rung["cases"]:
            yield f"  {'':12} {rung['cases']}"
    if "nuisance" in card:
        yield f"  who looked   {_who_looked(card['nuisance'])}"
    yield (f"  tested on    {card['tested on']}, with a model made before it: {card['visited']:,} visited, "
           f"{card['positives']:,} positive; of places that nobody visited this says nothing")  # fmt: skip
    metrics = card["metrics"]
    wanted = sorted((m for m in metrics if m in SHOWN or m.startswith("precision")), key=_by_share)
    if wanted:
        others = [name for name in next(iter(metrics.values())) if name != "model"]
        yield f"  {'':20}{'model (95 %)':19}" + "".join(f"{name:>{len(name) + 2}}" for name in others)
    for metric in wanted:
        low, high = card["intervals"][metric]
        mine = f"{_number(metrics[metric]['model'])} ({_number(low)}-{_number(high)})"
        rivals = "".join(f"{_number(metrics[metric][name]):>{len(name) + 2}}" for name in others)
        yield f"  {metric.replace(' in the top ', ', top '):20}{mine:19}{rivals}"


def rung_line(rung: Mapping[str, Any]) -> str:
    """Return how a rarer rung's margin is made of the one below, and whether it gives percentages.

    Examples
    --------
    >>> rung_line({"form": "slope", "positives": 60, "refusal": ""})
    'the order of the rung below, its margin scaled and shifted (60 known cases); percentages shown'
    """
    made = {
        "none": "the order of the rung below", "shift": "the order of the rung below, its margin shifted",
        "slope": "the order of the rung below, its margin scaled and shifted",
        "trees": "the margin of the rung below, and a few trees that foretold later dates better",
    }  # fmt: skip
    return f"{made[rung['form']]} ({rung['positives']:,} known cases); {rung['refusal'] or 'percentages shown'}"


def _who_looked(said: Mapping[str, Any]) -> str:
    """Return what was averaged out, and how far apart the offices' scores still lie."""
    text, offices = f"{', '.join(said['columns'])} averaged out", said["offices"]
    if len(offices) > 1:
        low, high = min(offices, key=offices.get), max(offices, key=offices.get)
        apart = offices[high] - offices[low]
        text += f"; at equal records the margin still differs by {apart:.2f} between offices ({low} to {high})"
    return text


def _by_share(metric: str) -> tuple[str, int]:
    """Return what orders metrics by name and then by share: top 5% before top 10%."""
    share = re.search(r"[0-9]+", metric)
    return (metric[: share.start()], int(share.group())) if share else (metric, 0)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
