"""What a family file may say, and what is said about one that is wrong."""

from __future__ import annotations

import pytest

from riskscore.dates import Period
from riskscore.definitions.family_file import family_from_text
from riskscore.definitions.feature import KINDS, Feature
from riskscore.errors import DefinitionError

HEAD = """
title = "Uncontracted work found before"
table = "inspections"
why = "Employers found with uncontracted workers are found again more often."
basis = "assumption"
"""

SUITABLE = {
    "count": "",
    "exists": "",
    "sum": 'value = "x"',
    "mean": 'value = "x"',
    "min": 'value = "x"',
    "max": 'value = "x"',
    "last": 'value = "x"',
    "latest_of": 'value = "x"',
    "days_since": "",
    "overdue": 'value = "x"',
    "distinct": 'value = "x"',
    "share": 'where = "x > 0"',
    "rate": 'value = "x"\nper = "y"',
    "ratio": 'numerator = "other"\ndenominator = "other"',
    "decayed_sum": 'value = "x"\nhalf_life = "6 months"',
    "trend": 'value = "x"\nwindows = "12 months"',
    "streak": 'holds = "x > 0"',
    "attribute": 'value = "x"',
    "calendar": 'value = "month"',
}


def family(*features: str, head: str = HEAD):
    body = "".join(f'[[feature]]\nname = "f{number}"\n{text}\n' for number, text in enumerate(features))
    return family_from_text(head + body, "uncontracted", "my features/uncontracted.toml")


def one(text: str, head: str = HEAD) -> Feature:
    return family(text, head=head).features[0]


def refused(*features: str, head: str = HEAD) -> str:
    with pytest.raises(DefinitionError) as caught:
        family(*features, head=head)
    return str(caught.value)


def test_every_key_reaches_the_feature() -> None:
    feature = one(
        """
        kind = "sum"
        title = "People"
        value = "uncontracted_workers"
        where = "trigger != 'random'"
        windows = ["6 months", "1095 days", "all"]
        by = ["site", "peers"]
        peers = ["sector+region", "sector"]
        smoothing = 5
        monotone = "increasing"
        none = 0
        unseen = "missing"
        opportunity = "inspections"
        indicator = "enabling condition"
        reason.en = "{people:value} found {where} {when}"
        reason_if_zero.en = "nobody found {where} {when}"
        reason_if_missing.en = "never visited"
        """
    )
    assert feature.value is not None
    assert feature.where is not None
    assert (feature.value.text, feature.where.columns) == ("uncontracted_workers", {"trigger"})
    assert feature.windows == (Period(months=6), Period(days=1095), Period(everything=True))
    assert (feature.by, feature.peers) == (("site", "peers"), (("sector", "region"), ("sector",)))
    assert (feature.smoothing, feature.monotone, feature.none, feature.unseen) == (5.0, 1, 0.0, None)
    assert (feature.opportunity, feature.indicator, feature.table) == (
        "inspections", "enabling condition", "inspections",
    )  # fmt: skip
    assert feature.reason == {"en": "{people:value} found {where} {when}"}
    assert feature.reason_if_zero == {"en": "nobody found {where} {when}"}
    assert feature.reason_if_missing == {"en": "never visited"}


def test_what_the_file_says_once_holds_for_features_that_do_not_say_it() -> None:
    head = (
        HEAD + 'windows = ["12 months"]\nby = ["site", "employer"]\nnone = 0\nunseen = 1\nopportunity = "inspections"\n'
    )
    found = family(
        'kind = "count"',
        'kind = "count"\nwindows = "all"\nby = "site"\nnone = "missing"\nunseen = "missing"\ntable = "complaints"',
        'kind = "attribute"\nvalue = "x"',
        head=head,
    ).features
    assert found[0].windows == (Period(months=12),)
    assert (found[0].by, found[0].none, found[0].unseen) == (("site", "employer"), 0.0, 1.0)
    assert found[0].opportunity == "inspections"
    assert found[1].windows == (Period(everything=True),)
    assert (found[1].by, found[1].none, found[1].unseen, found[1].table) == (("site",), None, None, "complaints")
    assert (found[2].windows, found[2].opportunity) == ((Period(everything=True),), "")


def test_the_kinds_of_the_tests_are_all_kinds() -> None:
    assert SUITABLE.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", SUITABLE)
def test_a_kind_loads_with_what_it_needs(kind: str) -> None:
    other = '[[feature]]\nname = "other"\nkind = "count"\nnone = 0\n'
    text = f'[[feature]]\nname = "f"\nkind = "{kind}"\nnone = 0\n{SUITABLE[kind]}'
    assert family_from_text(HEAD + other + text, "x").features[1].kind == kind


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kind, line.split(" = ")[0])
        for kind, text in SUITABLE.items()
        for line in text.split("\n")
        if line and "windows" not in line
    ],
)
def test_a_kind_says_what_it_lacks(kind: str, key: str) -> None:
    kept = "\n".join(line for line in SUITABLE[kind].split("\n") if not line.startswith(f"{key} ="))
    assert f"kind '{kind}' needs '{key}'" in refused(f'kind = "{kind}"\n{kept}\nnone = 0')


@pytest.mark.parametrize(
    ("kind", "key", "written"),
    [
        ("count", "value", 'value = "x"'),
        ("count", "half_life", 'half_life = "1 year"'),
        ("sum", "of", 'of = "x > 0"'),
        ("attribute", "windows", 'windows = "all"'),
        ("attribute", "where", 'where = "x > 0"'),
        ("ratio", "where", 'where = "x > 0"'),
        ("calendar", "opportunity", 'opportunity = "inspections"'),
    ],
)
def test_a_key_that_a_kind_cannot_use_is_refused(kind: str, key: str, written: str) -> None:
    said = refused(f'kind = "{kind}"\n{SUITABLE[kind]}\nnone = 0\n{written}')
    assert f"feature 'f0': {key}: kind '{kind}' does not use '{key}'" in said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('kind = "cuont"\nnone = 0', "f0': kind: 'cuont' is unknown. Did you mean 'count'?"),
        ('kind = "count"\nnone = 0\nwindow = "all"', "f0': unknown key 'window'. Did you mean 'windows'?"),
        ('kind = "count"\nnone = 0\nwindows = "6 moons"', "f0': windows: '6 moons' is no period. Write '6 months'"),
        ('kind = "count"\nnone = 0\nwindows = ["12 months", "1 year"]', "windows: '12 months' is the same period"),
        ('kind = "count"\nnone = 0\nwindows = ["0 days"]', "windows: '0 days' holds no day"),
        ('kind = "count"\nnone = 0\nwindows = []', "windows: found a list, expected a list of texts"),
        ('kind = "count"\nnone = 0\nby = "sites"', "by: 'sites' is unknown. Did you mean 'site'?"),
        ('kind = "count"\nnone = "zero"', "none: found 'zero', expected a number or \"missing\""),
        ('kind = "count"\nnone = true', "none: found true, expected a number"),
        ('kind = "count"', "does not say what it is where nothing matched. Write none = 0"),
        ('kind = "count"\nnone = 0\nwhere = "x >"', "f0': where: expected a column"),
        ('kind = "count"\nnone = 0\nwhere = 3', "where: found 3, expected an expression"),
        ('kind = "count"\nnone = 0\nmonotone = "up"', "monotone: 'up' is unknown"),
        ('kind = "count"\nnone = 0\nindicator = "debt_bond"', "'debt_bond' is unknown. Did you mean 'debt_bondage'?"),
        ('kind = "count"\nnone = 0\nby = "peers"', "peers are asked for, but not who they are"),
        ('kind = "count"\nnone = 0\npeers = ["sector"]', "'by' does not ask for them"),
        ('kind = "count"\nnone = 0\nby = "peers"\npeers = ["sector, region"]', "is no set of columns"),
        ('kind = "count"\nnone = 0\nsmoothing = -1', "smoothing: found -1, expected a number greater than 0."),
        ('kind = "trend"\nvalue = "x"\nnone = 0', "a trend compares two halves of a window"),
        ('kind = "decayed_sum"\nvalue = "x"\nhalf_life = "all"\nnone = 0', "a half-life is a length of time"),
        ('kind = "calendar"\nvalue = "year"', "'year' is not offered. Write 'month' or 'quarter'"),
        ('kind = "attribute"\nvalue = "x"\nby = "network"', "an attribute belongs to a site or to an employer"),
        ('kind = "exists"\nnone = 0\nreason.en = "a fine"', "0 needs its own sentence"),
        ('kind = "count"\nnone = 0\nreason = "a fine"', "reason: found 'a fine', expected a table"),
        ('kind = "ratio"\nnumerator = "f1"\ndenominator = "f0"', "numerator: 'f1' is not a feature of this file"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place_and_a_way_out(written: str, said: str) -> None:
    assert said in refused(written)
    assert "my features/uncontracted.toml" in refused(written)


def test_a_ratio_asks_its_two_features_for_its_keys_and_windows() -> None:
    said = refused(
        'kind = "count"\nnone = 0\nwindows = "12 months"',
        'kind = "count"\nnone = 0\nby = ["site", "employer"]',
        'kind = "ratio"\nnumerator = "f0"\ndenominator = "f1"\nby = ["site", "employer"]',
    )
    assert "feature 'f2': numerator: 'f0' is not made by employer." in said
    assert "feature 'f2': numerator: 'f0' has no window all." in said
    assert "denominator" not in said


def test_all_problems_of_a_file_come_at_once() -> None:
    said = refused('kind = "cuont"', 'kind = "sum"\nnone = 0\nvalu = "x"', head=HEAD.replace("why", "wy"))
    for part in ("the key 'why' is missing", "unknown key 'wy'", "'cuont'", "'valu'", "needs 'value'"):
        assert part in said


def test_names_make_columns_so_they_are_plain_and_differ() -> None:
    with pytest.raises(DefinitionError, match="two features are called 'f0'"):
        family_from_text(HEAD + '[[feature]]\nname = "f0"\nkind = "days_since"\n' * 2, "x")
    with pytest.raises(DefinitionError, match=r"'a\.b' cannot name a feature"):
        family_from_text(HEAD + '[[feature]]\nname = "a.b"\nkind = "days_since"\n', "x")
    with pytest.raises(DefinitionError, match="'My-File' cannot name the file"):
        family_from_text(HEAD + '[[feature]]\nname = "a"\nkind = "days_since"\n', "My-File")


def test_a_file_without_features_or_table_says_so() -> None:
    with pytest.raises(DefinitionError, match="the key 'feature' is missing"):
        family_from_text(HEAD, "x")
    assert "no table is named" in refused('kind = "count"\nnone = 0', head=HEAD.replace('table = "inspections"', ""))


def test_text_that_is_no_toml_is_said_with_its_line() -> None:
    with pytest.raises(DefinitionError, match=r"is no valid TOML: .*line 2"):
        family_from_text('title = "a"\nwhy = b\n', "x")
