"""One row, one result: whatever the form of the model, the other rows, the threads and the turns."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from riskscore.errors import ExplanationError
from riskscore.explanation.treeshap import SlowExplanation, TreeShap, compiled, engine, explainer, shap_values
from riskscore.explanation.treeshap.tables import split, tabulate
from riskscore.explanation.treeshap.ubjson import read_ubjson

RNG = np.random.default_rng(7)
X = np.where(RNG.random((900, 6)) < 0.1, np.nan, RNG.normal(size=(900, 6))).astype(np.float32)
Y = np.nan_to_num(X[:, 0] * X[:, 1] + X[:, 2]) > 0


def trained(**parameters: Any) -> xgboost.Booster:
    options = {"max_depth": 5, "objective": "binary:logistic", "nthread": 1} | parameters
    return xgboost.train(options, xgboost.DMatrix(X, Y), 8)


@pytest.fixture(scope="module")
def model() -> xgboost.Booster:
    return trained()


@pytest.fixture(scope="module")
def expected(model: xgboost.Booster) -> bytes:
    return shap_values(model, X).tobytes()


class Stored:
    """A booster of the project's own kind."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def to_bytes(self) -> bytes:
        return self.data


def test_all_forms_of_a_model_give_the_same_bytes(model: xgboost.Booster, expected: bytes) -> None:
    as_json, as_ubjson = bytes(model.save_raw("json")), bytes(model.save_raw("ubj"))
    for form in (
        as_json,
        as_ubjson,
        bytearray(as_ubjson),
        Stored(as_ubjson),
        json.dumps(json.loads(as_json), indent=1).encode(),
    ):
        assert shap_values(form, X).tobytes() == expected


def test_an_estimator_is_explained_as_its_booster() -> None:
    estimator = xgboost.XGBClassifier(n_estimators=4, max_depth=3, n_jobs=1).fit(X, Y)
    assert shap_values(estimator, X).tobytes() == shap_values(estimator.get_booster(), X).tobytes()


def test_a_row_gets_the_same_bytes_alone_as_among_others(model: xgboost.Booster, expected: bytes) -> None:
    one_by_one = [shap_values(model, X[i : i + 1]).tobytes() for i in range(0, 900, 97)]
    whole = np.frombuffer(expected).reshape(900, 7)
    assert one_by_one == [whole[i].tobytes() for i in range(0, 900, 97)]


@pytest.mark.parametrize("rows_at_once", [1, 250, 899])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_turns_and_threads_change_no_byte(
    model: xgboost.Booster, expected: bytes, monkeypatch: pytest.MonkeyPatch, rows_at_once: int, threads: int
) -> None:
    monkeypatch.setattr(engine, "ROWS", rows_at_once)
    part = X if rows_at_once > 1 else X[:40]
    assert shap_values(model, part, threads=threads).tobytes() == expected[: len(part) * 7 * 8]


def test_tables_made_in_turns_change_no_byte(
    model: xgboost.Booster, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explainer, "TABLE_BYTES", 20_000)
    assert TreeShap(model).values(X).tobytes() == expected


def test_a_run_of_blocks_takes_no_more_memory_than_allowed(model: xgboost.Booster) -> None:
    blocks = TreeShap(model)._blocks
    runs = list(split(blocks, 100_000))
    assert [block for run in runs for block in run] == blocks
    assert 1 < len(runs) < len(blocks)
    assert all(tabulate(run, 20).flat.nbytes <= 100_000 for run in runs)


@pytest.mark.skipif(not compiled.available(), reason="numba is not installed")
@pytest.mark.parametrize("threads", [1, 2])
def test_compiled_sums_are_the_same_bytes(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    deep = trained(max_depth=12, min_child_weight=0)  # repeated features, and paths wider than a table
    wide = np.column_stack([X, RNG.random((900, 20)) < 0.5]).astype(np.float32)
    wider = xgboost.train({"max_depth": 14, "nthread": 1}, xgboost.DMatrix(wide, RNG.normal(size=900)), 1)
    for booster, rows in ((deep, X), (wider, wide)):
        monkeypatch.setattr(explainer, "COMPILED_ROWS", 10**9)
        plain = shap_values(booster, rows).tobytes()
        monkeypatch.setattr(explainer, "COMPILED_ROWS", 0)
        monkeypatch.setattr(compiled, "ROWS", 100)
        assert shap_values(booster, rows, threads=threads).tobytes() == plain


def test_the_kernel_without_numba_takes_the_same_steps(
    model: xgboost.Booster, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explainer, "COMPILED_ROWS", 0)
    monkeypatch.setattr(explainer, "FEW_ROWS", 0)
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setattr(compiled, "_kernel", lambda: compiled._add)
    assert shap_values(model, X[:4]).tobytes() == expected[: 4 * 7 * 8]


def test_kept_tables_serve_later_calls(model: xgboost.Booster, expected: bytes) -> None:
    tables = TreeShap(model)
    tables.values(X)
    assert tables.values(X[:5]).tobytes() == expected[: 5 * 7 * 8]


def test_no_rows_give_an_empty_answer(model: xgboost.Booster) -> None:
    assert shap_values(model, X[:0]).shape == (0, 7)


@pytest.mark.filterwarnings("ignore:.*gblinear:UserWarning")
def test_a_linear_booster_is_explained_by_xgboost_which_is_said() -> None:
    linear = xgboost.train({"booster": "gblinear", "nthread": 1}, xgboost.DMatrix(X, Y), 3)
    with pytest.warns(SlowExplanation, match="'gblinear', which has no trees"):
        found = shap_values(linear, X)
    np.testing.assert_array_equal(found, linear.predict(xgboost.DMatrix(X), pred_contribs=True))


def test_several_outputs_are_explained_by_xgboost_which_is_said() -> None:
    other = xgboost.train({"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(X, np.arange(900) % 3), 2)
    with pytest.warns(SlowExplanation, match="several outputs"):
        assert shap_values(other, X[:9]).shape == (9, 3, 7)
    with pytest.raises(ExplanationError, match="Give the booster"):
        shap_values(bytes(other.save_raw("ubj")), X[:9])


def test_a_margin_of_other_rows_is_refused_with_its_row(model: xgboost.Booster) -> None:
    margin = model.predict(xgboost.DMatrix(X), output_margin=True)
    shap_values(model, X, margin=margin)
    margin[17] += 0.01
    with pytest.raises(ExplanationError, match="row 17: the contributions of 1 of 900 rows"):
        shap_values(model, X, margin=margin)
    margin[17] = np.nan
    with pytest.raises(ExplanationError, match="row 17"):
        shap_values(model, X, margin=margin)


def test_spoilt_tables_are_noticed_before_anything_is_returned(model: xgboost.Booster) -> None:
    tables = TreeShap(model)
    tables.values(X)
    assert tables._kept is not None
    for table in tables._kept.tables:
        table[0] += 1000
    with pytest.raises(ExplanationError, match="do not add up"):
        tables.values(X)


def test_columns_in_another_order_are_refused_with_the_name() -> None:
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = xgboost.train({"max_depth": 2, "nthread": 1}, xgboost.DMatrix(frame, Y), 2)
    assert shap_values(model, frame).tobytes() == shap_values(model, X).tobytes()
    with pytest.raises(ExplanationError, match="column 1 of the rows is 'c', and the model's is 'b'"):
        shap_values(model, frame[list("acbdef")])


def test_a_frame_with_nullable_and_whole_numbers_is_read_as_numbers(model: xgboost.Booster) -> None:
    frame = pd.DataFrame(X).astype({0: "Float64"})
    assert shap_values(model, frame).tobytes() == shap_values(model, X).tobytes()
    with pytest.raises(ExplanationError, match="column '2' is of type"):
        shap_values(model, frame.astype({2: str}))


def test_rows_of_another_width_are_refused(model: xgboost.Booster) -> None:
    with pytest.raises(ExplanationError, match="knows 6 features"):
        shap_values(model, X[:, :5])


@pytest.mark.parametrize("data", [b"", b"{", b"PK\x03\x04", b'{"learner": {}}', b"{i", b"\x00" * 50])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ExplanationError):
        shap_values(data, X)


def test_an_object_that_is_no_model_is_refused() -> None:
    with pytest.raises(ExplanationError, match="a list is no XGBoost model"):
        shap_values([1], X)


def test_ubjson_is_read_with_every_kind_of_value() -> None:
    data = (
        b"{i\x01aSi\x02hii\x01b[TFZCxd\x3f\x80\x00\x00]i\x01cI\x01\x00i\x01d[#i\x02i\x05U\xffi\x01eL"
        + b"\x00" * 7
        + b"\x09}"
    )
    assert read_ubjson(data) == {"a": "hi", "b": [True, False, None, "x", 1.0], "c": 256, "d": [5, 255], "e": 9}


def test_both_stored_forms_of_a_model_hold_the_same(model: xgboost.Booster) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, np.ndarray | list):
            return [plain(v) for v in value]
        return float(np.float32(value)) if isinstance(value, int | float | np.number) else value

    assert plain(read_ubjson(bytes(model.save_raw("ubj")))) == plain(json.loads(model.save_raw("json")))
