"""The language of definitions: what it reads, how unknown behaves, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.dates import MISSING, day
from riskscore.definitions.grammar import Values, evaluate, matches, parse
from riskscore.errors import DefinitionError

NULL = None


def numbers(*cells: float | None) -> Values:
    return Values("number", np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64))


def truths(*cells: bool | None) -> Values:
    return Values("truth", np.array([-1 if cell is None else cell for cell in cells], dtype=np.int8))


def texts(*cells: str | None) -> Values:
    words = tuple(sorted({cell for cell in cells if cell is not None}))
    codes = [-1 if cell is None else words.index(cell) for cell in cells]
    return Values("text", np.array(codes, dtype=np.int32), words)


def days(*cells: str | None) -> Values:
    return Values("day", np.array([MISSING if cell is None else day(cell) for cell in cells], dtype=np.int32))


def value(text: str, **columns: Values) -> list[object]:
    """Evaluate over columns; ``inspection__trigger`` stands for ``inspection.trigger``. None is null or unknown."""
    n = len(next(iter(columns.values())).data) if columns else 1
    found = evaluate(parse(text), lambda parent, name: columns[f"{parent}__{name}" if parent else name], n)
    assert len(found.data) == n
    if found.kind == "text":
        return [None if code < 0 else found.words[code] for code in found.data]
    cells = found.data == 1 if found.kind == "truth" else found.data
    return [None if null else cell for null, cell in zip(found.null().tolist(), cells.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("8 / 4 / 2", 1.0),
        ("-2 * -3", 6.0),
        ("2 - -1", 3.0),
        ("1.5e2", 150.0),
        ("1 < 2 or 1 / 0 > 1 and false", True),
        ("(true or true) and false", False),
        ("not true or true", True),
        ("not (true or true)", False),
        ("not 1 = 2", True),
        ("1 == 1", True),
        ("'it''s' = 'it''s'", True),
        ("-1 in (-1, 2)", True),
        ("true = false", False),
    ],
)
def test_operators_bind_as_in_school(text: str, expected: object) -> None:
    assert value(text) == [expected]


def test_null_is_unknown_in_comparisons_and_null_in_arithmetic() -> None:
    a, b = numbers(1, NULL, 3), numbers(2, 2, NULL)
    assert value("a < b", a=a, b=b) == [True, None, None]
    assert value("a != b", a=a, b=b) == [True, None, None]
    assert value("a + b", a=a, b=b) == [3.0, None, None]
    assert value("a in (1, 3)", a=a) == [True, None, True]
    assert value("a not in (1, 3)", a=a) == [False, None, False]
    assert value("a is missing", a=a) == [False, True, False]
    assert value("a is not missing", a=a) == [True, False, True]


def test_and_or_not_follow_three_valued_logic() -> None:
    triples = [(x, y) for x in (True, False, None) for y in (True, False, None)]
    a, b = truths(*(x for x, _ in triples)), truths(*(y for _, y in triples))
    both = [False if False in (x, y) else None if None in (x, y) else True for x, y in triples]
    either = [True if True in (x, y) else None if None in (x, y) else False for x, y in triples]
    assert value("a and b", a=a, b=b) == both
    assert value("a or b", a=a, b=b) == either
    assert value("not a", a=a) == [None if x is None else not x for x, _ in triples]
    assert value("a is missing", a=a) == [x is None for x, _ in triples]


def test_division_by_zero_and_overflow_are_null() -> None:
    assert value("a / b", a=numbers(1, 0, 6), b=numbers(0, 0, 3)) == [None, None, 2.0]
    assert value("a * a", a=numbers(1e300)) == [None]


def test_text_is_compared_by_what_it_says_not_by_its_codes() -> None:
    a, b = texts("raid", "hotline", None, "planned"), texts("raid", "raid", "raid", "random")
    assert value("a = b", a=a, b=b) == [True, False, None, False]
    assert value("b != a", a=a, b=b) == [False, True, None, True]
    assert value("a = 'raid'", a=a) == [True, False, None, False]
    assert value("'raid' != a", a=a) == [False, True, None, True]
    assert value("a in ('raid', 'planned', 'nowhere')", a=a) == [True, False, None, True]
    assert value("a = 'nowhere'", a=a) == [False, False, None, False]


def test_days_are_compared_with_dates_and_give_numbers_of_days() -> None:
    a, b = days("2024-03-01", None, "2023-12-31"), days("2024-02-28", "2024-01-01", None)
    assert value("a >= '2024-01-01'", a=a) == [True, None, False]
    assert value("'2024-01-01' > a", a=a) == [False, None, True]
    assert value("a in ('2024-03-01', '2020-01-01')", a=a) == [True, None, False]
    assert value("a - b", a=a, b=b) == [2.0, None, None]
    assert value("a - b > 1", a=a, b=b) == [True, None, None]
    assert value("b + 2 = '2024-03-01'", b=b) == [True, False, None]
    assert value("2 + b = a", a=a, b=b) == [True, None, None]
    assert value("a - 2 = b", a=a, b=b) == [True, None, None]


def test_parents_are_reached_by_their_key() -> None:
    found = parse("inspection.trigger = 'raid' and amount > 0")
    assert found.parents == {("inspection", "trigger")}
    assert found.columns == {"amount"}
    assert value(found.text, inspection__trigger=texts("raid", None), amount=numbers(1, 1)) == [True, None]


def test_a_bare_flag_is_a_condition_and_unknown_does_not_match() -> None:
    urgent, channel = truths(True, None, True), texts("hotline", "hotline", "letter")
    columns = {"urgent": urgent, "channel": channel}
    found = matches(parse("urgent and channel = 'hotline'"), lambda parent, name: columns[name], 3)
    assert found.tolist() == [True, False, False]


def test_columns_given_are_left_as_they_were() -> None:
    a, b = numbers(1, NULL, 0), truths(True, False, None)
    before = a.data.copy(), b.data.copy()
    value("not b and a / a > 0 or -a < 1 or b", a=a, b=b)
    np.testing.assert_array_equal(a.data, before[0])
    np.testing.assert_array_equal(b.data, before[1])


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_constant_fills_every_row(n: int) -> None:
    assert evaluate(parse("2"), _nothing, n).data.tolist() == [2.0] * n
    assert matches(parse("true"), _nothing, n).tolist() == [True] * n


def _nothing(parent: str | None, column: str) -> Values:
    raise AssertionError("no column is read")


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("amount >", "expected a column, a number, a text in single quotes or '(', found the end", 8),
        ("a < b < c", "write 'a < b and b < c'", 6),
        ("max(a)", "there is no function 'max'", 0),
        ("a.b.c = 1", "one dot is allowed", 3),
        ("a in (1, 'x')", "numbers or texts, not both", 9),
        ("a in ()", "expected a number or a text", 6),
        ("a in 3", "expected '(' and a list", 5),
        ('a = "x"', "Text stands in single quotes", 4),
        ("a = 'x", "not closed", 4),
        ("a && b", "Write 'and'", 2),
        ("a is null", "'missing' or 'not missing'", 5),
        ("a not b", "expected 'in' after 'not'", 6),
        ("(a = 1", "expected ')', found the end", 6),
        ("a = 1 b", "expected an operator", 6),
        ("", "the expression is empty", 0),
        ("1e999", "too large", 0),
        ("a = 1; drop", "';' has no meaning here", 5),
        ("missing", "write 'x is missing'", 0),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, said: str, place: int) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    what, shown, caret = str(caught.value).split("\n")
    assert said in what
    assert shown[4:] == text
    assert caret.index("^") - 4 == place


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "-" * 5000 + "1", "not " * 2400 + "a", "1" + "+1" * 4000, "a" * 20_000, "\x00", "a" * 300 + " §"],
)
def test_hostile_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse(text)
    assert len(str(caught.value)) < 700


def test_many_conditions_in_a_row_are_no_depth() -> None:
    assert value(" or ".join(["a = 1"] * 900), a=numbers(1, 2)) == [True, False]


@given(st.text(alphabet="ab1. '()<>=!+-*/,\n\tandorti", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    try:
        found = parse(text)
        evaluate(found, lambda parent, column: numbers(1, NULL), 2)
    except DefinitionError:
        pass


CONDITIONS = st.recursive(
    st.sampled_from(
        [
            "a > b",
            "a = 2",
            "a / b < 1",
            "c = 'x'",
            "c = e",
            "d < '2020-01-05'",
            "d - 1 = f",
            "c in ('x', 'z')",
            "t",
            "a is missing",
            "c is not missing",
            "true",
            "a - b in (0, 1)",
            "d - f > 0",
        ]
    ),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({}) {} ({})".format(*parts)),
    ),
    max_leaves=8,
)
NUMBER, WORD = st.sampled_from([None, 0, 1, 2]), st.sampled_from([None, "x", "y", "z"])
DAY = st.sampled_from([None, "2020-01-04", "2020-01-05"])
ROWS = st.lists(
    st.tuples(NUMBER, NUMBER, WORD, WORD, DAY, DAY, st.sampled_from([None, True, False])), min_size=1, max_size=6
)


@given(CONDITIONS, ROWS)
@settings(max_examples=200, deadline=None)
def test_a_row_s_value_does_not_depend_on_other_rows(text: str, rows: list[tuple[object, ...]]) -> None:
    makers = dict(zip("abcedft", (numbers, numbers, texts, texts, days, days, truths), strict=True))

    def of(part: list[tuple[object, ...]]) -> list[object]:
        cells = zip(*part, strict=True)
        return value(text, **{name: make(*column) for (name, make), column in zip(makers.items(), cells, strict=True)})

    assert of(rows) == [of([row])[0] for row in rows]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a + c", "in 'a + c': '+' cannot join a number and text"),
        ("1 = 1 and a = c", "in 'a = c': a number cannot be compared with text"),
        ("c < 'x'", "text has no order"),
        ("d < 'x'", "'x' is no date"),
        ("d + d", "cannot join a date and a date"),
        ("a in ('x', 'y')", "a number is looked for in a list of texts"),
        ("c in (1, 2)", "text is looked for in a list of numbers"),
        ("d in (1, 2)", "a date is looked for in a list of numbers"),
        ("a and a = 1", "the part 'a' is a number, not a condition"),
        ("not c", "the part 'c' is text, not a condition"),
        ("-c", "in '-c'"),
    ],
)
def test_kinds_that_do_not_go_together_are_named_even_without_rows(text: str, said: str) -> None:
    empty: Mapping[str, Values] = {
        "a": Values("number", np.array([], dtype=np.float64)),
        "c": Values("text", np.array([], dtype=np.int32), ("x",)),
        "d": Values("day", np.array([], dtype=np.int32)),
    }
    with pytest.raises(DefinitionError) as caught:
        evaluate(parse(text), lambda parent, column: empty[column], 0)
    assert said in str(caught.value)


def test_a_number_is_no_condition() -> None:
    with pytest.raises(DefinitionError, match="a number where a condition is needed"):
        matches(parse("a + 1"), lambda parent, column: numbers(1), 1)
