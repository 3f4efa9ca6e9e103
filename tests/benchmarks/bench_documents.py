"""CPU seconds of the margin by document: entities of the sample records by how many documents they have.

The goal is one second for an entity with 12 documents, all 4,096 sets of them; the whole dossier is timed beside it.
"""

from __future__ import annotations

import time

import numpy as np

import riskscore as rs
from riskscore.asof.engine import Engine
from riskscore.explanation.by_document import by_document
from riskscore.explanation.papers import Reads, Shelf, Whose, papers_of
from riskscore.languages import translator


def main() -> None:
    """Print a line per number of documents: median and largest over up to five entities."""
    records = rs.sample_records()
    listed = rs.rank(rs.fit(records, "site_risk", "2025-01-01"), records, "2025-01-01")
    trees = sum(booster.rounds for booster in listed.model.estimator.boosters_)
    print(f"site_risk: {len(listed.model.columns)} columns, {trees} trees; sample records")
    names = [str(e) for e in listed.frame["entity"]]
    shelf = Shelf(Engine(records, listed.cohort.pick(listed.ranking.rows)))
    reads = Reads.of(listed.matrix.columns[c] for c in listed.model.columns)
    counts = np.array([len(papers_of(shelf, Whose.of(shelf, i), reads)) for i in range(len(names))])
    for n in (0, 3, 6, 9, 11, 12, 13, 20, 28, 41):
        chosen = np.flatnonzero(counts == n)[:5]
        alone, whole, how = [], [], ""
        for i in chosen:
            row, margin = int(listed.ranking.rows[i]), float(listed.frame["margin"].iloc[i])
            one = Shelf(Engine(records, listed.cohort.pick(np.array([row]))))
            began = time.process_time()
            base = float(listed.values[row, -1])
            found = by_document(
                listed.model, listed.matrix, row, base, margin, one, 0, lambda m: 1, translator("en")
            )  # fmt: skip
            alone.append(time.process_time() - began)
            how = found.method
            began = time.process_time()
            rs.dossiers(listed, [names[i]])
            whole.append(time.process_time() - began)
        if len(chosen):
            shares, dossier = (f"{np.median(times):5.2f} s, at most {max(times):5.2f} s" for times in (alone, whole))
            print(f"{n:3} documents, {len(chosen)} entities: shares {shares}; dossier {dossier}; {how}")


if __name__ == "__main__":
    main()
