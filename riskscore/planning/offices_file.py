"""An offices file read into Offices, strictly."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from riskscore.dates import as_date, day
from riskscore.definitions.toml_file import Section, open_section, read_text
from riskscore.errors import Problem, RiskscoreError, nearest, raise_gathered
from riskscore.limits import TRAVEL_TIMES, read_whole
from riskscore.planning.offices import WEEKDAYS, Limit, Named, Office, Offices, PlanError

TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
EARTH = 180.0


def read_offices(path: str | Path) -> Offices:
    """Return what an offices file says.

    Raises
    ------
    PlanError
        With everything that is wrong in it.
    """
    problems: list[Problem] = []
    text = read_text(Path(path), problems)
    found = None if text is None else _offices(text, str(path), problems)
    raise_gathered(problems, PlanError, "offices")
    assert found is not None  # None comes with a problem
    return found


def offices_from_text(text: str, where: str = "offices.toml") -> Offices:
    """Return what the text of an offices file says.

    Examples
    --------
    >>> found = offices_from_text('''
    ... [[office]]
    ... name      = "Quba"
    ... latitude  = 41.36
    ... longitude = 48.51
    ... regions   = ["Quba"]
    ... teams     = ["Quba 1"]
    ... ''')
    >>> found.offices[0].visits_per_day, found.offices[0].begins
    (3, 540)
    """
    problems: list[Problem] = []
    found = _offices(text, where, problems)
    raise_gathered(problems, PlanError, "offices")
    assert found is not None
    return found


def read_travel_times(path: str | Path) -> pd.DataFrame:
    """Return a table of travel times: columns from, to, minutes.

    Raises
    ------
    PlanError
        A column is missing, minutes are no numbers of at least 0, or the file is larger than any table of distances.
    """
    try:  # the bytes, since pandas would follow an address and unpack an archive
        frame = pd.read_csv(
            io.BytesIO(read_whole(Path(path), TRAVEL_TIMES, PlanError)), dtype=str, keep_default_na=False
        )
    except OSError as why:
        raise PlanError(f"cannot be read: {why.strerror}.", where=str(path)) from None
    except ValueError:
        raise PlanError("is no CSV in UTF-8.", where=str(path)) from None
    for name in ("from", "to", "minutes"):
        if name not in frame:
            raise PlanError(f"there is no column '{name}'.", where=str(path), next="Columns: from, to, minutes.")
    minutes = pd.to_numeric(frame["minutes"], errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~(np.isfinite(minutes) & (minutes >= 0)))
    if wrong.size:
        row = int(wrong[0])
        raise PlanError(f"'{frame['minutes'].iloc[row]}' are no minutes.", where=f"{path}, row {row + 2}")
    return frame.assign(minutes=minutes)


def _offices(text: str, where: str, problems: list[Problem]) -> Offices | None:
    section = open_section(text, where, problems)
    if section is None:
        return None
    plain = Offices(())
    holidays = _dates(section, "holidays")
    found = Offices(
        offices=tuple(_office(part, holidays) for part in section.sections("office")),
        speed_kmh=section.number("speed_kmh", plain.speed_kmh, above=0, most=200),
        detour=section.number("detour", plain.detour, above=0.99, most=10),
        visit_minutes=section.integer("visit_minutes", plain.visit_minutes),
        travel_times=_beside(section, "travel_times"),
        cool_down=section.period("cool_down", plain.cool_down),
        limits=tuple(
            _limit(part, kind) for kind in ("floor", "cap") for part in section.sections(kind, required=False)
        ),
        follow_ups=tuple(_named(part) for part in section.sections("follow_up", required=False)),
        joint=tuple(_joint(part) for part in section.sections("joint", required=False)),
        leave_out=tuple(_named(part) for part in section.sections("leave_out", required=False)),
        file=where,
    )
    section.close()
    _check(section, found)
    return found


def _beside(section: Section, key: str) -> str:
    """Return the name of a file beside the offices file: whoever sends one decides about no other file."""
    name = section.text(key, required=False)
    if name and (name in (".", "..") or re.search(r"[/\\:\x00]", name)):
        section.problem(
            f"'{name[:100]}' is no file beside this one.", "Put it there, and write its name alone.", key=key
        )
        return ""
    return name


def _office(section: Section, holidays: tuple[dt.date, ...]) -> Office:
    office = Office(
        name=section.text("name"),
        latitude=section.number("latitude", required=True, above=-90.001, most=90),
        longitude=section.number("longitude", required=True, above=-EARTH - 0.001, most=EARTH),
        regions=section.texts("regions"),
        teams=section.texts("teams"),
        visits_per_day=section.integer("visits_per_day", 3),
        begins=_time(section, "begins", 9 * 60),
        ends=_time(section, "ends", 18 * 60),
        working_days=section.texts("working_days", WEEKDAYS[:5], choices=WEEKDAYS),
        holidays=tuple(sorted({*holidays, *_dates(section, "holidays")})),
        languages=section.texts("languages"),
        interpreter=section.text("interpreter", required=False),
    )
    for key, words in (("regions", office.regions), ("teams", office.teams)):
        if not words:
            section.problem(f"the key '{key}' is missing or empty.", "It holds a list of texts.")
    if office.ends <= office.begins:
        section.problem("the day ends before it begins.", key="ends")
    section.close()
    return office


def _limit(section: Section, kind: str) -> Limit:
    region, sector = section.text("region", required=False), section.text("sector", required=False)
    if bool(region) == bool(sector):
        section.problem("it must name a region or a sector, one of them.", 'Write region = "Quba".')
    limit = Limit(kind, "region" if region else "sector", region or sector,
                  section.integer("visits", required=True, least=1 if kind == "floor" else 0))  # fmt: skip
    section.close()
    return limit


def _named(section: Section) -> Named:
    named = Named(section.text("place"), section.text("because"))
    section.close()
    return named


def _joint(section: Section) -> Named:
    named = Named(section.text("place"), section.text("because"), section.text("with"), _dates(section, "on"))
    section.close()
    return named


def _time(section: Section, key: str, default: int) -> int:
    written = section.text(key, required=False)
    if not written:
        return default
    found = TIME.fullmatch(written)
    if not found:
        section.problem(f"'{written[:20]}' is no time of day.", 'Write "09:00".', key=key)
        return default
    return int(found[1]) * 60 + int(found[2])


def _dates(section: Section, key: str) -> tuple[dt.date, ...]:
    found = []
    for written in section.texts(key):
        try:
            found.append(as_date(day(written)))
        except RiskscoreError as why:
            section.problem(str(why), key=key)
    return tuple(found)


def _check(section: Section, found: Offices) -> None:
    """Note names that stand twice and places that are asked for and left out."""
    names = [o.name for o in found.offices]
    teams = [team for o in found.offices for team in o.teams]
    for what, words in (("office", names), ("team", teams)):
        for word in sorted({w for w in words if words.count(w) > 1}):
            section.problem(f"two {what}s are called '{word}'.")
    wanted = {n.place for n in (*found.follow_ups, *found.joint)}
    for place in sorted(wanted & {n.place for n in found.leave_out}):
        section.problem(f"'{place}' is to be visited and to be left out.", "Leave one of the two away.")
    served = sorted({region for o in found.offices for region in o.regions})
    for limit in found.limits:
        if limit.kind == "floor" and limit.column == "region" and limit.word not in served:
            section.problem(f"no office serves '{limit.word}', which has a floor.", nearest(limit.word, served))
