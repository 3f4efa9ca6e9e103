"""One file of ``models/`` read into a Recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from riskscore.dates import Period
from riskscore.definitions.recipe import (
    AuditRule,
    BaselineRule,
    CohortRule,
    Condition,
    GateRule,
    ModelRule,
    Recipe,
    Rung,
    SplitRule,
    VisitValueRule,
)
from riskscore.definitions.toml_file import NAME, Section, open_section
from riskscore.definitions.world_prior import world_prior
from riskscore.definitions.xgboost_parameters import ALLOWED, SET_BY_US
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered

_CALIBRATIONS = ("sigmoid", "isotonic", "none")
_GATED = ("auc", "average precision", "precision")  # metrics that a gate may rest on
# the cohort's kind -> keys that say nothing there
_UNUSED: Mapping[str, tuple[str, ...]] = {"register": ("lead",), "visits": ("every",)}


def recipe_from_text(text: str, name: str, where: str = "") -> Recipe:
    """Return the recipe that a TOML text holds.

    Parameters
    ----------
    text : str
    name : str
        The recipe's name: the file's name without ``.toml``.
    where : str
        What messages call the file; ``models/NAME.toml`` if empty.

    Raises
    ------
    DefinitionError
        With everything that is wrong in it.

    Examples
    --------
    >>> recipe = recipe_from_text('''
    ... title   = "Sites by the risk of uncontracted work"
    ... why     = "To choose places to visit."
    ... entity  = "site"
    ... rank_by = 1
    ... [[ladder]]
    ... level = 1
    ... name  = "uncontracted"
    ... title = "uncontracted work found"
    ... any   = [{table = "inspections", where = "uncontracted_workers > 0"}]
    ... [model]
    ... rounds = 200
    ... ''', "site_risk")
    >>> recipe.rung(recipe.rank_by).any[0].where.columns
    frozenset({'uncontracted_workers'})
    """
    problems: list[Problem] = []
    recipe = read_recipe(text, name, where or f"models/{name}.toml", problems)
    raise_gathered(problems, DefinitionError, "definitions")
    assert recipe is not None  # None comes with a problem
    return recipe


def read_recipe(text: str, name: str, where: str, problems: list[Problem]) -> Recipe | None:
    """Return the recipe of a text; what is wrong goes to ``problems``."""
    section = open_section(text, where, problems)
    if section is None:
        return None
    if not NAME.fullmatch(name):
        section.problem(f"'{name[:60]}' cannot name the file.", "Use a-z, 0-9 and _, a letter first.")
    ladder = tuple(_rung(part) for part in section.sections("ladder"))
    calibration = section.section("calibration")
    urgent = section.section("urgent")
    plain = Recipe(name, "", "", "site", 1, (), ModelRule(1, {}))  # holds the defaults
    recipe = Recipe(
        name=name,
        title=section.text("title"),
        why=section.text("why"),
        entity=section.text("entity", choices=("site", "employer")),
        rank_by=_rank_by(section, ladder),
        ladder=ladder,
        model=_model(section.section("model", required=True)),
        families=section.texts("families", plain.families),
        horizon=section.period("horizon", plain.horizon),
        cohort=_cohort(section.section("cohort")),
        splits=_splits(section.section("splits")),
        baseline=_baseline(section.section("baseline")),
        calibration=plain.calibration if calibration is None else _method(calibration) or plain.calibration,
        minimum_positives=(
            plain.minimum_positives if calibration is None else calibration.integer("minimum_positives", 50)
        ),
        bands=_bands(section.section("bands"), plain.bands),
        capacity=_capacity(section, plain.capacity),
        urgent=None if urgent is None else _condition(urgent),
        urgent_within=plain.urgent_within if urgent is None else urgent.period("within", plain.urgent_within),
        nuisance=section.texts("nuisance", plain.nuisance),
        audit=_audit(section.section("audit")),
        gate=_gate(section.section("gate")),
        world_prior=world_prior(section.section("world_prior")),
        visit_value=_visit_value(section.section("visit_value"), ladder),
        tuned_on=section.text("tuned_on", required=False),
        file=f"models/{name}.toml",
        text=text,
        title_in=section.by_language("title_in"),
    )
    for part in (section, calibration, urgent):
        if part is not None:
            part.close()
    _levels(section, ladder)
    if recipe.nuisance and recipe.model.refits:
        section.problem("a refit knows nothing of who looked.", "Leave out refits in [model].", key="nuisance")
    for key, period in (("horizon", recipe.horizon), ("splits: every", recipe.splits.every)):
        if period.everything or period == Period():
            section.problem("it must be a length of time.", 'Write "12 months".', key=key)
    return recipe


def _rung(section: Section) -> Rung:
    rung = Rung(
        level=section.integer("level", required=True),
        name=section.text("name"),
        title=section.text("title"),
        any=tuple(_alone(part) for part in section.sections("any")),
        delay=section.period("delay", Period()),
        title_in=section.by_language("title_in"),
    )
    if rung.delay.everything:
        section.problem("it must be a length of time.", 'Write "90 days".', key="delay")
    section.close()
    return rung


def _condition(section: Section) -> Condition:
    return Condition(section.text("table"), section.expression("where"))


def _alone(section: Section) -> Condition:
    """Return a condition whose table holds nothing else."""
    condition = replace(
        _condition(section),
        distinct=section.text("distinct", required=False),
        at_least=section.integer("at_least", 1),
    )
    if (condition.at_least > 1) != bool(condition.distinct):
        section.problem("'distinct' and 'at_least' go together.", 'Write distinct = "indicator", at_least = 2.')
    section.close()
    return condition


def _levels(section: Section, ladder: Sequence[Rung]) -> None:
    levels = [rung.level for rung in ladder]
    if levels != list(range(1, len(levels) + 1)):
        found = ", ".join(map(str, levels))
        section.problem(f"levels {found}; expected 1, 2, 3, ... in this order.", key="ladder")
    names = [rung.name for rung in ladder]
    for name in sorted({n for n in names if names.count(n) > 1}):
        section.problem(f"two rungs are called '{name}'.", key="ladder")


def _rank_by(section: Section, ladder: Sequence[Rung]) -> int:
    """Return the level that ranks: written as a level, or as a rung's name."""
    if isinstance(section.content.get("rank_by"), str):
        name = section.text("rank_by")
        found = [rung.level for rung in ladder if rung.name == name]
        if not found:
            section.problem(f"no rung is called '{name}'.", nearest(name, [r.name for r in ladder]), key="rank_by")
        return found[0] if found else 1
    level = section.integer("rank_by", 1, required=True)
    if ladder and level not in [rung.level for rung in ladder]:
        section.problem(f"no rung has the level {level}.", "Write a rung's level or its name.", key="rank_by")
    return level


def _model(section: Section | None) -> ModelRule:
    if section is None:
        return ModelRule(1, {})
    rounds, seeds = section.integer("rounds", 1, required=True), section.numbers("seeds", (1.0,))
    if any(seed != int(seed) or seed < 0 for seed in seeds) or len(set(seeds)) < len(seeds):
        section.problem("seeds are different whole numbers from 0 on.", "Write seeds = [1, 2, 3].", key="seeds")
    params, refits = section.section("params"), section.integer("refits", 0)
    if refits == 1:
        section.problem("one refit gives no range.", "Write refits = 20, or leave it out.", key="refits")
    section.close()
    return ModelRule(rounds, {} if params is None else _params(params), tuple(int(seed) for seed in seeds), refits)


def _params(section: Section) -> Mapping[str, float | int | str]:
    found: dict[str, float | int | str] = {}
    for name, value in sorted(section.content.items()):
        if name in SET_BY_US:
            section.problem(f"a recipe does not set '{name}'.", SET_BY_US[name])
        elif name not in ALLOWED:
            section.problem(f"XGBoost has no parameter '{name[:60]}'.", nearest(name, list(ALLOWED)))
        elif isinstance(value, ALLOWED[name]) and isinstance(value, float | int | str) and not isinstance(value, bool):
            found[name] = value
        else:
            spoken = {int: "a whole number", str: "a text"}.get(ALLOWED[name][0], "a number")
            section.problem(f"expected {spoken}.", key=name)
    for short, long in (("eta", "learning_rate"), ("lambda", "reg_lambda"), ("alpha", "reg_alpha")):
        if short in found and long in found:
            section.problem(f"'{short}' and '{long}' are one parameter.", "Leave one out.")
    return found


def _method(section: Section) -> str:
    return section.text("method", required=False, choices=_CALIBRATIONS)


def _cohort(section: Section | None) -> CohortRule:
    plain = CohortRule()
    if section is None:
        return plain
    rule = CohortRule(
        kind=section.text("kind", required=False, choices=tuple(_UNUSED)) or plain.kind,
        first=section.date("first"),
        last=section.date("last"),
        every=section.period("every", plain.every),
        where=section.expression("where"),
        lead=section.period("lead", plain.lead),
    )
    for key in _UNUSED[rule.kind]:
        if section.has(key):
            section.problem(f"a cohort of kind '{rule.kind}' does not use it.", "Leave it out.", key=key)
    if rule.first and rule.last and rule.last < rule.first:
        section.problem(f"{rule.last} lies before first = {rule.first}.", key="last")
    for key, period in (("every", rule.every), ("lead", rule.lead)):
        if period.everything or (key == "every" and period == Period()):
            section.problem("it must be a length of time.", 'Write "6 months".', key=key)
    section.close()
    return rule


def _splits(section: Section | None) -> SplitRule:
    plain = SplitRule()
    if section is None:
        return plain
    rule = SplitRule(
        section.period("every", plain.every),
        section.integer("origins", plain.origins),
        section.period("calibration", plain.calibration),
    )
    section.close()
    return rule


def _baseline(section: Section | None) -> BaselineRule | None:
    if section is None:
        return None
    table, value = section.text("table"), section.expression("value", required=True)
    where, smoothing = section.expression("where"), section.number("smoothing", 5.0, above=0)
    section.close()
    return None if value is None else BaselineRule(table, value, where, smoothing)


def _audit(section: Section | None) -> AuditRule:
    plain = AuditRule()
    if section is None:
        return plain
    rule = AuditRule(
        section.number("proxy_gain_limit", plain.proxy_gain_limit, above=0, most=0.5),
        section.number("difference_limit", plain.difference_limit, above=0, most=1),
        section.number("high_foreign_share", plain.high_foreign_share, above=0, most=1),
        section.integer("minimum_rows", plain.minimum_rows, least=2),
        section.integer("minimum_positives", plain.minimum_positives, least=2),
    )
    section.close()
    return rule


def _gate(section: Section | None) -> GateRule:
    plain = GateRule()
    if section is None:
        return plain
    rule = GateRule(
        section.text("metric", required=False, choices=_GATED) or plain.metric,
        section.number("margin", plain.margin, above=0, most=0.5),
        section.number("corrected_margin", plain.corrected_margin, above=0, most=0.5),
        section.number("worthwhile", plain.worthwhile, above=0, most=0.5),
        section.integer("minimum_positives", plain.minimum_positives, least=10),
        section.number("same_places", plain.same_places, above=0, most=1),
    )
    section.close()
    return rule


def _visit_value(section: Section | None, ladder: Sequence[Rung]) -> VisitValueRule:
    plain = VisitValueRule()
    if section is None:
        return plain
    weights, names = section.section("weights"), [rung.name for rung in ladder]
    found: dict[str, float] = {}
    for name in sorted(weights.content) if weights is not None else []:
        assert weights is not None
        if name in names:
            found[name] = weights.number(name, above=-1e-9)
        else:
            weights.problem(f"no rung is called '{name[:60]}'.", nearest(name, names))
    in_order = [found[name] for name in names if name in found]
    if in_order != sorted(in_order):
        section.problem("a rarer rung cannot weigh less than a common one.", key="weights")
    if 0 < len(found) < len(names):
        missing = next(name for name in names if name not in found)
        section.problem(f"the rung '{missing}' has no weight.", "Weigh every rung, or none.", key="weights")
    rule = VisitValueRule(
        found,
        section.number("workers_exponent", plain.workers_exponent, above=-1e-9, most=1),
        section.period("recovery", plain.recovery),
    )
    if rule.recovery.everything or rule.recovery == Period():
        section.problem("it must be a length of time.", 'Write "12 months".', key="recovery")
    section.close()
    return rule


def _bands(section: Section | None, default: Mapping[str, float]) -> Mapping[str, float]:
    if section is None:
        return default
    found = {name: section.number(name, above=0, most=1) for name in section.content}
    shares = list(found.values())
    if shares != sorted(set(shares)) or not shares or shares[-1] != 1:
        section.problem("shares must grow from band to band, the last being 1.0.", "Write A = 0.01, B = 0.05, C = 1.0.")
    return found


def _capacity(section: Section, default: tuple[float, ...]) -> tuple[float, ...]:
    found = section.numbers("capacity", default)
    if not all(0 < share <= 1 for share in found):
        section.problem("each is a share of the cohort, above 0 and at most 1.", key="capacity")
    return found
