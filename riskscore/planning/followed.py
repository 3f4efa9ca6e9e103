"""What became of plans: visits made and not, and who was reached by letters and meetings, and what followed."""

from __future__ import annotations

import pandas as pd

from riskscore.errors import RecordsError
from riskscore.records.model import Records

NO_EFFECT = (
    "This is no effect of letters or meetings: nobody drew who got one, and who could be reached may differ from who "
    "could not. Visits are counted from the first day of the plan for all alike."
)
NOT_TOLD = "not told"


def visits_made(records: Records) -> pd.DataFrame:
    """Return for each plan and trigger how many visits were planned, made, not made, and not told of.

    Returns
    -------
    DataFrame
        plan, trigger, planned, made, not_made, not_told, reasons (why not, the most frequent first).
    """
    frame = _standing(records, "planned_visits")
    made = frame["made"].fillna(False).astype(bool)
    frame = frame.assign(planned=1, made=made.astype(int), not_told=frame["made"].isna().astype(int),
                         not_made=(frame["made"].notna() & ~made).astype(int))  # fmt: skip
    by = [frame["plan"].astype(str), frame["trigger"].astype(str)]
    found = frame.groupby(by, sort=True)[["planned", "made", "not_made", "not_told"]].sum()
    why = frame.groupby(by, sort=True)["reason"].agg(
        lambda own: ", ".join(f"{n} {word}" for word, n in own.dropna().astype(str).value_counts().items())
    )
    return found.assign(reasons=why).reset_index()


def reached(records: Records) -> pd.DataFrame:
    """Return for each employer on a list for letters how it was reached, and the visits since the list.

    Returns
    -------
    DataFrame
        plan, employer, reached (or "not told"), reached_on, participants, visits (since the first day of the plan,
        at any place of the employer), found (those that found work without a contract, or a minor).
    """
    frame = _standing(records, "letters")
    visits = _standing(records, "inspections")
    found = (visits["uncontracted_workers"].fillna(0) > 0) | (visits["minors_found"].fillna(0) > 0)
    later = pd.DataFrame({"employer_id": visits["employer_id"].astype(str), "visited": visits["date"], "found": found})
    own = frame[["letter_id", "date"]].assign(employer_id=frame["employer_id"].astype(str))
    since = own.merge(later, on="employer_id").query("visited >= date").groupby("letter_id")["found"]
    counts = since.agg(["size", "sum"]).reindex(frame["letter_id"]).fillna(0).astype(int)
    return pd.DataFrame({
        "plan": frame["plan"].astype(str).to_numpy(), "employer": frame["employer_id"].astype(str).to_numpy(),
        "reached": frame["reached"].astype(object).where(frame["reached"].notna(), NOT_TOLD).to_numpy(),
        "reached_on": frame["reached_on"].to_numpy(), "participants": frame["participants"].to_numpy(),
        "visits": counts["size"].to_numpy(), "found": counts["sum"].to_numpy(),
    })  # fmt: skip


def what_followed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return for each way of reaching: employers, participants, employers visited since, visits, visits that found."""
    found = rows.assign(employers=1, visited=(rows["visits"] > 0).astype(int)).groupby(["plan", "reached"], sort=True)
    return found[["employers", "participants", "visited", "visits", "found"]].sum().reset_index()


def _standing(records: Records, table: str) -> pd.DataFrame:
    """Return the rows that no other row corrects."""
    if not records.has(table):
        raise RecordsError(f"there is no table '{table}': no form of a plan was read yet.", where=records.source,
                           next="riskscore outcome import STORE FILE")  # fmt: skip
    frame = records[table].frame
    return frame[~frame[records[table].schema.id].isin(frame["replaces"].dropna())].reset_index(drop=True)
