"""Whose copy says what of reports: all, a quarter, or nothing, not even that there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from riskscore.asof.matrix import FeatureColumn
from riskscore.definitions.feature import Family, Feature
from riskscore.errors import RiskscoreError
from riskscore.explanation.audience import A_PERSON, ALL_ELSE, AUDIENCES, SOLE_TRADER, for_audience
from riskscore.explanation.dossier import Dossier
from riskscore.report.dossier.paper import paper_of
from riskscore.report.dossier_json import dossier_json
from riskscore.report.paper_html import as_html
from riskscore.report.sums import assert_adds_up
from riskscore.report.write import write_dossier

KINDS = {"attributes": "attribute"}
REPORT_WORDS = re.compile(
    r"report|complaint|hotline|urgent|quarter|foreman|passport|C-03310|2023-0[4-6]", re.IGNORECASE
)


def columns_of(d: Dossier) -> dict[str, FeatureColumn]:
    titles = {r.column: r.family for r in (*d.reasons_for, *d.reasons_against)}
    found = {}
    for name in d.contributions:
        family, feature, key = name.split(".")[:3]
        table = "complaints" if family == "complaints" else "inspections"
        made = Feature(feature, KINDS.get(family, "count"), table, by=(key,))
        title = titles.get(name, family)
        found[name] = FeatureColumn(name, Family(family, title, table, "", "", (made,)), made, key, "all")
    return found


def copy_of(d: Dossier, audience: str) -> Dossier:
    return for_audience(d, columns_of(d), audience, 6)


def without_the_report(d: Dossier) -> Dossier:
    """Return the dossier of a place with the same score at which nobody ever reported anything."""
    report = next(s for s in d.shares if s.table == "complaints")
    others = tuple(s for s in d.shares if s is not report)
    return replace(
        d,
        urgent=False,
        documents=tuple(x for x in d.documents if x.table != "complaints"),
        shares=others,
        place_share=d.place_share + report.share,
        shares_method="exact over 3 documents",
        counterfactuals=tuple(c for c in d.counterfactuals if c.document),
        reasons_for=tuple(r for r in d.reasons_for if not r.column.startswith("complaints")),
        stability=None,
        cautions=tuple(c for c in d.cautions if c != SOLE_TRADER) + (SOLE_TRADER,) * (SOLE_TRADER in d.cautions),
    )


def page(d: Dossier) -> str:
    return as_html(paper_of(d))


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize("audience", ["field", "employer"])
def test_a_place_with_a_report_and_one_without_give_the_same_copy_byte_by_byte(
    dossier_of: Callable[..., Dossier], audience: str, language: str
) -> None:
    with_one = dossier_of(urgent=True, language=language)
    one, other = (copy_of(d, audience) for d in (with_one, without_the_report(with_one)))
    assert page(one) == page(other)
    assert dossier_json(one) == dossier_json(other)
    assert page(copy_of(with_one, "supervisor")) != page(copy_of(without_the_report(with_one), "supervisor"))


@pytest.mark.parametrize("audience", ["field", "employer"])
def test_no_word_of_a_copy_that_comes_near_the_employer_speaks_of_reports(
    dossier_of: Callable[..., Dossier], audience: str
) -> None:
    gaps = ("Nothing is recorded of: Reports.", "Nobody has visited.",
            "What a planned visit would find now: places of this kind are visited only after a report.")  # fmt: skip
    copy = copy_of(dossier_of(urgent=True, not_known=gaps, cautions=(SOLE_TRADER,)), audience)
    assert copy.not_known == ("Nobody has visited.",)
    assert copy.cautions == (A_PERSON,)
    text = page(copy).split("</style>")[1]
    assert REPORT_WORDS.findall(text) == []
    assert REPORT_WORDS.findall(dossier_json(copy).replace('"urgent": false', "")) == []
    assert REPORT_WORDS.findall(page(copy_of(dossier_of(), "supervisor")).split("</style>")[1]) != []


def test_what_a_copy_hides_is_summed_with_what_everybody_has_and_still_adds_up(
    dossier_of: Callable[..., Dossier],
) -> None:
    d = dossier_of()
    copy = copy_of(d, "employer")
    assert_adds_up(copy)
    hidden = ("complaints.count.site.2y", "peers.rate.peers.1y", "attributes.sector.site")
    assert copy.contributions[ALL_ELSE] == pytest.approx(sum(d.contributions[c] for c in hidden))
    assert not set(hidden) & set(copy.contributions)
    assert copy.base + copy.place_share + sum(s.share for s in copy.shares) == pytest.approx(copy.margin)
    assert "What the place is, comparable places, and all else" in page(copy)
    assert [copy.shares[c.position].id for c in copy.counterfactuals] == [c.document for c in copy.counterfactuals]


def test_a_field_sheet_shows_no_score_and_leaves_room_for_what_is_seen(dossier_of: Callable[..., Dossier]) -> None:
    text = re.sub(r"<[^>]+>", " ", page(copy_of(dossier_of(), "field")).split("</style>")[1])
    assert not re.search(r"log-odds|margin|1,843|Band|Rank|raises|lowers|Probability", text)
    for wanted in ("What to look at", "not looked at", "Seen at the place", "Who was spoken to alone"):
        assert wanted in text


def test_a_field_sheet_is_a_page_and_no_data(dossier_of: Callable[..., Dossier], tmp_path: Path) -> None:
    with pytest.raises(RiskscoreError, match="a field sheet shows no score"):
        write_dossier(copy_of(dossier_of(), "field"), tmp_path / "S.json")


def test_the_employer_is_told_how_to_object_and_decides_nothing(dossier_of: Callable[..., Dossier]) -> None:
    text = page(copy_of(dossier_of(), "employer"))
    assert "How to object" in text
    assert "Name the record that is wrong, by its number above" in text
    assert 'class="box"' not in text
    assert "The decision" not in text


def test_only_the_prosecutor_sees_a_report_in_full(dossier_of: Callable[..., Dossier]) -> None:
    told = {name: page(copy_of(dossier_of(), name)) for name in AUDIENCES}
    assert [name for name, text in told.items() if "Hotline: passports kept by the foreman" in text] == ["prosecutor"]
    assert "keep this copy from the employer" in told["prosecutor"]
    assert [name for name, text in told.items() if "2nd quarter of 2023" in text] == ["supervisor", "prosecutor"]


def test_every_copy_says_that_it_is_no_evidence(dossier_of: Callable[..., Dossier]) -> None:
    for name in AUDIENCES:
        assert "It is no evidence, and says nothing about guilt." in page(copy_of(dossier_of(), name))


@pytest.mark.parametrize("language", ["az", "ru"])
@pytest.mark.parametrize("audience", sorted(AUDIENCES))
def test_a_page_in_a_language_that_no_speaker_read_says_so(
    dossier_of: Callable[..., Dossier], audience: str, language: str
) -> None:
    text = page(copy_of(dossier_of(language=language), audience))
    assert f'<html lang="{language}">' in text
    assert {"az": "dili bilən şəxs tərəfindən yoxlanılmayıb", "ru": "не проверен носителем языка"}[language] in text
    assert "not reviewed" not in page(copy_of(dossier_of(), audience))
    for english in ("The facts", "What the records say", "Known since", "Indicator", "Read with care", "visit I-01934"):
        assert english not in text
