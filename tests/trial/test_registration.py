"""The registered files: they come back as they were, and no change passes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from riskscore.report.tables import as_csv
from riskscore.report.trial_files import write_trial
from riskscore.trial.registration import ALLOCATION, FILE, _hash, as_json, digest, read_registration
from riskscore.trial.size import TrialError


def test_a_registration_comes_back_as_it_was_with_its_allocation(registered, tmp_path) -> None:
    registration, units = registered()
    write_trial(registration, units, tmp_path)
    for place in (tmp_path, tmp_path / FILE):
        again, listed = read_registration(place)
        assert as_json(again) == as_json(registration)
        assert (again.begins, again.large_enough) == (registration.begins, False)
        pd.testing.assert_frame_equal(listed, units, check_dtype=False)
    assert "'=north" in (tmp_path / ALLOCATION).read_text(encoding="utf-8"), "no spreadsheet takes it for a formula"


@pytest.mark.parametrize(("old", "new"), [('"alpha": 0.05', '"alpha": 0.2'), ('"rung": 1', '"rung": 2'),
                                          ('"first": "2025-01-06"', '"first": "2025-02-03"')])  # fmt: skip
def test_a_changed_registration_is_refused(registered, tmp_path, old, new) -> None:
    write_trial(*registered(), tmp_path)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TrialError, match="was changed after it was written"):
        read_registration(tmp_path)


def test_a_place_moved_to_the_other_arm_is_refused(registered, tmp_path) -> None:
    write_trial(*registered(), tmp_path)
    text = (tmp_path / ALLOCATION).read_text(encoding="utf-8")
    arm, other = ("list", "present") if "S003,list" in text else ("present", "list")
    (tmp_path / ALLOCATION).write_text(text.replace(f"S003,{arm}", f"S003,{other}"), encoding="utf-8")
    with pytest.raises(TrialError, match="not the allocation that was registered"):
        read_registration(tmp_path)


def test_arms_that_do_not_follow_from_the_seed_are_refused_though_every_hash_fits(registered, tmp_path) -> None:
    registration, units = registered()
    units["arm"] = units["arm"].map({"list": "present", "present": "list"})
    write_trial(registration, units, tmp_path)
    held = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    held["registration"]["allocation"] = digest(as_csv(units).encode())
    held["sha256"] = _hash(held["registration"])
    (tmp_path / FILE).write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(TrialError, match="does not follow from seed 1"):
        read_registration(tmp_path)


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"registration": {"unit": "week"}, "sha256": ""}'])
def test_another_file_is_no_registration(registered, tmp_path, text) -> None:
    write_trial(*registered(), tmp_path)
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(TrialError, match="no registration of a trial"):
        read_registration(tmp_path)


def test_a_missing_allocation_is_named(registered, tmp_path) -> None:
    write_trial(*registered(), tmp_path)
    (tmp_path / ALLOCATION).unlink()
    with pytest.raises(TrialError, match=ALLOCATION):
        read_registration(tmp_path)
