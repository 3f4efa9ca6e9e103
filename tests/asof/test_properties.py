"""What holds of every shipped feature: no future, no order, no names, nobody else's rows, no blocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskscore.asof import build as building
from riskscore.asof import peers
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.catalog import load_catalog

AS_OF = ("2019-01-01", "2019-09-15", "2020-06-30")
CUT = AS_OF[1]  # what becomes known on it or later is altered
FAMILIES = tuple(load_catalog().families.values())
FEATURES = [f"{family.name}.{feature.name}." for family in FAMILIES for feature in family.features]
OWN = [f for f in FEATURES if not f.startswith(("peers.", "linked_employers."))]
COVERS = {"inspections": "2016-06-01", "complaints": "2017-03-01"}
KEPT = {f"E{i:02d}" for i in range(6)}  # the employers whose rows stay as they are where others' are altered
_KEYS = ("employer_id", "site_id", "inspection_id", "employer_a", "employer_b", "principal_contractor_id", "replaces")


def id_of(table: str) -> str:
    return "penalty_id" if table == "penalties" else f"{table[:-1]}_id"


def matrix(records_of, tables, dates=AS_OF, kind="site") -> pd.DataFrame:
    """Return every shipped feature of every place or employer, sorted, categories as text."""
    ids = sorted({r[f"{kind}_id"] for r in tables[f"{kind}s"]})
    days = np.repeat([day(d) for d in dates], len(ids)).astype(np.int32)
    cohort = Cohort(kind, np.array(ids * len(dates), object), days)
    frame = building.build(records_of(covers_from=COVERS, **tables), FAMILIES, cohort).frame
    words = {c: object for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)}
    return frame.astype(words).sort_index()


# ---- what is done to the records ----------------------------------------------------------------------------------


def without_the_future(tables, draws, cut=CUT):
    """Take away what becomes known on the cut or later; alter the cells whose clock has not come."""
    return {
        name: [_unseen_cells(r, draws, cut) for r in rows if r["known_on"] < cut] for name, rows in tables.items()
    }  # fmt: skip


def with_another_future(tables, draws, cut=CUT):
    """Alter what was not known, its keys and dates too, and add rows and corrections that come later."""
    out = {}
    for name, rows in tables.items():
        out[name] = [_unseen_cells(r, draws, cut) for r in rows]
        for row in out[name]:
            if row["known_on"] >= cut:
                row |= draws.cells(name) | _moved(draws, row)
        added = [_unseen_cells(r, draws, cut) | draws.cells(name) | {"known_on": draws.day(cut, "2023-01-01")}
                 for r in rows[::2]]  # fmt: skip
        if name not in ("employers", "sites"):
            for i, row in enumerate(added):
                row |= {"replaces": row[id_of(name)] if i % 2 else None, id_of(name): f"N{i:03d}"}
        out[name] += added
    return out


def _unseen_cells(row, draws, cut):
    row = dict(row)
    if "paid_on" in row and (row["paid_on"] is None or row["paid_on"] >= cut):
        row |= {"paid_azn": draws.one(1.0, 77777.0), "paid_on": draws.day(cut, "2030-01-01")}
    if "closed_on" in row:
        row["closed_on"] = draws.day(cut, "2030-01-01")
    return row


def _moved(draws, row):
    if "valid_from" in row:
        return {"valid_from": draws.day("2012-01-01", row["known_on"])}
    ids = {"site_id": draws.sites, "employer_id": draws.employers, "employer_a": draws.employers}
    return {k: draws.one(*v) for k, v in ids.items() if k in row} | {"date": draws.day("2016-01-01", row["known_on"])}


def shuffled(tables, draws):
    return {name: [rows[i] for i in draws.random.permutation(len(rows))] for name, rows in tables.items()}


def renamed(tables, draws):
    """Give every row, place and employer another id, so that their order changes."""
    return {
        name: [{k: rename(v) if k in (*_KEYS, id_of(name)) else v for k, v in r.items()} for r in rows]
        for name, rows in tables.items()
    }


def rename(id):
    return None if id is None else id[::-1] + "z"


def about(tables):
    """Return, for each row, every employer whose row it may be at any time."""
    of_site, of_visit, found = {}, {}, {}
    for r in tables["sites"]:
        of_site.setdefault(r["site_id"], set()).add(r["employer_id"])
    for name in ("sites", "employers", "inspections", *sorted(tables)):
        for r in tables[name]:
            who = {r.get("employer_id"), r.get("employer_a"), r.get("employer_b")} - {None}
            who |= of_site.get(r.get("site_id"), set()) | of_visit.get(r.get("inspection_id"), set())
            found.setdefault((name, r[id_of(name)]), set()).update(who)
            if name == "inspections":
                of_visit[r["inspection_id"]] = who
    return found


def altered(tables, draws, whose, keep=("links",)):
    """Alter every row that is about these employers alone, and take every third such event away."""
    who, out = about(tables), {}
    for name, rows in tables.items():
        out[name] = []
        for i, row in enumerate(rows):
            if name in keep or not who[name, row[id_of(name)]] <= whose:
                out[name].append(row)
            elif i % 3 or "valid_from" in row:
                out[name].append(row | draws.cells(name))
    return out


def places(tables, whose):
    """Return the places that never belonged to any but these employers."""
    of = {}
    for r in tables["sites"]:
        of.setdefault(r["site_id"], set()).add(r["employer_id"])
    return sorted(site for site, employers in of.items() if employers <= whose)


# ---- the properties -----------------------------------------------------------------------------------------------

_made: dict[str, pd.DataFrame] = {}  # each change is built once for all features


@pytest.fixture
def after(records_of, world_of, draws_of, monkeypatch):
    """Return the features after a change of the records."""
    changes = {
        "nothing": lambda tables, draws: tables,
        "others": lambda tables, draws: altered(tables, draws, set(draws.employers) - KEPT),
        "blocks": lambda tables, draws: tables,
        **{f.__name__: f for f in (shuffled, renamed, without_the_future, with_another_future)},
    }

    def make(change: str) -> pd.DataFrame:
        if change not in _made:
            if change == "blocks":
                monkeypatch.setattr(building, "BLOCK", 7)
                monkeypatch.setattr(peers, "FEW", 0)
            _made[change] = matrix(records_of, changes[change](world_of(1), draws_of(9)))
        return _made[change]

    return make


def part(frame, feature, dates=AS_OF, ids=None):
    at = frame.index.get_level_values("as_of").isin(pd.to_datetime(list(dates)))
    if ids is not None:
        at &= frame.index.get_level_values("entity").isin(ids)
    return frame.loc[at, [c for c in frame if c.startswith(feature)]]


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True, check_dtype=False)


@pytest.mark.parametrize("feature", FEATURES)
def test_the_records_give_every_feature_different_values(after, feature) -> None:
    frame = part(after("nothing"), feature)
    assert len(frame.columns)
    assert (frame.nunique() > 1).all()


@pytest.mark.parametrize("change", ["without_the_future", "with_another_future"])
@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_sees_what_was_not_yet_known(after, feature, change) -> None:
    seen = [d for d in AS_OF if d <= CUT]
    same(part(after("nothing"), feature, seen), part(after(change), feature, seen))


def test_what_was_altered_is_seen_later_by_nearly_every_feature(after) -> None:
    later = [d for d in AS_OF if d > CUT]
    blind = [
        f for f in FEATURES if part(after("nothing"), f, later).equals(part(after("with_another_future"), f, later))
    ]
    assert blind == ["calendar.month."]


@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_depends_on_the_order_of_rows(after, feature) -> None:
    same(part(after("nothing"), feature), part(after("shuffled"), feature))


@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_depends_on_what_ids_are_called(after, feature) -> None:
    found = part(after("renamed"), feature)
    back = found.set_axis(found.index.set_levels([i[:-1][::-1] for i in found.index.levels[0]], level=0)).sort_index()
    assert list(found.index) != list(back.index), "the order of ids has not changed"
    same(part(after("nothing"), feature), back)


@pytest.mark.parametrize("feature", OWN)
def test_no_feature_but_peers_and_network_depends_on_other_employers(after, world_of, feature) -> None:
    mine = places(world_of(1), KEPT)
    assert len(mine) > 3
    same(part(after("nothing"), feature, ids=mine), part(after("others"), feature, ids=mine))


@pytest.mark.parametrize("feature", OWN)
def test_the_others_rows_that_were_altered_matter_to_them(after, feature) -> None:
    if feature != "calendar.month.":
        assert not part(after("nothing"), feature).equals(part(after("others"), feature))


@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_depends_on_the_size_of_blocks(after, feature) -> None:
    same(part(after("nothing"), feature), part(after("blocks"), feature))


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a smaller seed is no simpler example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(2, 10_000),
    cut=st.dates(pd.Timestamp("2017-06-01").date(), pd.Timestamp("2020-12-01").date()),
    kind=st.sampled_from(["site", "employer"]),
)
def test_whatever_the_records_and_the_day_there_is_no_future(records_of, world_of, draws_of, seed, cut, kind) -> None:
    tables, on = world_of(seed), (str(cut),)
    before = matrix(records_of, tables, on, kind)
    for change in (without_the_future, with_another_future):
        same(before, matrix(records_of, change(tables, draws_of(seed + 1), str(cut)), on, kind))


# ---- peers and network, on their own terms ------------------------------------------------------------------------


def test_peers_do_not_see_their_own_employers_rows(records_of, world_of, draws_of) -> None:
    tables = world_of(1)
    before, moved = matrix(records_of, tables), 0
    for employer in sorted(KEPT):
        mine = places(tables, {employer})
        changed = matrix(records_of, altered(tables, draws_of(9), {employer}, keep=("links", "sites", "employers")))
        same(part(before, "peers.", ids=mine), part(changed, "peers.", ids=mine))
        moved += not part(before, "peers.").equals(part(changed, "peers."))
    assert moved > 3, "others' peers must move, or nothing was altered"


def test_the_network_changes_through_linked_employers_alone(records_of, world_of, draws_of) -> None:
    tables = world_of(1)
    pairs = [(r["employer_a"], r["employer_b"]) for r in tables["links"]]
    linked = {b for a, b in pairs if a in KEPT} | {a for a, b in pairs if b in KEPT}
    mine, strangers = places(tables, KEPT), set(draws_of(1).employers) - linked - KEPT
    assert strangers
    assert linked - KEPT
    before = part(matrix(records_of, tables), "linked_employers.", ids=mine)
    far = matrix(records_of, altered(tables, draws_of(9), strangers))
    near = matrix(records_of, altered(tables, draws_of(9), linked - KEPT))
    same(before, part(far, "linked_employers.", ids=mine))
    assert not before.equals(part(near, "linked_employers.", ids=mine))
