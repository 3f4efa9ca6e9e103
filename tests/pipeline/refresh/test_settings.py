"""The file of a refresh is read strictly, and its paths from where it lies."""

from __future__ import annotations

import datetime as dt

import pytest

from riskscore.errors import DefinitionError
from riskscore.pipeline.refresh.settings import read_settings

LEAST = 'extracts = "in"\nrecords = "records"\nrecipe = "site_risk"\n'


@pytest.fixture
def said(tmp_path):
    def read(text: str):
        path = tmp_path / "office" / "refresh.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read_settings(path)

    return read


def test_paths_are_taken_from_the_folder_of_the_file_wherever_the_command_is_typed(said, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir("/")
    found = said(LEAST)
    folder = (tmp_path / "office").resolve()
    assert (found.extracts, found.records) == (str(folder / "in"), folder / "records")
    assert (found.store, found.out) == (folder / "runs", folder / "refreshes")
    assert (found.mapping, found.definitions, found.as_of) == (None, None, "first of month")
    assert said(LEAST.replace('"in"', '"sqlite:///in.db"')).extracts == f"sqlite:///{folder}/in.db"
    assert said(LEAST.replace('"in"', '"sqlite:////in.db"')).extracts == "sqlite:////in.db"
    assert said(LEAST.replace('"in"', '"postgresql://host/in"')).extracts == "postgresql://host/in"
    assert said(LEAST + "as_of = 2024-05-01").as_of == dt.date(2024, 5, 1)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('recipes = "x"', "Did you mean 'recipe'?"),
        ("[limits]\nrejectd = 0.1", "Did you mean 'rejected'?"),
        ("[limits]\nrevised = 2", "at most 1"),
        ('as_of = "first of the month"', "Did you mean 'first of month'?"),
        ("store = 3", "expected a text"),
        ('store = "postgresql://u:secret@host/runs"', "a file or folder is wanted"),
        ("x = ", "is no valid TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(said, more, told) -> None:
    with pytest.raises(DefinitionError, match=r"refresh\.toml") as error:
        said(LEAST + more)
    assert told in str(error.value)
    assert "secret" not in str(error.value)


def test_everything_that_is_missing_is_told_at_once(said) -> None:
    with pytest.raises(DefinitionError) as error:
        said("")
    assert all(f"'{key}' is missing" in str(error.value) for key in ("extracts", "records", "recipe"))
