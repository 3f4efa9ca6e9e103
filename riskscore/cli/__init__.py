"""The command line: each command parses, calls one verb of the library, and prints."""

from __future__ import annotations

import click

from riskscore.cli.backtest import backtest
from riskscore.cli.check import check
from riskscore.cli.coverage import coverage
from riskscore.cli.demo import demo
from riskscore.cli.drift import drift
from riskscore.cli.explain import explain
from riskscore.cli.features import features
from riskscore.cli.fit import fit
from riskscore.cli.import_ import import_
from riskscore.cli.imports import imports
from riskscore.cli.indicators import indicators
from riskscore.cli.init import init
from riskscore.cli.ledger import ledger
from riskscore.cli.mapping import mapping
from riskscore.cli.outcome import outcome
from riskscore.cli.plan import plan
from riskscore.cli.rank import rank
from riskscore.cli.recipes import recipes
from riskscore.cli.refresh import refresh
from riskscore.cli.replay import replay
from riskscore.cli.report import report
from riskscore.cli.runs import runs
from riskscore.cli.simulate import simulate
from riskscore.cli.trial import trial
from riskscore.cli.tune import tune
from riskscore.cli.verify import verify
from riskscore.cli.why import why
from riskscore.cli.words import Commands

_IN_ORDER = (
    demo, init, simulate, check, mapping, import_, imports, features, recipes, fit, tune, backtest, rank, why,
    explain, verify, plan, outcome, replay, trial, report, runs, refresh, ledger, indicators, drift, coverage,
)  # fmt: skip


@click.group(cls=Commands, order=[c.name for c in _IN_ORDER], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="riskscore")
def commands() -> None:
    """Rank employers and sites by the risk of forced labour, and justify every rank.

    The list says where to look. It is no evidence and says nothing about guilt: a referral rests on the records that
    an inspector found, and these stand in every explanation.

    To see all of it on sample data:

      riskscore demo
    """


for command in _IN_ORDER:
    commands.add_command(command)
