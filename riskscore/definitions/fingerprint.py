"""One number for what a model was made from: it changes with the content of a definition, not with its layout."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence

from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe


def fingerprint(recipe: Recipe, families: Sequence[Family]) -> str:
    """Return the SHA-256 of a recipe with the families it selected, in hexadecimal.

    Comments, blank lines, the order of keys and the order of ``families`` do not count.

    Parameters
    ----------
    recipe : Recipe
        Read from a text.
    families : sequence of Family

    Examples
    --------
    >>> from riskscore.definitions.family_file import family_from_text
    >>> from riskscore.definitions.scaffold import FAMILY
    >>> text = FAMILY.replace("NAME", "fines")
    >>> first, second = family_from_text(text, "fines"), family_from_text(text + "# a remark", "fines")
    >>> from riskscore.definitions.recipe_file import recipe_from_text
    >>> from riskscore.definitions.scaffold import RECIPE
    >>> recipe = recipe_from_text(RECIPE.replace("NAME", "mine"), "mine")
    >>> fingerprint(recipe, [first]) == fingerprint(recipe, [second])
    True
    """
    content = {
        "recipe": [recipe.name, tomllib.loads(recipe.text)],
        "families": sorted(([f.name, tomllib.loads(f.text)] for f in families), key=lambda pair: str(pair[0])),
    }
    # dates are the only values of TOML that JSON lacks
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
