"""How large a trial must be: power for two shares, with what is lost because visits of one cluster are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from riskscore.errors import RiskscoreError

ALPHA, POWER = 0.05, 0.8  # two-sided; what every trial here is planned with
FEWEST_CLUSTERS = 5  # per arm; with fewer, a trial rests on luck
_MOST_UNITS = 10**9


class TrialError(RiskscoreError):
    """A trial cannot be designed or analysed as asked."""


@dataclass(frozen=True)
class Size:
    """How many visits a trial has, and in which clusters.

    ``units`` are clusters per arm (visits per arm where places are drawn one by one), ``visits`` those of one unit,
    ``block`` the units of a stratum (0: all in one), ``rho`` the correlation of two visits of one unit, ``cv`` the
    standard deviation of the units' visits over their mean.

    Examples
    --------
    >>> Size(215).effect, Size(30, visits=7, rho=0.05).effect
    (1.0, 1.3)
    """

    units: float
    visits: float = 1.0
    block: int = 0
    rho: float = 0.0
    cv: float = 0.0
    clustered: bool = True

    @property
    def effect(self) -> float:
        """The design effect: so many times the visits are needed because visits of a unit are alike."""
        return 1 + max(0.0, (self.cv**2 + 1) * self.visits - 1) * self.rho if self.clustered else 1.0

    @property
    def freedom(self) -> float:
        """Degrees of freedom: units less strata less one; no end where places are drawn one by one."""
        if not self.clustered:
            return math.inf
        strata = math.ceil(2 * self.units / self.block) if self.block else 1
        return 2 * self.units - strata - 1

    @property
    def visits_per_arm(self) -> float:
        """Visits in each arm."""
        return self.units * self.visits


def power(size: Size, share: float, detect: float) -> float:
    """Return the chance that a trial shows a difference of two shares, at 5 % false alarms on both sides together.

    The test of two proportions with one variance for both under the null hypothesis (Fleiss, Levin and Paik 2003,
    section 4.2), visits divided by the design effect (Donner and Klar 2000; unequal clusters: Eldridge, Ashby and Kerry
    2006), quantiles of Student's t.

    Parameters
    ----------
    size : Size
    share, detect : float
        Share of visits with a find the present way, and by the list; between 0 and 1.

    Examples
    --------
    >>> round(power(Size(215, clustered=False), 0.25, 0.375), 3)
    0.801
    """
    from scipy.special import stdtr, stdtrit

    if size.freedom < 1:
        return 0.0
    middle = (share + detect) / 2
    null, found = math.sqrt(2 * middle * (1 - middle)), math.sqrt(share * (1 - share) + detect * (1 - detect))
    most = min(size.freedom, 1e9)  # as good as no end
    seen = abs(detect - share) * math.sqrt(size.visits_per_arm / size.effect)
    limit = float(stdtrit(most, 1 - ALPHA / 2))
    return float(stdtr(most, (seen - limit * null) / found))


def units_needed(size: Size, share: float, detect: float) -> int:
    """Return the smallest number of units per arm that gives a power of 80 %.

    Examples
    --------
    >>> units_needed(Size(0, clustered=False), 0.25, 0.375)
    215
    """
    if not (0 < share < 1 and 0 < detect < 1) or share == detect:
        raise TrialError(f"a trial cannot tell a share of {share:g} from one of {detect:g}.", where="--share, --detect",
                         next="Give two different shares between 0 and 1.")  # fmt: skip
    few, many = (3, 4) if size.clustered else (0, 1)  # three of six clusters can be drawn in 20 ways: no p below .1
    while power(replace(size, units=many), share, detect) < POWER:
        few, many = many, many * 2
        if many > _MOST_UNITS:
            raise TrialError("no number of units is enough.", next="Look for a larger difference.")
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if power(replace(size, units=middle), share, detect) >= POWER else (middle, many)
    return many


def smallest_detectable(size: Size, share: float) -> float:
    """Return the smallest share above ``share`` that the trial shows with a power of 80 %; NaN if not even 100 %.

    Examples
    --------
    >>> round(smallest_detectable(Size(215, clustered=False), 0.25), 3)
    0.375
    """
    low, high = share, 1 - 1e-9
    if power(size, share, high) < POWER:
        return math.nan
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if power(size, share, middle) >= POWER else (middle, high)
    return high
