"""All feature families, recipes and phrases that can be found, by name; nothing has to be registered anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from riskscore.definitions.family_file import read_family
from riskscore.definitions.feature import Family
from riskscore.definitions.forbidden import check, check_cohort
from riskscore.definitions.phrases import Phrases, check_reasons, read_phrases
from riskscore.definitions.recipe import Recipe
from riskscore.definitions.recipe_file import read_recipe
from riskscore.definitions.toml_file import read_text
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered

_PACKAGE = Path(__file__).resolve().parents[1]
_PHRASES = "phrases"
_NO_FAMILIES = (_PHRASES, "legal_test")  # files of features/ that say something else


@dataclass(frozen=True)
class Catalog:
    """What was found, by name; each mapping is in the order of its names."""

    families: Mapping[str, Family]
    recipes: Mapping[str, Recipe]
    phrases: Phrases

    def recipe(self, name: str) -> Recipe:
        """Return one recipe, or raise DefinitionError with the nearest name."""
        if name not in self.recipes:
            raise DefinitionError(f"there is no recipe '{name}'.", next=nearest(name, list(self.recipes)))
        return self.recipes[name]

    def family(self, name: str) -> Family:
        """Return one family, or raise DefinitionError with the nearest name."""
        if name not in self.families:
            raise DefinitionError(f"there is no feature family '{name}'.", next=nearest(name, list(self.families)))
        return self.families[name]


def load_catalog(definitions: Path | None = None) -> Catalog:
    """Return everything shipped with the package, and what a folder of the user's own adds or replaces.

    Parameters
    ----------
    definitions : Path, optional
        A folder with ``features/`` or ``models/`` or both. A file there replaces the shipped one of the same name,
        any other is added; ``features/phrases.toml`` replaces whole languages.

    Returns
    -------
    Catalog

    Raises
    ------
    DefinitionError
        With everything that is wrong in all files.

    Examples
    --------
    >>> load_catalog().phrases.of("en").where["site"]
    'at this site'
    """
    folders = [shipped()] if definitions is None else [shipped(), _users(definitions)]
    problems: list[Problem] = []
    families, recipes = {}, {}
    phrases = [path for folder in folders if (path := folder / "features" / f"{_PHRASES}.toml").is_file()]
    spoken = read_phrases([(text, str(p)) for p in phrases if (text := read_text(p, problems)) is not None], problems)
    for name, path in _files(folders, "features").items():
        text = read_text(path, problems)
        family = None if text is None else read_family(text, name, str(path), problems)
        if family is None:
            continue
        families[name] = family
        for feature in family.features:
            where = f"{path}: feature '{feature.name}': reason"
            problems += [Problem(2, where, what) for what in check_reasons(feature, spoken)]
    for name, path in _files(folders, "models").items():
        text = read_text(path, problems)
        recipe = None if text is None else read_recipe(text, name, str(path), problems)
        if recipe is not None:
            recipes[name] = recipe
    raise_gathered(problems, DefinitionError, "definitions")
    return Catalog(families, recipes, spoken)


def select(recipe: Recipe, catalog: Catalog) -> tuple[Family, ...]:
    """Return the families that a recipe's globs name, in the order of their names.

    A glob that begins with ``!`` leaves out; with such globs alone, everything else is in.

    Raises
    ------
    DefinitionError
        Where a glob names nothing, or a family holds what may not be a feature.

    Examples
    --------
    >>> from riskscore.definitions.family_file import family_from_text
    >>> from riskscore.definitions.recipe_file import recipe_from_text
    >>> from riskscore.definitions.scaffold import FAMILY, RECIPE
    >>> catalog = Catalog({"fines": family_from_text(FAMILY, "fines")}, {}, load_catalog().phrases)
    >>> [family.name for family in select(recipe_from_text(RECIPE, "mine"), catalog)]
    ['fines']
    """
    names = sorted(catalog.families)
    wanted = [glob for glob in recipe.families if not glob.startswith("!")] or ["*"]
    unwanted = [glob[1:] for glob in recipe.families if glob.startswith("!")]
    where = recipe.file or f"models/{recipe.name}.toml"
    problems = []
    for glob in wanted + unwanted:
        if not any(fnmatchcase(name, glob) for name in names):
            problems.append(Problem(1, f"{where}: families", f"no family matches '{glob[:60]}'.", nearest(glob, names)))
    found = tuple(
        catalog.families[name]
        for name in names
        if any(fnmatchcase(name, glob) for glob in wanted) and not any(fnmatchcase(name, glob) for glob in unwanted)
    )
    problems += [*check_cohort(recipe), *(problem for family in found for problem in check(family))]
    raise_gathered(problems, DefinitionError, f"recipe '{recipe.name}'")
    return found


def shipped() -> Path:
    """Return the folder of the shipped definitions: in the installed package, else in the checkout around it."""
    if (_PACKAGE / "_catalog" / "features").is_dir():
        return _PACKAGE / "_catalog"
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "features").is_dir():
        return checkout
    raise DefinitionError("the shipped definitions are gone.", where=str(_PACKAGE), next="Install riskscore again.")


def _users(folder: Path) -> Path:
    if not (folder / "features").is_dir() and not (folder / "models").is_dir():
        what = "holds neither features/ nor models/." if folder.is_dir() else "there is no such folder."
        raise DefinitionError(what, where=str(folder), next="Name the folder above them, or make one: riskscore init.")
    return folder


def _files(folders: list[Path], room: str) -> Mapping[str, Path]:
    """Return name -> file of one room; a later folder replaces by name."""
    found = {path.stem: path for folder in folders for path in (folder / room).glob("*.toml")}
    return {name: found[name] for name in sorted(found) if not (room == "features" and name in _NO_FAMILIES)}
