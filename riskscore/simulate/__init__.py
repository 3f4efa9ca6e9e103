"""A simulated inspectorate: canonical records, and apart from them the truth they hide."""

from riskscore.simulate.simulation import Simulation, simulate
from riskscore.simulate.world import FULL_SITES
from riskscore.simulate.write import SAMPLE_SITES, write_sample, write_simulation

__all__ = ["FULL_SITES", "SAMPLE_SITES", "Simulation", "simulate", "write_sample", "write_simulation"]
