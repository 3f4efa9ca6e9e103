"""XGBoost's parameters by their own names: those that a recipe may set, and those that the package sets itself."""

from __future__ import annotations

from collections.abc import Mapping

ALLOWED: Mapping[str, tuple[type, ...]] = {
    "eta": (float, int), "learning_rate": (float, int), "gamma": (float, int), "min_split_loss": (float, int),
    "max_depth": (int,), "min_child_weight": (float, int), "max_delta_step": (float, int),
    "subsample": (float, int), "colsample_bytree": (float, int),
    "colsample_bylevel": (float, int), "colsample_bynode": (float, int), "lambda": (float, int),
    "reg_lambda": (float, int), "alpha": (float, int), "reg_alpha": (float, int),
    "scale_pos_weight": (float, int), "grow_policy": (str,), "max_leaves": (int,), "max_bin": (int,),
    "max_cat_to_onehot": (int,), "max_cat_threshold": (int,),
}  # fmt: skip

SET_BY_US: Mapping[str, str] = {
    "objective": "Every rung is a binary classifier.",
    "booster": "Explanations are exact for trees alone.",
    "monotone_constraints": 'Write monotone = "increasing" in the feature\'s file.',
    "interaction_constraints": "They follow from the features.",
    "seed": "Write seeds = [1, 2] in [model].",
    "random_state": "Write seeds = [1, 2] in [model].",
    "n_estimators": "Write rounds = 300 in [model].",
    "num_boost_round": "Write rounds = 300 in [model].",
    "nthread": "The machine decides.",
    "n_jobs": "The machine decides.",
    "tree_method": "Binned trees, hist, are always used.",
    "sampling_method": "Rows are always drawn uniformly.",
    "num_parallel_tree": "Write several seeds in [model]: their margins are averaged.",
    "device": "The machine decides.",
    "base_score": "Training fits it.",
    "eval_metric": "The backtest measures.",
}
