"""Departures from the protocol: what a team writes down when something was done otherwise than the protocol says."""

from __future__ import annotations

from enum import StrEnum

LONGEST = 2_000


class DeviationKind(StrEnum):
    """Which part of the protocol was departed from."""

    ELIGIBILITY = "eligibility"
    CONSENT = "consent"
    ALLOCATION = "allocation"
    BLINDING = "blinding"
    INTERVENTION = "intervention"
    ASSESSMENT = "assessment"
    TIMING = "timing"
    SAFETY = "safety"
    PRIVACY = "privacy"
    OTHER = "other"


IN_WORDS = {
    DeviationKind.ELIGIBILITY: "Somebody took part who should not have, or was turned away wrongly",
    DeviationKind.CONSENT: "Consent: missing, late, or to the wrong version",
    DeviationKind.ALLOCATION: "Allocation was not carried out as planned",
    DeviationKind.BLINDING: "Somebody learnt an arm who should not have",
    DeviationKind.INTERVENTION: "An exercise was not given as planned",
    DeviationKind.ASSESSMENT: "A questionnaire was not asked as planned",
    DeviationKind.TIMING: "Something came too early or too late",
    DeviationKind.SAFETY: "An alert or an adverse event was not handled as planned",
    DeviationKind.PRIVACY: "Data were seen or kept otherwise than promised",
    DeviationKind.OTHER: "Something else",
}
