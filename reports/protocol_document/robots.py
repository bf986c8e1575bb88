"""What looks for robots and repeats before anybody is in, who decides, and what is not kept for it."""

from __future__ import annotations

from collections.abc import Iterator

from reports.document import Block, Paragraph, Terms
from reports.labels import SIGNALS
from reports.methods import listed
from trial.core.fraud import BURST_TIMES, BURST_WINDOW, OF_TESTERS
from trial.core.protocol import Guard

_NEVER = (
    "Before randomisation, automatic checks look for robots and repeated sign-ups. No check refuses anybody, and none "
    "runs after randomisation. The thresholds are the program's or the team's own and rest on no study."
)


def checks(guard: Guard) -> list[Block]:
    """The checks as pairs of a question and its answer."""
    return [Paragraph(_NEVER), Terms(tuple(_terms(guard)))]


def _terms(guard: Guard) -> Iterator[tuple[str, str]]:
    held = [SIGNALS[one] for one in SIGNALS if one in guard.holds]
    counted = [SIGNALS[one] for one in SIGNALS if one not in guard.holds]
    yield "Held until a person has looked", f"{listed(held)}." if held else "Nothing holds an enrolment."
    if counted:
        yield "Written down and counted only", f"{listed(counted)}."
    if held:
        yield (
            "Who decides",
            "The owner or a coordinator releases or refuses the enrolment and gives a reason. They see a study code "
            "and what looked odd; no arm (there is none yet), no address, no answer. A baseline older than "
            f"{guard.baseline_lasts} is not released.",
        )
    minutes = int(2 * BURST_WINDOW.total_seconds() // 60)
    yield (
        "Faster than reading",
        f"More than {guard.words_a_minute} words a minute, with {guard.seconds_an_answer:g} s for each answer; what "
        "was left out does not count, nor does the information before consent.",
    )
    yield (
        "A crowd",
        f"More than {guard.burst} people from one source within {minutes} minutes, and more than {BURST_TIMES} times "
        "what is usual for that source.",
    )
    if guard.consistency:
        yield "Answers that should agree", "; ".join(f"{one.why} ({one.rule})" for one in guard.consistency)
    yield (
        "What is kept",
        "The sign, with codes and counts; it is counted in the flow diagram. No network (IP) address, no browser name "
        "and no answer is kept for it.",
    )
    testers = listed([SIGNALS[one] for one in OF_TESTERS])
    yield "In a test trial", f"The same, but these hold nobody: {testers}."
