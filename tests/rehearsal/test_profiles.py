"""Profiles: every number says where it comes from; what cannot be is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from trial.core.errors import BadInput
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.profile_file import SHIPPED, as_planned, names, read_profile

LARGER = read_folder(shipped("larger-trial")).protocol


def test_three_profiles_ship() -> None:
    assert names() == ["bad-case", "optimistic", "realistic"]


@pytest.mark.parametrize("name", names())
def test_every_number_says_whence_it_comes(name: str) -> None:
    profile = read_profile(name)
    assert profile.id == name
    text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
    taken_over = len(type(profile.habits).model_fields) - sum(
        f"\n  {one}:\n" in text for one in profile.habits.model_dump()
    )
    assert len(profile.figures) - taken_over == text.count("value:") + text.count("values:")
    assert (taken_over > 0) == ("habits_as: realistic" in text)
    for where, one in profile.figures:
        assert len(one.source) > 20, where


def test_the_worse_the_profile_the_more_are_lost_and_the_less_is_left_of_the_effect() -> None:
    good, middle, bad = (read_profile(one) for one in ("optimistic", "realistic", "bad-case"))
    for at in range(2):
        shares = [one.lost.by_days[at].share.value for one in (good, middle, bad)]
        assert shares == sorted(set(shares))
    left = [one.fading.left.value for one in (bad, middle, good)]
    assert left == sorted(set(left))
    assert bad.lost.by_outcome.value > 0 == middle.lost.by_outcome.value
    assert bad.lost.apart.value > 0 == middle.lost.apart.value


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value: 0.4\n", "value: 1.4\n", ":10: `value: 1.4` is out of range"),
        ("tag: assumed", "tag: guessed", ":11: `tag: guessed` is not possible"),
        ("by_day: 182", "by_day: 12", "days and shares of `by_days` grow"),
        ("value: 0.24", "value: 1", ":23: `value: 1` is out of range"),
        ("schema: 1", "schema: 9", ":1: `schema: 9` is not possible"),
        ("reliability:", "reliabilty:", "is not a key of this part. Did you mean `reliability`?"),
    ],
)
def test_a_mistake_in_a_profile_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (SHIPPED / "realistic.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_profile(str(file))
    assert said in str(refused.value) and "mine.yaml" in str(refused.value)


def test_what_is_lost_leaves_room_for_what_sets_the_arms_apart(tmp_path: Path) -> None:
    text = (SHIPPED / "bad-case.yaml").read_text(encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("value: 0.18\n", "value: 0.9\n"), encoding="utf-8")
    with pytest.raises(BadInput, match="`apart` takes a share out of 0 to 1"):
        read_profile(str(file))


def test_a_profile_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput, match="Shipped: bad-case, optimistic, realistic"):
        read_profile("rosy")


def test_missing_not_at_random_can_be_asked_of_any_profile() -> None:
    worse = read_profile("optimistic").not_at_random(0.3)
    assert worse.lost.by_outcome.value == 0.3 and worse.lost.by_outcome.tag == "assumed"
    with pytest.raises(BadInput, match=r"Stay below 0\.76"):
        read_profile("realistic").not_at_random(0.8)


def test_a_profile_as_planned_is_what_the_sample_size_stands_on() -> None:
    profile = as_planned(LARGER)
    assert [(one.by_day, one.share.value) for one in profile.lost.by_days] == [(29, 0.4)]
    assert (profile.correlation.days, profile.correlation.typical.value) == (29, 0.6)
    assert profile.fading.left.value == 1 and profile.lost.by_baseline.value == 0
    assert "README.md of this folder" in profile.lost.by_days[0].share.source
    bare = LARGER.sample_size.model_copy(update={"assumptions": None})
    with pytest.raises(BadInput, match="states no assumptions"):
        as_planned(LARGER.model_copy(update={"sample_size": bare}))


def _mine(tmp_path: Path, of_scores: str) -> Path:
    """The shipped profile with lines about scores of one's own put before the others."""
    text = (SHIPPED / "realistic.yaml").read_text(encoding="utf-8")
    assert "\nscores:\n" in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("\nscores:\n", f"\nscores:\n{of_scores}", 1), encoding="utf-8")
    return file


def test_a_score_has_its_own_reliability_effect_and_fading_or_those_of_all(tmp_path: Path) -> None:
    figure = '{value: %s, tag: assumed, source: "Made up to be seen in a test."}'
    own = f"  who5:\n    reliability: {figure % 0.7}\n    effect: {figure % 0.5}\n"
    own += f"    fading: {{left: {figure % 0}, after_days: 20}}\n"
    profile = read_profile(str(_mine(tmp_path, own)))
    assert (profile.reliability_of("who5"), profile.reliability_of("cesd")) == (0.7, 0.92)
    assert (profile.fading_of("who5").after_days, profile.fading_of("cesd").after_days) == (20, 182)
    # in proportion to that on the primary outcome, which has what is asked for
    assert (profile.effect_on("who5", "cesd"), profile.effect_on("cesd", "who5")) == (0.5, 2)
    named = [where for where, _ in profile.figures_of_scores if where.startswith("scores.who5.")]
    assert named == ["scores.who5.reliability", "scores.who5.effect", "scores.who5.fading.left"]


def test_what_is_said_of_a_score_is_whole(tmp_path: Path) -> None:
    figure = '{value: 0, tag: assumed, source: "Made up to be seen in a test."}'
    with pytest.raises(BadInput, match="`mean` and `sd` of a score stand together"):
        read_profile(str(_mine(tmp_path, f"  who5:\n    mean: {figure}\n")))
    without = read_profile(str(_mine(tmp_path, f"  who5:\n    effect: {figure}\n")))
    assert without.effect_on("who5", "cesd") == 0
    with pytest.raises(BadInput, match="the effect on it is what is asked for"):
        without.effect_on("cesd", "who5")
