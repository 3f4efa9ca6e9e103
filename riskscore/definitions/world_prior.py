"""The optional section ``[world_prior]`` of a recipe: how common forced labour is thought to be in each sector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskscore.definitions.toml_file import Section


@dataclass(frozen=True)
class SectorEstimate:
    """People in forced labour and people employed in some sectors together, both as published."""

    sectors: tuple[str, ...]  # as the register of employers writes them
    people: float
    employed: float

    @property
    def rate(self) -> float:
        """People in forced labour for each person employed."""
        return self.people / self.employed


@dataclass(frozen=True)
class WorldPrior:
    """Estimates by sector, where they come from, and how many visits to a place they weigh as much as."""

    source: str  # of the people in forced labour
    employment_source: str
    pseudo_visits: float
    estimates: tuple[SectorEstimate, ...]

    @property
    def rate(self) -> float:
        """People in forced labour for each person employed, in all the sectors together."""
        return sum(e.people for e in self.estimates) / sum(e.employed for e in self.estimates)


def world_prior(section: Section | None) -> WorldPrior | None:
    """Return the section's content; what is wrong goes to the section's problems.

    Counts of people say nothing of a risk until they are divided by employment, so both figures are asked for.
    """
    if section is None:
        return None
    parts = section.sections("sector")
    found = WorldPrior(
        section.text("source"),
        section.text("employment_source"),
        section.number("pseudo_visits", 1.0, required=True, above=0),
        tuple(_estimate(part) for part in parts),
    )
    section.close()
    _check(section, found.estimates)
    return found


def _estimate(section: Section) -> SectorEstimate:
    found = SectorEstimate(
        section.texts("sectors", ()),
        section.number("people", 1.0, required=True, above=0),
        section.number("employed", 1e12, required=True, above=0),
    )
    if not found.sectors:
        section.problem(
            "no sector is named.", 'Write sectors = ["A agriculture"], as employers have it.', key="sectors"
        )
    if found.people >= found.employed:
        section.problem(f"{found.people:,.0f} people of {found.employed:,.0f} employed is no rate.",
                        "Write both as numbers of persons.", key="people")  # fmt: skip
    section.close()
    return found


def _check(section: Section, estimates: Sequence[SectorEstimate]) -> None:
    names = [name for estimate in estimates for name in estimate.sectors]
    for name in sorted({n for n in names if names.count(n) > 1}):
        section.problem(f"'{name[:60]}' has two estimates.", "A sector has one.", key="sector")
    if len(estimates) == 1:
        section.problem("one estimate alone sets no sector apart.", "Name at least two.", key="sector")
