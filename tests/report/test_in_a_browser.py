"""What only a browser can tell: that hostile content does nothing, and that the page prints."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

from riskscore.explanation.dossier import (
    Counterfactual,
    Document,
    DocumentShare,
    Dossier,
    FamilyStability,
    IndicatorFound,
    LegalPart,
    LegalTouch,
)
from riskscore.report.dossier.paper import paper_of
from riskscore.report.index_html import IndexEntry, index_html
from riskscore.report.paper_html import as_html
from riskscore.report.write import write_dossier

Browser = Callable[..., str]


def attack(address: str) -> str:
    run = "document.documentElement.dataset.ran=1"
    return (
        f"'\"--></style></title><script>{run}</script><img src={address}/img onerror='{run}'><svg onload='{run}'>"
        f"<link rel=stylesheet href={address}/css><iframe src={address}/frame></iframe>"
        f"<style>@import url({address}/import);</style>"
    )


def test_hostile_content_neither_runs_nor_calls_out(
    chromium: Browser, requests: tuple[str, list[str]], dossier_of: Callable[..., Dossier], tmp_path: Path
) -> None:
    address, asked = requests
    bad = attack(address)
    document = Document(bad, bad, dt.date(2024, 1, 1), dt.date(2024, 1, 2), bad)
    touch = LegalTouch(bad, bad, (document,))
    hostile = dossier_of(
        entity=bad, title=bad, facts={bad: bad}, recipe=bad, run=bad, sought=bad, horizon=bad, band=bad,
        probability_note=bad, cautions=(bad,), not_known=(bad,), documents=(document,), provenance={bad: bad},
        families={bad: dossier_of().margin - dossier_of().base}, indicators={bad: 0.1},
        shares=(DocumentShare(bad, bad, bad, document.date, document.known_on, bad, 0.5, link=bad, place=bad),),
        counterfactuals=(Counterfactual(0, bad, bad, 1, 2),), stability=(FamilyStability(bad, 3, 2, 1),),
        found=(IndicatorFound(bad, True, 1, 1, 1, document.date, document.date, (document,)),), shares_method=bad,
        legal_test=(LegalPart(bad, bad, (touch,), bad),),
    )  # fmt: skip
    tree = chromium(write_dossier(hostile, tmp_path / "S.html"), "--dump-dom")
    assert "data-ran" not in tree.split(">", 2)[1]
    assert "<script" not in tree
    assert "<iframe" not in tree
    assert asked == []


def test_the_same_content_would_run_and_call_out_on_a_careless_page(
    chromium: Browser, requests: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = requests
    (tmp_path / "bad.html").write_text(f"<!DOCTYPE html><html><title>{attack(address)}", encoding="utf-8")
    assert 'data-ran="1"' in chromium(tmp_path / "bad.html", "--dump-dom")
    assert "/img" in asked


def test_the_policy_of_the_page_stops_what_escaping_would_miss(
    chromium: Browser, requests: tuple[str, list[str]], dossier_of: Callable[..., Dossier], tmp_path: Path
) -> None:
    address, asked = requests
    pierced = as_html(paper_of(dossier_of())).replace("<main>", "<main>" + attack(address))
    (tmp_path / "pierced.html").write_text(pierced, encoding="utf-8")
    tree = chromium(tmp_path / "pierced.html", "--dump-dom")
    assert "<iframe" in tree
    assert 'data-ran="1"' not in tree
    assert asked == []


def test_the_dossier_prints_on_a_few_pages_of_a4(
    chromium: Browser, dossier_of: Callable[..., Dossier], tmp_path: Path
) -> None:
    page, paper = write_dossier(dossier_of(), tmp_path / "S.html"), tmp_path / "S.pdf"
    chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox \[([^\]]*)\]", paper.read_bytes())
    assert 6 <= len(sizes) <= 9
    for size in sizes:
        assert [round(float(n)) for n in size.split()] in ([0, 0, 595, 842], [0, 0, 596, 842])


def test_a_long_name_does_not_widen_the_page(
    chromium: Browser, dossier_of: Callable[..., Dossier], tmp_path: Path
) -> None:
    wide = "W" * 10_000
    page = as_html(paper_of(dossier_of(title=wide, facts={wide: wide}, run=wide, cautions=(wide,), entity=wide)))
    # A page of the test's own may run a script; the dossier's may not.
    measured = page.replace("default-src 'none'; style", "style").replace(
        "</body>", "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script></body>"
    )
    (tmp_path / "wide.html").write_text(measured, encoding="utf-8")
    found = re.search(
        r"<title>(\d+) (\d+)</title>", chromium(tmp_path / "wide.html", "--dump-dom", "--window-size=900,900")
    )
    assert found
    assert int(found[1]) <= int(found[2])


def test_the_index_can_be_searched_and_sorted(chromium: Browser, tmp_path: Path) -> None:
    entries = [IndexEntry(i, f"S-{i}", f"Site {i}", "A", f"S-{i}.html") for i in (1, 2, 10)]
    page = index_html(entries, recipe="site_risk", run="r", as_of=dt.date(2025, 1, 1))
    click = (
        "const b = document.querySelectorAll('th button')[0]; b.click(); b.click();"
        "const f = document.querySelector('input'); f.value = 'site 1'; f.dispatchEvent(new Event('input'));"
    )
    # The driver is a second script, which the page's policy would rightly refuse.
    driven = re.sub(r"script-src 'sha256-[^']*'", "script-src 'unsafe-inline'", page)
    (tmp_path / "driven.html").write_text(
        driven.replace("</body>", f"<script>{click}</script></body>"), encoding="utf-8"
    )
    tree = chromium(tmp_path / "driven.html", "--dump-dom")
    assert re.findall(r'href="\./S-(\d+)', tree) == ["10", "2", "1"]
    assert "2 of 3 shown" in tree
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert tree.count("<button") == chromium(tmp_path / "index.html", "--dump-dom").count("<button") == 5
