"""The picture of a whole list."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd

from riskscore.report.beeswarm import beeswarm_svg


def _picture(n: int) -> str:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"fines": random.poisson(2, n), "kind": pd.Categorical(random.choice(["farm", "shop"], n))})
    values = np.column_stack([frame["fines"] / 10 - 0.2, np.where(frame["kind"] == "farm", 0.1, -0.1)])
    return beeswarm_svg(values, frame, ["Fines <so far>", "Kind of place"], "A list")


def test_the_picture_is_well_formed_names_its_columns_and_asks_for_nothing_from_outside() -> None:
    svg = _picture(50)
    texts = [t.text for t in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Fines <so far>", "Kind of place", "A list"} <= set(texts)
    assert 'href="http' not in svg


def test_the_same_list_gives_the_same_bytes_and_leaves_the_random_state_alone() -> None:
    np.random.seed(11)
    first = _picture(50)
    after = np.random.get_state()[1].tolist()
    assert _picture(50) == first
    assert np.random.get_state()[1].tolist() == after


def test_a_long_list_is_thinned_so_that_points_can_be_told_apart() -> None:
    assert len(_picture(20_000)) < 3 * len(_picture(2_000))
