"""How pretend people behave: one number per habit, chosen to look like an unguided online trial, not to flatter it.

Attrition of unguided online trials of self-compassion writing ran from 37.5 % to 67 %, and of app trials 24.1 % short
and 35.5 % longer term; each trial and its source is cited in docs/rehearsal.md. The other numbers are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Probabilities per person unless said otherwise."""

    weeks_of_recruitment: int = 6
    zones: tuple[str, ...] = (
        "America/Toronto",
        "America/Vancouver",
        "America/Halifax",
        "Europe/London",
        "Europe/Berlin",
        "Australia/Adelaide",
    )
    sources: tuple[str, ...] = ("newsletter", "social", "poster", "")
    eligible: float = 0.88
    mistypes_address: float = 0.02
    never_confirms: float = 0.05
    declines: float = 0.05
    leaves_at_consent: float = 0.02
    leaves_baseline: float = 0.04
    misreads: float = 0.15
    shares_data: float = 0.8
    # per evening, given the person still does the exercises
    drops_exercises: float = 0.07
    says_so: float = 0.35
    skips_an_evening: float = 0.12
    needs_reminder: float = 0.25
    # per questionnaire, on top of a habit of each person's own
    answers_questionnaires: tuple[float, ...] = (0.82, 0.76, 0.70, 0.64)
    leaves_everything: float = 0.05
    mailbox_dies: float = 0.03
    reports_a_problem: float = 0.03
    leaves_an_item_out: float = 0.004
    says_worse: float = 0.06
    # answers: shares of the variance, in standard deviations of well-being
    stable: float = 0.6
    shared: float = 0.7
    loading: float = 0.75
    improves: float = 0.15
    fades_to: float = 0.6


REALISTIC = Profile()
