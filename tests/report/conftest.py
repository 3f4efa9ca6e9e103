"""A dossier as a run would make it, and a browser to open it in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from riskscore.explanation.dossier import (
    Counterfactual,
    Document,
    DocumentShare,
    Dossier,
    FamilyStability,
    IndicatorFound,
    LegalPart,
    LegalTouch,
    Reason,
)


def record(table: str, id: str, date: str, known_on: str, says: str) -> Document:
    return Document(table, id, dt.date.fromisoformat(date), dt.date.fromisoformat(known_on), says)


VISIT = record("inspections", "I-01934", "2024-03-12", "2024-03-19", "Visit (planned): 14 people, 3 without a contract")
OLDER = record("inspections", "I-00877", "2022-10-04", "2022-10-11", "Visit (raid): 9 people, 2 without a contract")
FINDING = record("findings", "F-00412", "2024-03-12", "2024-03-19", "Found: withholding of wages, 4 people affected")
FINE = record("penalties", "P-00256", "2024-04-02", "2024-04-05", "Fine of 6,000 AZN")
REPORT = record("complaints", "C-03310", "2023-05-17", "2023-05-18", "Hotline: passports kept by the foreman")
PERMIT = record("permits", "W-00091", "2023-01-09", "2023-01-09", "Work permit issued, valid until 2024-01-09")

LINKED = record("inspections", "I-00701", "2021-11-02", "2021-11-09", "Visit: 6 people, all with a contract")

CONTRIBUTIONS = {
    "uncontracted.workers.site.3y": (0.8123, "Uncontracted work found before", "enabling condition"),
    "uncontracted.share.site.3y": (0.1931, "Uncontracted work found before", "enabling condition"),
    "wages.withheld.site.all": (0.4417, "The indicators of forced labour", "withholding_of_wages"),
    "fines.unpaid.employer.3y": (0.3049, "Fines", ""),
    "complaints.count.site.2y": (0.2766, "Reports", "retention_of_identity_documents"),
    "peers.rate.peers.1y": (0.1208, "Comparable places", ""),
    "attributes.sector.site": (0.0874, "What the place is", ""),
    "visits.days_since.site": (-0.1533, "Inspection history", ""),
    "contracts.trend.employer.1y": (-0.2611, "People present against registered contracts", "enabling condition"),
    "permits.expired.employer.1y": (-0.0482, "Permits", ""),
    "network.fined.network.3y": (-0.0337, "Linked employers", ""),
}
BASE = -2.4471


def summed(by: int) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for part in CONTRIBUTIONS.values():
        groups.setdefault(str(part[by]), []).append(part[0])
    return {name: math.fsum(values) for name, values in groups.items()}


def reason(column: str, sentence: str, value: str, usual: str, *documents: Document) -> Reason:
    contribution, family, indicator = CONTRIBUTIONS[column]
    return Reason(column, family, indicator, sentence, value, usual, contribution, documents)


def share(document: Document, kind: str, share: float, **more: Any) -> DocumentShare:
    return DocumentShare(
        document.id, document.table, kind, document.date, document.known_on, document.says, share, **more
    )


REPORT_OF_A_QUARTER = Document("complaints", "", None, None, "a report, 2nd quarter of 2023")
SHARES = (
    share(VISIT, "visit", 1.1204),
    share(REPORT_OF_A_QUARTER, "report", 0.2766),
    share(OLDER, "visit", 0.4088, error=0.0121),
    share(
        LINKED, "visit", -0.0337, link="of employer E-00077, linked by one address (link L-3, known since 3 Feb 2021)"
    ),
)
MARGIN = math.fsum([BASE, *(c[0] for c in CONTRIBUTIONS.values())])

SAMPLE = Dossier(
    entity="S-00123",
    entity_kind="site",
    title="Şəfəq Tikinti MMC, high-rise at Nizami district, Bakı",
    facts={
        "Employer": "Şəfəq Tikinti MMC (E-00045)",
        "Kind of employer": "company",
        "Sector": "F 41: construction of buildings",
        "Site": "high-rise under construction, open since 2021-06-14",
        "Region": "Bakı, Nizami",
        "Last visit": "2024-03-12 (295 days before this list)",
        "Visits so far": "2",
    },
    as_of=dt.date(2025, 1, 1),
    as_known_at=None,
    recipe="site_risk",
    run="2025-01-02-site_risk-4f1c",
    sought="uncontracted work found at a visit, or worse",
    horizon="12 months",
    rank=7,
    of=1843,
    band="A",
    margin=MARGIN,
    base=BASE,
    probability=None,
    probability_note="Only 7 such outcomes lie in the calibration dates; a percentage needs 10.",
    contributions={column: c[0] for column, c in CONTRIBUTIONS.items()},
    families=summed(1),
    indicators=summed(2),
    reasons_for=(
        reason("uncontracted.workers.site.3y", "5 people without a contract found here", "5", "0", VISIT, OLDER),
        reason("wages.withheld.site.all", "Wages withheld here, found once so far", "1", "0", FINDING),
        reason("fines.unpaid.employer.3y", "1 fine not paid at this employer's sites", "1", "0", FINE),
        reason("complaints.count.site.2y", "1 report about this site in the last 2 years", "1", "0", REPORT),
    ),
    reasons_against=(
        reason("contracts.trend.employer.1y", "Registered contracts grew by 12 in the last year", "+12", "0"),
        reason("visits.days_since.site", "The last visit to this site was 295 days ago", "295", "610", VISIT),
    ),
    not_known=(
        "How many people work at the site today: the register of contracts names the employer, not the site.",
        "Whether other sites of the employer were visited before 2021-01-01: the records begin there.",
    ),
    cautions=(
        "The score rests mostly on uncontracted work, which is an enabling condition and none of the 11 indicators.",
        "The register of sites has one row each, as of now: an earlier employer of the place would not show.",
    ),
    urgent=False,
    documents=(FINE, VISIT, FINDING, REPORT, PERMIT, OLDER),
    provenance={
        "Model (SHA-256)": "9b1f6b0a5f0e3c1d7a2a4bd9e2c1b6a7e3d2f4c5b6a7980123456789abcdef01",
        "Records (SHA-256)": "1f6b0a5f0e3c1d7a2a4bd9e2c1b6a7e3d2f4c5b6a7980123456789abcdef019b",
        "Versions": "riskscore 0.1.0, xgboost 3.4.1, numpy 2.4.6",
        "Command": "riskscore explain records/ --entity S-00123 --as-of 2025-01-01 --out S-00123.html",
    },
    rank_range=(3, 21),
    shares=SHARES,
    place_share=MARGIN - BASE - math.fsum(s.share for s in SHARES),
    shares_method="sampled, 512 orders of 4 documents",
    counterfactuals=(
        Counterfactual(0, "I-01934", VISIT.says, 7, 340),
        Counterfactual(1, "", "a report, 2nd quarter of 2023", 7, 19),
    ),
    stability=(FamilyStability("Fines", 20, 19, 12), FamilyStability("Reports", 20, 20, 20)),
    found=(
        IndicatorFound("withholding_of_wages", False, 1, 1, 4, FINDING.date, FINDING.date, (FINDING,)),
        IndicatorFound("uncontracted", True, 2, 2, 5, OLDER.date, VISIT.date, (VISIT, OLDER)),
    ),
    legal_test=(
        LegalPart(
            "menace of a penalty",
            "That something bad was threatened.",
            (LegalTouch("withholding_of_wages", "Wages that are owed can be lost by leaving.", (FINDING,)),),
            "1 record touches it",
        ),
        LegalPart("not offered voluntarily", "That the person did not agree freely.", (), "no record touches it"),
    ),
)


@pytest.fixture
def dossier_of() -> Callable[..., Dossier]:
    """Return a factory: ``dossier_of(rank=3)`` gives the sample with some fields changed."""

    def make(**changes: Any) -> Dossier:
        return dataclasses.replace(SAMPLE, **changes)

    return make


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that runs headless Chromium and gives what it printed, or skip with the reason."""
    program = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if program is None:
        pytest.skip("wants Chromium: no chromium, chromium-browser or google-chrome on the path")
    profile = tmp_path_factory.mktemp("chromium")

    def run(path: Path, *options: str) -> str:
        common = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"]
        common += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
        # Texts in output as the page has them, whatever the machine's language.
        done = subprocess.run(
            [program, *common, *options, path.resolve().as_uri()],
            capture_output=True, encoding="utf-8", timeout=120, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        return done.stdout

    return run


@pytest.fixture
def requests() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a server and the list of what it was asked for."""
    asked: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()
