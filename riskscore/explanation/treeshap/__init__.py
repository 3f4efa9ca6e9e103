"""Exact Shapley values of XGBoost models, fast enough for every row of a national register."""

from riskscore.explanation.treeshap.explainer import TreeShap, shap_values
from riskscore.explanation.treeshap.fallback import SlowExplanation

__all__ = ["SlowExplanation", "TreeShap", "shap_values"]
