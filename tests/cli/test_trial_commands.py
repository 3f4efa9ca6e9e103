"""``trial design`` and ``trial analyse`` as typed: a whole round on the sample records."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd

from riskscore.pipeline.demo import sample_folder


def designed(office, typed, out, *more: str):
    return typed("trial", "design", office.records, "--store", str(office.store), "--as-of", "2025-01-06",
                 "--visits", "1600", "--share", "0.2", "--detect", "0.3", "--rho", "0.02", "--out", str(out),
                 *more)  # fmt: skip


def visited(folder, allocation: pd.DataFrame) -> None:
    """Append the visits of a trial in which the list finds twice as much."""
    rng = np.random.default_rng(1)
    rows = []
    for i, unit in enumerate(allocation.itertuples()):
        name, begins = unit.unit.rsplit(" ", 1)
        for k in range(8):
            date = pd.Timestamp(begins) + pd.Timedelta(days=int(rng.integers(5)))
            rows.append({
                "inspection_id": f"T{i:04d}{k}", "site_id": f"S{i:04d}", "office": name, "trigger": "planned",
                "date": date.date(), "known_on": (date + pd.Timedelta(days=5)).date(), "workers_present": 9,
                "uncontracted_workers": int(rng.random() < (0.4 if unit.arm == "list" else 0.2)),
            })  # fmt: skip
    file = folder / "inspections.csv"
    pd.concat([pd.read_csv(file, dtype=str), pd.DataFrame(rows).astype(str)]).to_csv(file, index=False)


def test_a_whole_round_from_the_draw_to_the_result(office, typed, tmp_path) -> None:
    found = designed(office, typed, tmp_path / "trial")
    assert max(map(len, found.stdout.splitlines())) <= 100
    assert "Design effect" in found.stdout
    assert {p.name for p in (tmp_path / "trial").iterdir()} == {
        "allocation.csv", "preregistration.json", "preregistration.html",
    }  # fmt: skip
    records = tmp_path / "records"
    shutil.copytree(sample_folder(), records)
    visited(records, pd.read_csv(tmp_path / "trial" / "allocation.csv", dtype=str))
    page = tmp_path / "result.html"
    result = typed(
        "trial", "analyse", str(tmp_path / "trial"), str(records), "--as-of", "2025-10-01", "--page", str(page)
    )
    assert "Shown: 'list' finds more per visit" in result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 100
    assert "Shown: " in page.read_text(encoding="utf-8")
    rows = json.loads(typed("trial", "analyse", str(tmp_path / "trial"), str(records), "--as-of", "2025-10-01",
                            "--format", "json").stdout)  # fmt: skip
    assert [r["arm"] for r in rows] == ["list", "present"]
    early = typed("trial", "analyse", str(tmp_path / "trial"), str(records), "--as-of", "2025-03-01", code=1)
    assert "no earlier look was registered" in early.stderr
    open_ = typed("trial", "analyse", str(tmp_path / "trial"), str(records), "--as-of", "2025-07-08")
    assert "(outcome still open)" in open_.stderr


def test_the_same_seed_gives_the_same_files_and_another_seed_others(office, typed, tmp_path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        designed(office, typed, tmp_path / name, "--seed", seed)
    for file in ("allocation.csv", "preregistration.json", "preregistration.html"):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b != c


def test_a_changed_file_stops_the_analysis(office, typed, tmp_path) -> None:
    designed(office, typed, tmp_path)
    with (tmp_path / "allocation.csv").open("a", encoding="utf-8") as file:
        file.write("Quba 2026-01-05,list,more\n")
    found = typed("trial", "analyse", str(tmp_path), office.records, code=1)
    assert "its hash differs" in found.stderr
