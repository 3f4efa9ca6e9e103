"""Which visits count, and for which arm."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from riskscore.dates import day
from riskscore.trial.result import method, result, unit_of
from riskscore.trial.size import TrialError

END = dt.date(2025, 12, 1)


def visits(*rows: dict) -> pd.DataFrame:
    usual = {"office": "Quba", "trigger": "planned", "found": 0.0, "date": "2025-02-03"}
    made = [{**usual, "visit": f"V{i:03d}", **row} for i, row in enumerate(rows)]
    return pd.DataFrame(made).assign(day=lambda f: [day(d) for d in f["date"]]).drop(columns="date")


def all_places(units: pd.DataFrame, found) -> list[dict]:
    return [{"entity": u.unit, "found": float(found(u.arm))} for u in units.itertuples()]


def test_every_visit_counts_for_the_arm_that_its_place_was_drawn_into_whatever_led_to_it(registered) -> None:
    registration, units = registered()
    rows = all_places(units, lambda arm: arm == "list")
    for i in (0, 1, 2, 3):
        rows[i]["trigger"] = "model"
    found = result(registration, units, visits(*rows), END)
    assert found.frame[["arm", "visits", "found"]].to_numpy().tolist() == [["list", 20, 20], ["present", 20, 0]]
    assert (found.difference.estimate, found.difference.p < 0.01, found.difference.low > 0.5) == (1.0, True, True)
    assert found.verdict == "Shown: 'list' finds more per visit than 'present'."
    kept = {r["entity"] for r in rows[:4]}
    in_list = units[(units["arm"] == "list") & units["unit"].isin(kept)]
    assert found.frame["by_the_list"].tolist() == [len(in_list) / 20, (4 - len(in_list)) / 20]


def test_visits_that_do_not_count_are_told_by_reason(registered) -> None:
    registration, units = registered()
    places = units["unit"].tolist()
    rows = all_places(units, lambda arm: False)
    more = [
        {"entity": places[0], "date": "2025-01-05"}, {"entity": places[0], "date": "2025-07-07"},  # outside of the time
        {"entity": places[0], "trigger": "complaint"}, {"entity": places[1], "trigger": "follow_up"},
        {"entity": places[1], "trigger": "random"}, {"entity": "S999"}, {"entity": places[2], "date": "2025-03-03"},
    ]  # fmt: skip
    rows[5]["found"] = np.nan
    found = result(registration, units, visits(*rows, *more), END)
    assert list(found.left_out.values()) == [3, 1, 1, 1]
    assert int(found.frame["visits"].sum()) == 39
    assert found.frame["not_made"].tolist() == [0, 0], "an open outcome was visited all the same"


def test_visits_not_made_are_counted_and_neither_finds_nor_failures(registered) -> None:
    registration, units = registered()
    rows = [r for i, r in enumerate(all_places(units, lambda arm: True)) if i % 4 == 0]
    found = result(registration, units, visits(*rows), END)
    assert found.frame["share"].tolist() == [1.0, 1.0]
    assert (15 - found.frame["visits"]).tolist() == found.frame["not_made"].tolist()
    assert not found.reached
    assert found.verdict.startswith("Not shown")


def test_fewer_finds_by_the_list_are_said_as_plainly(registered) -> None:
    registration, units = registered()
    found = result(registration, units, visits(*all_places(units, lambda arm: arm == "present")), END)
    assert found.verdict == "Shown: 'present' finds more per visit than 'list'."


def test_nothing_is_looked_at_before_the_end(registered) -> None:
    registration, units = registered()
    with pytest.raises(TrialError, match="runs until 2025-07-06"):
        result(registration, units, visits(*all_places(units, bool)), dt.date(2025, 7, 6))


def test_an_arm_without_visits_is_an_error(registered) -> None:
    registration, units = registered()
    rows = [{"entity": u} for u in units.loc[units["arm"] == "list", "unit"]]
    with pytest.raises(TrialError, match="an arm has no visit"):
        result(registration, units, visits(*rows), END)


def test_a_visit_belongs_to_its_office_and_to_the_week_that_began_before_it() -> None:
    made = visits({"entity": "S1", "date": "2025-01-19"}, {"entity": "S2", "date": "2025-01-20", "office": "Bakı"})
    first = dt.date(2025, 1, 6)
    assert unit_of("week", made, first).tolist() == ["Quba 2025-01-13", "Bakı 2025-01-20"]
    assert unit_of("office", made, first).tolist() == ["Quba", "Bakı"]


def test_the_result_follows_from_the_registration_alone(registered) -> None:
    registration, units = registered()
    made = visits(*all_places(units, lambda arm: arm == "list"))
    one, two = result(registration, units, made, END), result(registration, units, made.iloc[::-1], END)
    assert one.difference == two.difference
    assert any("9,999" in line for line in method(registration))
