"""Rank employers and sites for labour inspection by the risk of forced labour, and explain every rank.

>>> import riskscore as rs
>>> sorted(rs.sample_records().tables)[:3]
['cases', 'complaints', 'contracts']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riskscore.errors import RiskscoreError as RiskscoreError
    from riskscore.explanation.treeshap import shap_values as shap_values
    from riskscore.learn.device import on_device as on_device
    from riskscore.learn.estimator import RiskClassifier as RiskClassifier
    from riskscore.pipeline.demo import sample_records as sample_records
    from riskscore.pipeline.learn import fit as fit
    from riskscore.pipeline.learn import run_backtest as backtest
    from riskscore.pipeline.listing import dossiers as dossiers
    from riskscore.pipeline.listing import explain as explain
    from riskscore.pipeline.listing import rank_list as rank
    from riskscore.pipeline.model_report import model_report as model_report
    from riskscore.pipeline.out_of_core import write_features as write_features
    from riskscore.pipeline.outcome import import_outcome as import_outcome
    from riskscore.pipeline.plan import plan as plan
    from riskscore.pipeline.prepare import build_features as build_features
    from riskscore.pipeline.prepare import cohort as cohort
    from riskscore.pipeline.replay import replay as replay
    from riskscore.pipeline.trial import trial_analyse as trial_analyse
    from riskscore.pipeline.trial import trial_design as trial_design
    from riskscore.pipeline.watching import coverage as coverage
    from riskscore.pipeline.watching import drift as drift
    from riskscore.pipeline.watching import indicators as indicators
    from riskscore.records.check import check_records as check_records
    from riskscore.records.read import read_records as read_records
    from riskscore.report.write import write as write
    from riskscore.store import load_run as load_run

_PLACES = {
    "RiskClassifier": ("riskscore.learn.estimator", "RiskClassifier"),
    "RiskscoreError": ("riskscore.errors", "RiskscoreError"),
    "backtest": ("riskscore.pipeline.learn", "run_backtest"),
    "build_features": ("riskscore.pipeline.prepare", "build_features"),
    "check_records": ("riskscore.records.check", "check_records"),
    "cohort": ("riskscore.pipeline.prepare", "cohort"),
    "coverage": ("riskscore.pipeline.watching", "coverage"),
    "dossiers": ("riskscore.pipeline.listing", "dossiers"),
    "drift": ("riskscore.pipeline.watching", "drift"),
    "explain": ("riskscore.pipeline.listing", "explain"),
    "fit": ("riskscore.pipeline.learn", "fit"),
    "import_outcome": ("riskscore.pipeline.outcome", "import_outcome"),
    "indicators": ("riskscore.pipeline.watching", "indicators"),
    "load_run": ("riskscore.store", "load_run"),
    "model_report": ("riskscore.pipeline.model_report", "model_report"),
    "on_device": ("riskscore.learn.device", "on_device"),
    "plan": ("riskscore.pipeline.plan", "plan"),
    "rank": ("riskscore.pipeline.listing", "rank_list"),
    "read_records": ("riskscore.records.read", "read_records"),
    "replay": ("riskscore.pipeline.replay", "replay"),
    "sample_records": ("riskscore.pipeline.demo", "sample_records"),
    "shap_values": ("riskscore.explanation.treeshap", "shap_values"),
    "trial_analyse": ("riskscore.pipeline.trial", "trial_analyse"),
    "trial_design": ("riskscore.pipeline.trial", "trial_design"),
    "write": ("riskscore.report.write", "write"),
    "write_features": ("riskscore.pipeline.out_of_core", "write_features"),
}

__all__ = [
    "RiskClassifier",
    "RiskscoreError",
    "backtest",
    "build_features",
    "check_records",
    "cohort",
    "coverage",
    "dossiers",
    "drift",
    "explain",
    "fit",
    "import_outcome",
    "indicators",
    "load_run",
    "model_report",
    "on_device",
    "plan",
    "rank",
    "read_records",
    "replay",
    "sample_records",
    "shap_values",
    "trial_analyse",
    "trial_design",
    "write",
    "write_features",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import riskscore`` stays light."""
    if name not in _PLACES:
        raise AttributeError(f"module 'riskscore' has no attribute '{name}'")
    module, attribute = _PLACES[name]
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found
