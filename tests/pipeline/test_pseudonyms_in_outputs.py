"""With a key, no name and no id of the records is in anything that is written; without it, all numbers are the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.errors import RiskscoreError
from riskscore.pipeline.dossiers import write_dossiers
from riskscore.pipeline.listing import shown
from riskscore.pipeline.prepare import choose
from riskscore.records.pseudonyms import Pseudonyms, read_key

KEY = b"long enough to be no guess"
PLANTED = "Planted"


@pytest.fixture(scope="module")
def planted():
    """Return the sample records with a telling name in every text column, and every id made telling too."""
    records = rs.sample_records()
    tables = {}
    for name, table in records.tables.items():
        changed = {}
        for column in table.schema.columns:
            cells = table.frame[column.name]
            if column.refers or column.name in (table.schema.id, "replaces"):
                words = cells.astype(object).where(cells.isna(), f"{PLANTED}-" + cells.astype(object).astype(str))
                changed[column.name] = words.astype("str")
                if isinstance(cells.dtype, pd.CategoricalDtype):
                    changed[column.name] = pd.Categorical(
                        words, pd.Index(sorted(set(words.dropna())), dtype="str")
                    )  # fmt: skip
            elif column.type == "text":
                changed[column.name] = pd.Series([f"{PLANTED} {column.name} {i}" for i in range(len(cells))]).astype(
                    "str"
                )
        frame = table.frame.assign(**changed)
        present = table.present | frozenset(c for c in changed if c != "replaces")
        frame["replaces"] = table.frame["replaces"]
        tables[name] = replace(table, frame=frame, present=present, origin=None)
    return replace(records, tables=tables)


@pytest.fixture(scope="module")
def listed(planted):
    recipe = choose("site_risk").recipe
    quick = replace(recipe, model=replace(recipe.model, rounds=20, seeds=(1,)))
    return rs.rank(rs.fit(planted, quick, "2024-07-01"), planted, "2025-01-01")


def test_no_planted_name_or_id_is_in_any_dossier_index_or_list(listed, tmp_path) -> None:
    hidden = replace(listed, pseudonyms=Pseudonyms(KEY))
    chosen = [str(e) for e in [*listed.frame["entity"].head(12), *listed.frame["entity"].tail(2)]]
    for type_ in ("html", "json"):
        files = write_dossiers(hidden, chosen, tmp_path / type_, type_)
        texts = [f.name + f.read_text(encoding="utf-8") for f in files]
        assert not [t for t in texts if PLANTED in t]
        assert not [t for t in texts if KEY.decode() in t]
    for brief in (False, True):
        assert PLANTED not in shown(hidden, brief=brief).to_csv()
    assert PLANTED in shown(listed).to_csv(), "without a key they are there"


def test_numbers_of_a_dossier_are_those_without_pseudonyms(listed) -> None:
    chosen = [str(e) for e in listed.frame["entity"].head(5)]
    plain = rs.dossiers(listed, chosen)
    hidden = rs.dossiers(replace(listed, pseudonyms=Pseudonyms(KEY)), chosen)
    for one, other in zip(plain, hidden, strict=True):
        assert (one.rank, one.margin, one.place_share) == (other.rank, other.margin, other.place_share)
        assert one.contributions == other.contributions
        assert sorted(s.share for s in one.shares) == sorted(s.share for s in other.shares)
        assert [r.sentence for r in one.reasons_for] == [r.sentence for r in other.reasons_for]


def test_who_holds_the_key_finds_the_entity_by_its_pseudonym(listed) -> None:
    names, entity = Pseudonyms(KEY), str(listed.frame["entity"].iloc[0])
    hidden = replace(listed, pseudonyms=names)
    assert rs.dossiers(hidden, [names.of("sites", entity)]) == rs.dossiers(hidden, [entity])


def test_ids_of_one_thing_stay_equal_across_tables_and_rows_in_their_order(planted) -> None:
    names = Pseudonyms(KEY)
    visits, findings = (names.table(planted[t]).frame for t in ("inspections", "findings"))
    was = planted["findings"].frame["inspection_id"].astype(str).map(
        dict(zip(planted["inspections"].frame["inspection_id"], visits["inspection_id"], strict=True))
    )  # fmt: skip
    assert was.tolist() == findings["inspection_id"].astype(str).tolist()
    assert np.array_equal(visits["date"], planted["inspections"].frame["date"])


def test_the_same_key_gives_the_same_pseudonyms_and_another_key_others() -> None:
    assert Pseudonyms(KEY).of("sites", "S1") == Pseudonyms(KEY).of("sites", "S1")
    assert Pseudonyms(KEY).of("sites", "S1") != Pseudonyms(KEY + b"!").of("sites", "S1")
    assert KEY.decode() not in repr(Pseudonyms(KEY))


def test_a_key_that_could_be_guessed_is_refused_and_not_quoted(tmp_path) -> None:
    (tmp_path / "key").write_text("secret")
    with pytest.raises(RiskscoreError, match="6 bytes") as raised:
        read_key(tmp_path / "key")
    assert "secret" not in str(raised.value)
    with pytest.raises(RiskscoreError, match="cannot be read"):
        read_key(tmp_path / "none")
