"""What importing costs, and who may import whom."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

import riskscore

CHECKOUT = Path(__file__).resolve().parents[1]


def test_importing_the_package_imports_neither_numpy_nor_pandas() -> None:
    code = "import sys, riskscore; print([m for m in ('numpy', 'pandas', 'click', 'xgboost') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_none_is_hidden_by_a_room_of_its_name() -> None:
    assert set(riskscore.__all__) == set(riskscore._PLACES)
    for name in riskscore.__all__:
        assert not isinstance(getattr(riskscore, name), types.ModuleType), name
        assert not (CHECKOUT / "riskscore" / name).is_dir(), f"a room called {name} would hide riskscore.{name}"


def test_the_type_checkers_twin_names_the_same() -> None:
    text = (CHECKOUT / "riskscore" / "__init__.py").read_text(encoding="utf-8")
    twin = text.partition("if TYPE_CHECKING:")[2].partition("_PLACES")[0]
    named = {line.split()[-1]: line.split()[1] for line in twin.splitlines() if " as " in line}
    assert named == {name: module for name, (module, _) in riskscore._PLACES.items()}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rnak'"):
        _ = riskscore.rnak


def test_the_layers_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    if not program.exists():
        pytest.skip("wants import-linter: pip install -e '.[dev]'")
    done = subprocess.run([program, "--no-logo"], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
