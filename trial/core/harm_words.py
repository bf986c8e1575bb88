"""What is counted of adverse events, in words: each part of `harm_counts.counts` and its values."""

from __future__ import annotations

from collections.abc import Mapping

HARM_LINES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "source": ("Who told of it, unasked", {"participant": "The participant", "team": "The team entered it"}),
    "assessed": ("Assessed by the team, blind", {"yes": "Assessed", "no": "Not assessed"}),
    "serious": (
        "Seriousness",
        {
            "serious": "Serious",
            "not_serious": "Not serious",
            "serious_related": "Serious and related",
            "serious_related_unexpected": "Serious, related and not expected",
        },
    ),
    "criteria": (
        "Why serious; several may hold",
        {
            "death": "Death",
            "life_threatening": "Life-threatening",
            "hospital": "Hospital stay begun or made longer",
            "disability": "Lasting or significant disability",
            "birth_defect": "Birth defect",
            "other_important": "Other important medical event",
        },
    ),
    "severity": ("Severity", {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"}),
    "relatedness": (
        "Related to taking part",
        {
            "not_related": "Not related",
            "unlikely": "Unlikely",
            "possible": "Possible",
            "probable": "Probable",
            "definite": "Definite",
        },
    ),
    "expectedness": (
        "Expected from what participants were told",
        {"expected": "Expected", "unexpected": "Not expected"},
    ),
    "stopped": (
        "Given up because of it",
        {"nothing": "Nothing", "exercises": "The exercises", "everything": "Everything"},
    ),
    "outcome": (
        "What became of it",
        {
            "recovered": "Recovered",
            "recovering": "Recovering",
            "not_recovered": "Not recovered",
            "lasting": "Recovered with lasting effects",
            "death": "Death",
            "unknown": "Unknown",
        },
    ),
}
