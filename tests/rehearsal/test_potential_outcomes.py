"""What pretend people would answer under each arm: the truth that a rehearsal prints beside its estimate."""

from __future__ import annotations

from statistics import fmean

import pytest

from tests.rehearsal.people import FOLDER, people
from trial.core.scoring import score_sheet
from trial.rehearsal.answering import Lived, scale_scores
from trial.rehearsal.person import PretendPerson
from trial.rehearsal.truth import power_of_primary, true_effects

PROTOCOL = FOLDER.protocol
LETTER, OPTIMISM, MEMORY = (arm.id for arm in PROTOCOL.arms)


def truth(group: list[PretendPerson]) -> dict[tuple[str, str, str], float]:
    """(outcome, timepoint, arm) to the true difference from early memory."""
    return {
        (one["outcome"], one["timepoint"], one["contrast"][0]): one["effect"] for one in true_effects(FOLDER, group)
    }


def scores(person: PretendPerson, timepoint: str, lived: Lived) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for instrument in FOLDER.instruments.values():
        sheet = {
            instrument.column(item): person.answerer.answer(instrument, item, timepoint, lived)
            for item in instrument.items
        }
        found |= score_sheet(instrument, scale_scores(sheet, instrument))
    return found


def test_without_an_effect_every_true_effect_is_exactly_nought() -> None:
    found = truth(people(40, effect=0.0))
    assert len(found) == 12 and set(found.values()) == {0.0}


def test_a_larger_effect_is_a_larger_true_effect_on_every_outcome() -> None:
    ladder = [truth(people(40, effect=effect)) for effect in (0.0, 0.4, 1.2)]
    for key in ladder[0]:
        values = [abs(one[key]) for one in ladder]
        assert values == sorted(values) and len(set(values)) == 3, key


def test_letters_lower_depression_and_raise_what_is_better_when_high() -> None:
    for (outcome, _, _), effect in truth(people(40, effect=0.6)).items():
        assert (effect < 0) == (outcome == "depression")


def test_an_active_comparator_works_half_as_well_and_a_control_not_at_all() -> None:
    person = people(1, effect=1.0)[0]
    score = FOLDER.instruments["cesd"].scores[0]
    base, memory, optimism, letter = (
        person.answerer.wellbeing(score, "week_1", Lived(arm, 1.0)) for arm in (None, MEMORY, OPTIMISM, LETTER)
    )
    assert memory == base
    assert optimism - base == pytest.approx((letter - base) / 2) and letter - base > 0.9


def test_the_gain_grows_with_the_dose_and_fades_over_the_months() -> None:
    person = people(1, effect=1.0)[0]
    score = FOLDER.instruments["cesd"].scores[0]

    def gain(timepoint: str, dose: float) -> float:
        without = person.answerer.wellbeing(score, timepoint, Lived(None, 0.0))
        return person.answerer.wellbeing(score, timepoint, Lived(LETTER, dose)) - without

    doses = [gain("week_1", dose) for dose in (0.0, 0.25, 0.5, 1.0)]
    assert doses[0] == 0 and doses == sorted(doses) and doses[2] == pytest.approx(doses[3] / 2)
    months = [gain(one, 1.0) for one in ("week_1", "month_1", "month_3", "month_6")]
    assert months == sorted(months, reverse=True) and months[-1] == pytest.approx(0.6)


def test_nothing_but_the_effect_differs_between_the_arms_of_one_person() -> None:
    for person in people(30, effect=0.0):
        sheets = [
            person.answerer.sheet(FOLDER.instruments["cesd"], "month_1", Lived(arm, 1.0)) for arm in (LETTER, MEMORY)
        ]
        assert sheets[0] == sheets[1]


def test_before_randomisation_no_arm_shows() -> None:
    for person in people(20, effect=2.0):
        assert scores(person, "baseline", Lived(LETTER, 1.0)) == scores(person, "baseline", Lived(None, 0.0))


def test_scores_of_one_person_hang_together_over_time_and_across_scales() -> None:
    group = people(300)
    first, later = ([scores(one, point, Lived(None, 0.0)) for one in group] for point in ("baseline", "month_1"))

    def correlation(one: list[float], other: list[float]) -> float:
        from statistics import correlation as pearson

        return pearson(one, other)

    def column(rows: list[dict[str, float | None]], name: str) -> list[float]:
        return [float(row[name] or 0) for row in rows]

    assert 0.4 < correlation(column(first, "cesd"), column(later, "cesd")) < 0.9
    assert correlation(column(first, "cesd"), column(first, "swls")) < -0.3
    assert correlation(column(first, "scs_sf"), column(first, "swls")) > 0.3


def test_answers_use_the_whole_scale_and_never_leave_it() -> None:
    for instrument in FOLDER.instruments.values():
        for item in instrument.items:
            given = {one.answerer.answer(instrument, item, "baseline", Lived(None, 0.0)) for one in people(200)}
            if item.type != "text":
                offered = {str(choice.value) for choice in instrument.choices_of(item)} or {"yes", "no"}
                assert given == offered, (instrument.code, item.id)


def test_the_truth_is_of_everyone_randomised_whatever_their_dose() -> None:
    """Treatment policy: those who never wrote count, and pull the effect down."""
    everyone, faithful = people(40, effect=0.6), people(40, effect=0.6, drops_exercises=0.0, skips_an_evening=0.0)
    key = ("depression", "week_1", LETTER)
    assert abs(truth(everyone)[key]) < abs(truth(faithful)[key])
    assert fmean(one.habits.dose() for one in everyone) < 0.9


def test_the_power_of_a_small_trial_is_told_as_small_and_of_a_large_one_as_large() -> None:
    small, large = people(30), people(200, effect=1.0)
    weak = power_of_primary(FOLDER, small, {LETTER: 8, OPTIMISM: 8, MEMORY: 8})
    strong = power_of_primary(FOLDER, large, {LETTER: 60, OPTIMISM: 60, MEMORY: 60})
    assert weak["power"] < 0.4 and weak["participants_needed"] > 100
    assert strong["power"] > 0.8 and strong["participants_needed"] < 250
    none = power_of_primary(FOLDER, people(30, effect=0.0), {LETTER: 8, OPTIMISM: 8, MEMORY: 8})
    assert none == {"power": 0.05, "participants_needed": None}
    assert power_of_primary(FOLDER, people(2), {LETTER: 1})["power"] is None
