"""The 11 indicators of forced labour by the names of the International Labour Organization."""

from __future__ import annotations

INDICATORS = (
    "abuse_of_vulnerability", "deception", "restriction_of_movement", "isolation",
    "physical_and_sexual_violence", "intimidation_and_threats", "retention_of_identity_documents",
    "withholding_of_wages", "debt_bondage", "abusive_working_and_living_conditions", "excessive_overtime",
)  # fmt: skip

ENABLING = "enabling condition"
"""Not an indicator itself: what makes forced labour easier, uncontracted work above all."""
