from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskscore.report import atomic
from riskscore.report.atomic import write_bytes, write_text


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "list.csv"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(target, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]
    assert target.read_text() == "old"


def test_text_keeps_its_line_ends_and_half_surrogates_are_written_out(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a" / "b" / "x.txt", "ə\n\udc80\r\n")
    assert path.read_bytes() == "ə\n\\udc80\r\n".encode()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_others_may_read_a_report_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert write_text(tmp_path / "x", "").stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)
