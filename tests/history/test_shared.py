"""What is worked out of records: kept for one piece of work, never longer, and equal to what is worked out anew."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.errors import RecordsError
from riskscore.history.shared import histories, keeping, keeps, view_of
from riskscore.history.tables import Ids
from riskscore.records.model import Records

SITES = [{"site_id": f"S{k}", "employer_id": f"E{k % 3}", "valid_from": "2015-01-01", "known_on": "2015-01-01"}
         for k in range(6)]  # fmt: skip
VISITS = [{"inspection_id": f"V{k}", "site_id": f"S{k % 8}", "date": "2020-01-01", "known_on": "2020-01-02"}
          for k in range(9)]  # fmt: skip


def test_engines_of_one_piece_of_work_share_and_later_ones_do_not(records_of) -> None:
    records = records_of(sites=SITES, inspections=VISITS)
    cohort = Cohort("site", np.array(["S1"], dtype=object), np.array([day("2021-01-01")], dtype=np.int32))

    @keeps
    def work(records: Records) -> list[object]:
        with keeping(records):  # one inside another
            pass
        return [Engine(records, cohort).views["sites"] for _ in range(2)]

    first, second = work(records)
    assert first is second
    assert Engine(records, cohort).views["sites"] is not first


def test_a_table_changed_between_two_pieces_of_work_is_seen(records_of) -> None:
    records = records_of(sites=SITES, inspections=VISITS)

    @keeps
    def ids(records: Records) -> list[str]:
        return list(view_of(records, "sites").ids)

    assert ids(records)[0] == "S0"
    records.tables["sites"].frame.loc[0, "site_id"] = "S9"
    assert ids(records)[0] == "S9"


def test_what_was_kept_goes_where_the_work_fails(records_of) -> None:
    records, seen = records_of(sites=SITES), []

    @keeps
    def fails(records: Records) -> None:
        seen.append(histories(records))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fails(records)
    assert histories(records) is not seen[0]


def test_two_threads_on_the_same_records_do_not_take_them_from_each_other(records_of) -> None:
    records, started, done, shared = records_of(sites=SITES), threading.Event(), threading.Event(), []

    def longer() -> None:
        with keeping(records):
            shared.append(histories(records))
            started.set()
            done.wait(10)
            shared.append(histories(records))

    other = threading.Thread(target=longer)
    other.start()
    started.wait(10)
    with keeping(records):
        shared.append(histories(records))
    done.set()
    other.join()
    assert shared[0] is shared[1] is shared[2]


def test_an_absent_table_is_named(records_of) -> None:
    with pytest.raises(RecordsError, match="no table 'inspections'"):
        view_of(records_of(sites=SITES), "inspections")


@pytest.mark.parametrize("wanted", [["S1", "S4"], ["S1", "S7"], ["S6"], []], ids=str)
def test_ids_found_by_way_of_the_register_are_those_found_directly(records_of, wanted) -> None:
    shared = histories(records_of(sites=SITES, inspections=VISITS))
    ids, values = pd.Index(wanted, dtype="str"), shared.views["inspections"].values("site_id")
    np.testing.assert_array_equal(shared.ids_of("site", ids).codes(values), Ids(ids).codes(values))


def test_a_list_is_the_same_whoever_keeps_what_was_worked_out() -> None:
    records = rs.sample_records()
    model = rs.fit(records, "site_risk", "2024-01-01")
    alone = rs.rank(model, records, "2025-01-01").frame
    with keeping(records):
        rs.rank(model, records, "2023-06-01")
        together = rs.rank(model, records, "2025-01-01").frame
    pd.testing.assert_frame_equal(alone, together)
