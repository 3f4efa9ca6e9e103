"""New definitions to start from: a commented file that loads as it is, and a test beside it."""

from __future__ import annotations

from pathlib import Path

from riskscore.definitions.toml_file import NAME
from riskscore.errors import DefinitionError

FAMILY = """\
# A feature family: what is measured. One row of the table is one event; the engine alone knows about time.
title = "NAME"                      # printed in reports
table = "inspections"               # the table whose rows are read
why   = "State why this should tell something about risk."
basis = "assumption"                # or the source

[[feature]]
name    = "visits"                  # the column is called NAME.visits.site.12m
kind    = "count"                   # count, exists, sum, mean, min, max, last, latest_of, days_since, distinct,
                                    # share, rate, ratio, decayed_sum, trend, streak, overdue, attribute,
                                    # calendar
# where = "trigger != 'random'"     # which rows match; left out: every row
windows = ["12 months", "all"]
by      = "site"                    # site, employer, peers, network, or a list of them
none    = 0                         # the value where nothing matched
unseen  = "missing"                 # the value where nobody could have seen anything
# opportunity = "inspections"       # the table of which a row in the window means that somebody looked
# monotone = "increasing"           # more of it may only raise the score
# indicator = "withholding_of_wages"  # one of the 11 indicators of forced labour, or "enabling condition"
reason.en = "{visits:value} {where} {when}"
"""

RECIPE = """\
# A recipe: what is sought, among whom, and how it is learned.
title    = "NAME"
why      = "State what the list is for."
entity   = "site"                   # site or employer
rank_by  = "uncontracted"           # the rung that ranks: its name or its level
horizon  = "12 months"
families = ["*"]                    # globs on the names of families; "!peers*" leaves out
# nuisance = ["office", "inspector_id"]  # who looked: corrects what is learned, never raises a rank

[cohort]
kind  = "register"                  # register: everyone known on the dates; visits: each visit less a lead
every = "6 months"

# The ladder of severity, from common to rare. A rung is reached when a row of any condition falls in the horizon.
[[ladder]]
level = 1
name  = "uncontracted"
title = "work without a contract found"
delay = "30 days"                   # until the horizon's end plus this, the outcome is open, not negative
any   = [{ table = "inspections", where = "uncontracted_workers > 0" }]

[model]                             # XGBoost, by its own names
rounds = 300
seeds  = [1]

[model.params]
eta              = 0.03
max_depth        = 4
min_child_weight = 20
subsample        = 0.7
colsample_bytree = 0.5
lambda           = 5

[calibration]
method            = "sigmoid"       # sigmoid, isotonic or none
minimum_positives = 50              # fewer known cases: a band, no percentage

[bands]                             # shares of the list, from the top
A = 0.01
B = 0.05
C = 0.15
D = 0.4
E = 1.0

[splits]                            # the backtest: dates that roll through time
every       = "12 months"
origins     = 3
calibration = "12 months"

# [urgent]                          # reports that head the list, whatever the score
# table  = "complaints"
# where  = "urgent"
# within = "30 days"
"""

_TEST = '''\
"""NAME: what WHAT says, and that it loads."""

from pathlib import Path

from riskscore.definitions.catalog import load_catalog

DEFINITIONS = Path(__file__).resolve().parents[2]


def test_NAME_loads_and_says_why() -> None:
    found = load_catalog(DEFINITIONS).LOOKUP
    assert not found.why.startswith("State "), "say why, in a sentence that a report can print"
'''


def new_feature(folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``features/NAME.toml`` and ``tests/features/test_NAME.py``; return both paths.

    Raises
    ------
    DefinitionError
        Where the name does not fit or a file is there already; nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in new_feature(Path(folder), "fines")]
    ['fines.toml', 'test_fines.py']
    """
    return _write(folder, "features", name, FAMILY, f'family("{name}")')


def new_recipe(folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``models/NAME.toml`` and ``tests/models/test_NAME.py``; return both paths.

    Raises
    ------
    DefinitionError
        Where the name does not fit or a file is there already; nothing is written then.
    """
    return _write(folder, "models", name, RECIPE, f'recipe("{name}")')


def _write(folder: Path, room: str, name: str, text: str, lookup: str) -> tuple[Path, Path]:
    if not NAME.fullmatch(name) or name == "phrases":
        what = "is taken by the file of phrases." if name == "phrases" else "is no name for a definition."
        raise DefinitionError(f"'{name[:60]}' {what}", next="Use a-z, 0-9 and _, a letter first, such as 'late_wages'.")
    definition, test = folder / room / f"{name}.toml", folder / "tests" / room / f"test_{name}.py"
    for path in (definition, test):
        if path.exists():
            raise DefinitionError(
                "is there already; nothing was written.", where=str(path), next="Choose another name."
            )
    what = "one feature family" if room == "features" else "one recipe"
    filled = _TEST.replace("NAME", name).replace("LOOKUP", lookup).replace("WHAT", what)
    for path, content in ((definition, text.replace("NAME", name)), (test, filled)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
    return definition, test
