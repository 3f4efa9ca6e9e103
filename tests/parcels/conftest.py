"""The random records of the engine's own tests serve here too."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("worlds", Path(__file__).parents[1] / "asof" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_worlds = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_worlds)
world_of = _worlds.world_of
