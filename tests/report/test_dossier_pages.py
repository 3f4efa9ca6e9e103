from __future__ import annotations

import datetime as dt
import html
import itertools
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from riskscore.definitions.indicators import INDICATORS
from riskscore.explanation.dossier import Dossier
from riskscore.report.dossier.paper import paper_of
from riskscore.report.paper_html import as_html

VOID = {"col", "meta", "br", "link", "img", "input", "hr"}


def dossier_html(dossier: Dossier) -> str:
    return as_html(paper_of(dossier))


class Outline(HTMLParser):
    """Elements in order, with attributes and text, and a check that they nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[dict[str, str]] = []
        self.all: list[dict[str, str]] = []
        self.feed(page)
        assert self.open == [], "elements were left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = {"tag": tag, "text": ""} | {k: v or "" for k, v in attrs}
        self.all.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append({"tag": tag, "text": ""} | {k: v or "" for k, v in attrs})

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element["text"] += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [e for e in self.all if e["tag"] == tag]


def numbers_of(table: str) -> list[float]:
    """Return the figures of a table, row by row."""
    found = re.findall(r'<td class="number"><bdi>([^<]+)</bdi></td>', table)
    return [float(n.replace("\N{MINUS SIGN}", "-")) for n in found]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", page.split("</style>")[1])))


def test_every_fact_reason_record_and_gap_is_on_the_page(dossier_of: Callable[..., Dossier]) -> None:
    d = dossier_of()
    text = words(dossier_html(d))
    wanted = [d.title, d.sought, d.probability_note, *d.facts, *d.facts.values(), *d.not_known, *d.cautions]
    wanted += [*d.families, *d.provenance.values(), *d.provenance]
    for r in d.reasons_for + d.reasons_against:
        wanted += [r.sentence, r.value, r.usual, r.family]
    wanted += [x for doc in d.documents if doc.table != "complaints" for x in (doc.says, doc.id)]
    wanted += ["2 Apr 2024", "19 Mar 2024", "not known"]
    assert [w for w in wanted if w not in text] == []
    assert "7 of 1,843" in text


def test_facts_stand_before_the_score(dossier_of: Callable[..., Dossier]) -> None:
    heads = [e["text"] for e in Outline(dossier_html(dossier_of())).of("h2")]
    assert heads == [
        "The facts", "Read with care", "What the records say", "The indicators of forced labour", "The legal test",
        "What is not known", "What speaks for a visit", "What speaks against", "How the ranking came about",
        "What would change the ranking", "How steady the reasons are", "The decision", "Where this comes from",
    ]  # fmt: skip
    before = words(dossier_html(dossier_of())).split("What speaks for a visit")[0]
    assert not [word for word in ("1,843", "Band", "raises", "margin", "log-odds", "Log-odds") if word in before]


def test_the_steps_of_the_waterfall_add_up_as_printed(dossier_of: Callable[..., Dossier]) -> None:
    page = dossier_html(dossier_of())
    for caption in ("The steps.", "The same score by indicator."):
        table = page.split(caption)[1].split("</table>")[0]
        columns = 2 if caption == "The steps." else 1
        numbers = [round(1000 * n) for n in numbers_of(table)[::columns]]
        assert len(numbers) > 4
        assert sum(numbers[:-1]) == numbers[-1]
    assert numbers[-1] == round(1000 * dossier_of().margin)


def test_many_families_share_a_last_bar_and_still_add_up(dossier_of: Callable[..., Dossier]) -> None:
    parts = {f"family {i}": 0.1 + i / 7 for i in range(30)}
    page = dossier_html(
        dossier_of(contributions=parts, families=parts, indicators={}, margin=sum(parts.values()) - 2.4471)
    )
    assert "15 further ones together" in page
    table = page.split("by what was measured")[1].split("The steps.")[1].split("</table>")[0]
    numbers = numbers_of(table)
    assert sum(numbers[:-2:2]) == pytest.approx(numbers[-1], abs=1e-9)


def test_shares_and_remainders_name_what_is_not_shown(dossier_of: Callable[..., Dossier]) -> None:
    text = words(dossier_html(dossier_of()))
    assert "raises the score by 0.812: 36 % of all that raises it" in text
    assert "lowers the score by 0.261: 53 % of all that lowers it" in text
    assert "3 further values raise the score by 0.401." in text


def test_each_of_the_eleven_indicators_has_a_row_for_a_judgement(dossier_of: Callable[..., Dossier]) -> None:
    rows = dossier_html(dossier_of()).split("The 11 indicators")[1].split("</table>")[0].split("<tr>")[2:]
    assert len(rows) == len(INDICATORS) + 1
    assert all(row.count('class="box"') == 3 for row in rows)
    wages = rows[INDICATORS.index("withholding_of_wages")]
    assert "1 finding, at 1 visit, 4 people affected, 12 Mar 2024" in wages
    assert "F-00412" in wages
    assert "2 findings, at 2 visits, 5 people affected, 4 Oct 2022 – 12 Mar 2024" in rows[-1]
    assert not re.search(r"\d\. Work without a contract", rows[-1])


def test_each_part_of_the_legal_test_says_what_touches_it_or_that_nothing_does(dossier_of) -> None:
    text = words(dossier_html(dossier_of()))
    assert "1 record touches itWithholding of wages: Wages that are owed can be lost by leaving. (F-00412)" in text
    assert "did not agree freely.no record touches it" in text


def test_documents_and_place_add_up_to_the_score_and_name_their_link(dossier_of: Callable[..., Dossier]) -> None:
    page = dossier_html(dossier_of())
    table = page.split("to each document")[1].split("The steps.")[1].split("</table>")[0]
    numbers = numbers_of(table)
    assert len(numbers) == 2 * (2 + 4) + 2
    assert sum(numbers[:-2:2]) == pytest.approx(numbers[-1], abs=1e-9)
    assert "linked by one address (link L-3" in table
    assert "standard error 0.012" in table
    assert "sampled, 512 orders of 4 documents" in page


def test_counterfactuals_and_stability_are_told_in_words(dossier_of: Callable[..., Dossier]) -> None:
    text = words(dossier_html(dossier_of()))
    assert "would be 340 instead of 7: 12 Mar 2024: visit I-01934." in text
    assert "would be 19 instead of 7: a report, 2nd quarter of 2023" in text
    assert "Fines19 of 2012 of 20" in text
    assert "7 of 1,843 (between 3 and 21 in nine of ten refits)" in text


def test_a_complaint_shows_its_quarter_alone(dossier_of: Callable[..., Dossier]) -> None:
    page = dossier_html(dossier_of())
    for secret in ("2023-05-17", "2023-05-18", "C-03310", "passports", "foreman"):
        assert secret not in page
    assert page.count("2nd quarter of 2023") >= 3


def test_the_page_can_be_read_by_machines_that_read_aloud(dossier_of: Callable[..., Dossier]) -> None:
    page = Outline(dossier_html(dossier_of()))
    assert page.of("html")[0]["lang"] == "en"
    levels = [int(e["tag"][1]) for e in page.all if re.fullmatch(r"h[1-6]", e["tag"])]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert len(page.of("table")) == len(page.of("caption")) == 9
    assert all(e.get("scope") in ("row", "col") for e in page.of("th"))
    assert len([e for e in page.of("div") if e.get("role") == "img" and e["aria-label"]]) == 3
    for drawing in page.of("svg"):
        assert drawing.get("aria-hidden") == "true" or (drawing["role"] == "img" and drawing["aria-label"])


def test_nothing_is_told_by_colour_alone(dossier_of: Callable[..., Dossier]) -> None:
    page = Outline(dossier_html(dossier_of()))
    filled = [e.get("fill", "") for e in page.of("rect")]
    assert filled.count("url(#hatch)") == 2, "reasons that lower the score are hatched"
    assert filled.count("url(#lowers-families)") == 4
    assert filled.count("url(#lowers-documents)") == 1 + (dossier_of().place_share < 0)
    assert page.all[[e.get("id") for e in page.all].index("lowers-families")]["tag"] == "pattern"


def contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_colour_of_text_stands_out_from_the_paper(dossier_of: Callable[..., Dossier]) -> None:
    style = dossier_html(dossier_of()).split("<style>")[1].split("</style>")[0]
    colours = set(re.findall(r"(?:[ {;]color|fill): (#[0-9a-f]{6})", style))
    assert len(colours) >= 4
    assert min(contrast(colour, "#ffffff") for colour in colours) >= 4.5


def test_nothing_is_loaded_and_nothing_can_run(dossier_of: Callable[..., Dossier]) -> None:
    page = Outline(dossier_html(dossier_of()))
    assert not page.of("script") + page.of("link") + page.of("img") + page.of("iframe") + page.of("a")
    policy = next(e for e in page.of("meta") if e.get("http-equiv") == "Content-Security-Policy")["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert not [k for e in page.all for k in e if k.startswith("on") or k in ("src", "href", "style")]
    assert not re.search(r"@import|url\((?!#hatch|#lowers-)", dossier_html(dossier_of()))


def test_hostile_names_are_escaped_isolated_and_cut(dossier_of: Callable[..., Dossier]) -> None:
    hostile = "<script>alert(1)</script>\u202e\x07" + "W" * 10_000
    page = dossier_html(dossier_of(title=hostile, facts={hostile: hostile}, entity='"><img src=x onerror=y>'))
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "<h1><bdi>&lt;script&gt;" in page
    assert page.count(f"(cut; {len(hostile):,} characters)") == 3
    assert len(page) < 60_000


def test_an_urgent_report_heads_the_page_and_a_quiet_one_says_nothing(dossier_of: Callable[..., Dossier]) -> None:
    page = dossier_html(dossier_of(urgent=True))
    assert page.index("Urgent report open") < page.index("The facts")
    assert "Urgent report" not in dossier_html(dossier_of())


def test_a_refusal_stands_where_the_probability_would(dossier_of: Callable[..., Dossier]) -> None:
    assert "Probability: none is given. Only 7 such outcomes" in words(dossier_html(dossier_of()))
    assert "Probability: 12.5 %. Calibrated" in words(
        dossier_html(dossier_of(probability=0.125, probability_note="Calibrated on visits of 2023."))
    )


def test_a_place_that_nobody_visited_is_not_called_clean(dossier_of: Callable[..., Dossier]) -> None:
    text = words(dossier_html(dossier_of(documents=(), reasons_for=(), reasons_against=(), not_known=())))
    assert "nobody may have looked" in text
    assert "7 further values raise the score by 2.237." in text
    assert "Nothing in the records" not in text


def test_both_clocks_are_told(dossier_of: Callable[..., Dossier]) -> None:
    text = words(dossier_html(dossier_of(as_known_at=dt.date(2025, 6, 30))))
    assert "was known, before2025-01-01" in text
    assert "as this tool held them on2025-06-30" in text


def test_the_same_dossier_gives_the_same_page(dossier_of: Callable[..., Dossier]) -> None:
    assert dossier_html(dossier_of()) == dossier_html(dossier_of())
