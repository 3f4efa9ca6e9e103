"""Files written by hand, or made to look so: size and depth are bounded before anything is made of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

READ = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # so that a failure costs nobody else anything
from pathlib import Path
from riskscore.errors import RiskscoreError
from riskscore.definitions.catalog import load_catalog
from riskscore.planning.offices_file import read_offices
from riskscore.records.mapping_file import read_mapping
from riskscore.pipeline.verify import read_dossier
catalog = lambda path: load_catalog(path.parent.parent)
ways = {"features": catalog, "models": catalog, "offices": read_offices, "mapping": read_mapping,
        "dossier": read_dossier}
said = {}
for name in sys.argv[1:]:
    path = Path(name)
    try:
        ways[path.parent.name](path)
        said[name] = "read"
    except RiskscoreError as error:
        said[name] = str(error)
# Linux counts into ru_maxrss what the process that started this one held; its own peak is VmHWM
status = Path("/proc/self/status")
peak = status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0
print(json.dumps([said, int(peak) / 1024]))
"""
LONG = "a." * 100_000 + "a = 1\n"  # 200 kB, and 40 GB to a reader that believes it
TOML = {
    "key": LONG,
    "quoted": '"a b" . ' * 100_000 + "a = 1\n",
    "head": f"[{'a.' * 100_000}a]\n",
    "inline": "a = {" + "a." * 100_000 + "a = 1}\n",
    "list": "a = " + "[" * 100_000 + "\n",
    "closed": "a = " + "[" * 200 + "]" * 200 + "\n",
    "large": "# " + "x" * (3 << 20) + "\n",
}
JSON = {"list": "[" * 1_000_000, "closed": '{"shape": ' + "[" * 900 + "]" * 900 + "}", "large": " " * (65 << 20)}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], float]:
    folder = tmp_path_factory.mktemp("deep")
    files: list[Path] = []
    for kind, bombs in (("features", TOML), ("models", TOML), ("offices", TOML), ("mapping", TOML), ("dossier", JSON)):
        for name, text in bombs.items():
            files.append(folder / f"{kind}-{name}" / kind / f"bomb.{'json' if kind == 'dossier' else 'toml'}")
            files[-1].parent.mkdir(parents=True)
            files[-1].write_text(text)
    done = subprocess.run([sys.executable, "-c", READ, *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, memory = json.loads(done.stdout)
    return {Path(name).parts[-3]: text for name, text in said.items()}, memory


@pytest.mark.parametrize("kind", ["features", "models", "offices", "mapping"])
@pytest.mark.parametrize("bomb", TOML)
def test_a_file_that_would_fill_the_memory_is_refused_in_words(kind, bomb, read) -> None:
    expected = "at most 2,097,152 are read" if bomb == "large" else "nested too deep"
    assert expected in read[0][f"{kind}-{bomb}"]


@pytest.mark.parametrize("bomb", JSON)
def test_a_dossier_made_to_be_deep_or_large_is_none(bomb, read) -> None:
    expected = "at most 67,108,864 are read" if bomb == "large" else "is no 'riskscore dossier"
    assert expected in read[0][f"dossier-{bomb}"]


def test_all_of_them_take_no_more_memory_than_the_libraries(read) -> None:
    if not read[1]:
        pytest.skip("the system does not tell what a process held at most")
    assert 50 < read[1] < 700


def test_no_other_json_is_followed_into_its_depth(tmp_path) -> None:
    from riskscore.champion import STANDING, changes
    from riskscore.errors import RiskscoreError
    from riskscore.ledger.anchor import read_anchor
    from riskscore.planning.planned import FILE as PLANNED
    from riskscore.planning.planned import read_planned
    from riskscore.trial.registration import ALLOCATION, read_registration
    from riskscore.trial.registration import FILE as REGISTRATION

    (tmp_path / ALLOCATION).write_text("")
    for name in (STANDING, PLANNED, REGISTRATION, "anchor.json"):
        (tmp_path / name).write_text("[" * 200_000)
    for read in (changes, read_planned, read_registration, lambda folder: read_anchor(folder / "anchor.json")):
        with pytest.raises(RiskscoreError):
            read(tmp_path)
