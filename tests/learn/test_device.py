"""A graphics card: named plainly, refused where there is none, and close to the processor where there is one."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from click.testing import CliRunner

from riskscore.cli import commands
from riskscore.errors import FitError
from riskscore.learn.booster import train
from riskscore.learn.device import device, on_device
from riskscore.learn.metrics import auc


def card() -> bool:
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, timeout=20).returncode == 0
    except OSError:
        return False


needs_card = pytest.mark.skipif(not card(), reason="there is no graphics card here")


def rows(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 8)).astype(np.float32)
    X[rng.random(X.shape) < 0.2] = np.nan
    return X, (rng.random(n) < 1 / (1 + np.exp(-np.nan_to_num(X[:, 0] + X[:, 1] * X[:, 2])))).astype(int)


@pytest.mark.skipif(card(), reason="there is a graphics card here")
def test_a_machine_without_a_card_says_so_before_any_work() -> None:
    with pytest.raises(FitError, match=r"'cuda' cannot be used.*Leave --device out"), on_device("cuda"):
        pytest.fail("the context was entered")
    assert device() == "cpu"


def test_a_device_of_another_name_is_refused() -> None:
    with pytest.raises(FitError, match=r"no device 'gpu'.*Name cpu, cuda"), on_device("gpu"):
        pytest.fail("the context was entered")


def test_a_command_refuses_a_device_of_another_name_in_words() -> None:
    found = CliRunner().invoke(commands, ["fit", "nowhere", "--device", "tpu"])
    assert found.exit_code == 1
    assert "there is no device 'tpu'" in found.output
    assert "Traceback" not in found.output


@needs_card
def test_a_stored_model_gives_the_same_margins_on_the_card() -> None:
    X, y = rows(20_000, 0)
    booster = train(X, y, params={"max_depth": 6, "eta": 0.1}, rounds=100)
    there = booster.margin(X)
    with on_device("cuda"):
        np.testing.assert_allclose(booster.margin(X), there, atol=1e-5)


@needs_card
def test_a_model_grown_on_the_card_ranks_as_well() -> None:
    (X, y), (Z, z) = rows(20_000, 0), rows(20_000, 1)
    params = {"max_depth": 4, "eta": 0.1, "subsample": 0.5}
    with on_device("cuda"):
        other = train(X, y, params=params, rounds=100)
    assert auc(z, other.margin(Z)) == pytest.approx(auc(z, train(X, y, params=params, rounds=100).margin(Z)), abs=0.01)
