"""A recipe's text with other model settings; everything else in it, comments included, stays as it was written."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from riskscore.definitions.recipe import ModelRule, Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import DefinitionError

_WIDTH = 115
_LONG_NAMES = {"learning_rate": "eta", "reg_lambda": "lambda", "reg_alpha": "alpha", "min_split_loss": "gamma"}
_TUNED_ON = re.compile(r'^tuned_on[ \t]*=[ \t]*("""(?:.|\n)*?"""|"[^"\n]*"|\'[^\'\n]*\')[^\n]*\n', re.MULTILINE)


def short_names(params: Mapping[str, float | int | str]) -> dict[str, float | int | str]:
    """Return XGBoost's parameters under the shorter of their two names.

    Examples
    --------
    >>> short_names({"reg_lambda": 5, "max_depth": 3})
    {'lambda': 5, 'max_depth': 3}
    """
    return {_LONG_NAMES.get(name, name): value for name, value in params.items()}


def retuned(recipe: Recipe, model: ModelRule, tuned_on: str, name: str) -> str:
    """Return the recipe's text with these rounds, parameters and what they were tuned on.

    Parameters
    ----------
    recipe : Recipe
        As read from a file.
    model : ModelRule
        Its seeds are the recipe's own.
    tuned_on : str
    name : str
        What the new recipe is called.

    Raises
    ------
    DefinitionError
        The text is written in a way that cannot be edited, or the name cannot name a recipe.
    """
    said = textwrap.fill(" ".join(tuned_on.split()), _WIDTH, break_on_hyphens=False).replace("\n", " \\\n")
    wanted = f'tuned_on = """\n{said}"""\n'
    text = recipe.text.replace("\r\n", "\n")
    text = text if text.endswith("\n") else text + "\n"
    text, found = _TUNED_ON.subn(lambda _: wanted, text, count=1)
    head, tables = _parts(text)
    if not found:
        head = head.rstrip("\n") + "\n" + wanted + "\n"
    tables["[model]"] = _set(tables.get("[model]", ""), {"rounds": model.rounds})
    tables["[model.params]"] = _set(tables.get("[model.params]", "\n[model.params]\n"), model.params)
    text = head + "".join(tables.values())
    made = recipe_from_text(text, name)
    same = replace(recipe, name=name, file=made.file, text=text, tuned_on=made.tuned_on, model=model)
    if made != same or " ".join(made.tuned_on.split()) != " ".join(tuned_on.split()):
        raise DefinitionError(
            "its [model] cannot be edited as it is written.",
            where=recipe.file,
            next="Write 'rounds' below [model], and each parameter on a line of its own below [model.params].",
        )
    return text


def _parts(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first table, and each table's text by its header; repeated ones are numbered."""
    places = [m.start() for m in re.finditer(r"^\[", text, re.MULTILINE)] + [len(text)]
    tables: dict[str, str] = {}
    for begin, end in pairwise(places):
        header = text[begin:end].partition("\n")[0].partition("#")[0].strip()
        tables[header if header not in tables else f"{header} {begin}"] = text[begin:end]
    return text[: places[0]], tables


def _set(table: str, values: Mapping[str, float | int | str]) -> str:
    """Return a table's text in which these keys have these values, on their own lines or on new ones at its end."""
    lines, left = table.split("\n"), {name: _written(value) for name, value in values.items()}
    for i, line in enumerate(lines):
        key = re.match(r"([A-Za-z_]+)([ \t]*=[ \t]*)([^#\s]+)", line)
        if key is None:
            continue
        name = _LONG_NAMES.get(key[1], key[1])
        if name in left:
            lines[i] = f"{name}{key[2]}{left.pop(name)}{line[key.end() :]}"
    end = max((i for i, line in enumerate(lines) if line and not line.startswith("#")), default=0) + 1
    lines[end:end] = [f"{name} = {value}" for name, value in left.items()]
    return "\n".join(lines)


def _written(value: float | int | str) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
