from __future__ import annotations

import re

import pytest

from riskscore.report.names import safe_name

IDS = ["S-1", "s-1", "../S-1", "..\\S-1", "/etc/passwd", "", ".", "..", "CON", "con", "NUL", "a" * 500, "A" * 500,
       "S 1", "S\x001", "Şəfəq", "S-1.", "S-1 ", "-rf", "S-1-xfbfa8f7262ad", "S-1-XFBFA8F7262AD", "\udc80"]  # fmt: skip


@pytest.mark.parametrize("entity", IDS)
def test_a_name_leads_nowhere_and_is_safe_on_every_system(entity: str) -> None:
    name = safe_name(entity)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,80}", name)
    assert name.upper() not in {"CON", "NUL"}


def test_no_two_ids_share_a_file_even_where_case_does_not_count() -> None:
    assert len({safe_name(i).lower() for i in IDS}) == len(IDS)


def test_the_usual_ids_are_their_own_names() -> None:
    assert [safe_name(i) for i in ("S-00123", "E_4", "1234567890")] == ["S-00123", "E_4", "1234567890"]
