"""The 11 indicators of forced labour by the names of the International Labour Organization."""

from __future__ import annotations

from riskscore.languages import marked

INDICATORS = (
    "abuse_of_vulnerability", "deception", "restriction_of_movement", "isolation",
    "physical_and_sexual_violence", "intimidation_and_threats", "retention_of_identity_documents",
    "withholding_of_wages", "debt_bondage", "abusive_working_and_living_conditions", "excessive_overtime",
)  # fmt: skip

ENABLING = "enabling condition"
"""Not an indicator itself: what makes forced labour easier, uncontracted work above all."""

TITLES = {
    "abuse_of_vulnerability": marked("Abuse of vulnerability"),
    "deception": marked("Deception"),
    "restriction_of_movement": marked("Restriction of movement"),
    "isolation": marked("Isolation"),
    "physical_and_sexual_violence": marked("Physical and sexual violence"),
    "intimidation_and_threats": marked("Intimidation and threats"),
    "retention_of_identity_documents": marked("Retention of identity documents"),
    "withholding_of_wages": marked("Withholding of wages"),
    "debt_bondage": marked("Debt bondage"),
    "abusive_working_and_living_conditions": marked("Abusive working and living conditions"),
    "excessive_overtime": marked("Excessive overtime"),
    "uncontracted": marked("Work without a contract"),
    "underage": marked("A child at work"),
    "unrelated_work": marked("Forced unrelated work"),
    "permit": marked("A breach of work-permit rules"),
    ENABLING: marked("Enabling condition"),
}
"""What a finding or an indicator is called on a page, in English; a translator gives the other languages."""
