"""Enrolments in error: somebody was allocated who should not have been. They stay in the list, in their arm."""

from __future__ import annotations

from enum import StrEnum

LONGEST = 2_000


class ErrorReason(StrEnum):
    """Why it was an error; the last says that it was none after all."""

    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    NO_CONSENT = "no_consent"
    TEST_ENTRY = "test_entry"
    OTHER = "other"
    TAKEN_BACK = "taken_back"


IN_WORDS = {
    ErrorReason.NOT_ELIGIBLE: "Was not eligible",
    ErrorReason.DUPLICATE: "The same person was enrolled before",
    ErrorReason.NO_CONSENT: "There was no valid consent",
    ErrorReason.TEST_ENTRY: "An entry of the team that tried the pages",
    ErrorReason.OTHER: "Something else",
    ErrorReason.TAKEN_BACK: "It was no error: the mark is taken back",
}


def standing(entries: list[ErrorReason]) -> str:
    """What a person counts as by their entries in order: the last reason, or nothing."""
    return "" if not entries or entries[-1] is ErrorReason.TAKEN_BACK else entries[-1].value
