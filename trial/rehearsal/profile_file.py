"""A profile: what a rehearsal assumes about people, as a file in which every number says where it comes from.

Three ship in `profiles/`; a team may write its own. `lost` is how many are gone by which day; `correlation` and
`reliability` how alike the scores of one person are over time; `fading` how an effect goes; `scores` what is known of
single scores: means and spreads, and whatever else of these is a score's own.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from trial.core.errors import BadInput
from trial.core.protocol import TrialProtocol
from trial.core.texts import FolderId, Id, Part, Words
from trial.protocol_files import yaml_text
from trial.protocol_files.disk import LARGEST_FILE
from trial.protocol_files.problems import validate
from trial.rehearsal.figures import Alike, Figure, Left, Share, Sourced, Spread, Times, figures_of
from trial.rehearsal.habit_figures import HabitFigures

SHIPPED = Path(__file__).with_name("profiles")
DEFAULT = "realistic"
F = TypeVar("F", bound=Part)


class Lost(Part):
    """The share of those randomised who answer nothing any more from this day on, counted from randomisation."""

    by_day: int = Field(ge=1, le=3650)
    share: Share


class Leaving(Part):
    """Who is lost, and when; between two days the share grows in a straight line, and after the last it stays.

    `apart` is how much larger the share is in the first arm of the primary contrast than in the second, half of it
    more in the one and half less in the other. Who is lost goes by a standard normal number, in which doing badly at
    the baseline has the weight `by_baseline` (such missing are missing at random), doing badly at the primary timepoint
    `by_outcome` (they are not), and chance the rest. Both at 0: completely at random.
    """

    by_days: Annotated[list[Lost], Field(min_length=1, max_length=20)]
    apart: Figure
    by_baseline: Alike
    by_outcome: Alike

    @model_validator(mode="after")
    def _grows(self) -> Leaving:
        for before, after in pairwise(self.by_days):
            if not (before.by_day < after.by_day and before.share.value <= after.share.value):
                raise ValueError("days and shares of `by_days` grow from one to the next: nobody comes back")
        largest = self.by_days[-1].share.value + abs(self.apart.value) / 2
        if largest >= 1 or self.by_days[0].share.value < abs(self.apart.value) / 2:
            raise ValueError("`apart` takes a share out of 0 to 1: lower it")
        if self.by_baseline.value + self.by_outcome.value >= 1:
            raise ValueError("`by_baseline` and `by_outcome` leave chance no part: their sum stays below 1")
        return self


class Correlation(Part):
    """Between two answers to one score that lie `days` apart; it keeps a part of itself with every doubling of days.

    It never exceeds the reliability. `of_scores` holds those scores for which a figure of their own was found.
    """

    days: int = Field(ge=1, le=3650)
    typical: Alike
    of_scores: dict[Id, Alike] = {}
    kept_per_doubling: Left
    between_scores: Alike


class Fading(Part):
    """What is left of the difference so many days after the primary timepoint, falling to it in a straight line."""

    left: Left
    after_days: int = Field(ge=1, le=3650)


class OfScore(Part):
    """Mean and standard deviation of a score among people who join, and what differs from the file's other scores.

    `effect` is how large the arms' effect on it is beside that on others, which have 1: the primary outcome has the
    effect that is asked for, and every other score its own in proportion.
    """

    mean: Figure | None = None
    sd: Spread | None = None
    reliability: Alike | None = None
    effect: Times | None = None
    fading: Fading | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> OfScore:
        if (self.mean is None) != (self.sd is None):
            raise ValueError("`mean` and `sd` of a score stand together: give the other one too")
        return self


class Typical(Part):
    """The same of a score that the file does not name, as shares of the range that its instrument allows."""

    mean: Share
    sd: Spread


class ProfileFile(Part):
    """The whole file. `active_arm` is the part of the effect that an active comparator has, where it is not one of the
    arms compared: those have all of it and none. `habits_as` names a shipped profile whose habits are those that
    `habits` leaves out.
    """

    schema_version: Literal[1] = Field(alias="schema")
    id: FolderId
    about: Words
    lost: Leaving
    correlation: Correlation
    reliability: Alike
    fading: Fading
    active_arm: Left
    scores: dict[Id, OfScore] = {}
    typical: Typical
    habits_as: FolderId | None = None
    habits: HabitFigures

    def not_at_random(self, weight: float) -> ProfileFile:
        """The same with another weight of doing badly at the primary timepoint; BadInput where it is too much."""
        figure = Alike(value=weight, tag="assumed", source="Given for this run.")
        try:
            lost = Leaving.model_validate(self.lost.model_dump() | {"by_outcome": figure.model_dump()})
        except ValidationError:
            most = 1 - self.lost.by_baseline.value
            raise BadInput.at("--not-at-random", "it leaves chance no part.", f"Stay below {most:g}.") from None
        return self.model_copy(update={"lost": lost})

    def reliability_of(self, score: str) -> float:
        """A score's own reliability, else that of all."""
        said = self.scores.get(score)
        return (said.reliability if said and said.reliability else self.reliability).value

    def fading_of(self, score: str) -> Fading:
        """How the effect on a score goes: in its own way, else as on all."""
        said = self.scores.get(score)
        return (said and said.fading) or self.fading

    def effect_on(self, score: str, primary: str) -> float:
        """How large an effect on a score is beside that on the primary outcome's; BadInput where that one has none."""
        one, its = self._times(score), self._times(primary)
        if its == 0:
            what = "this is the score of the primary outcome, and the effect on it is what is asked for."
            raise BadInput.at(f"scores.{primary}.effect", what, "Give it more than 0, or leave it out.")
        return one / its

    def _times(self, score: str) -> float:
        said = self.scores.get(score)
        return said.effect.value if said and said.effect else 1.0

    @property
    def figures(self) -> list[tuple[str, Sourced]]:
        """(where, figure) of everything that says where it comes from, in the order of the file."""
        return list(figures_of(self))

    @property
    def figures_of_scores(self) -> list[tuple[str, Figure]]:
        """Of those, what a drawn dataset stands on: all but the habits."""
        return [(at, one) for at, one in self.figures if isinstance(one, Figure) and not at.startswith("habits.")]


def as_planned(protocol: TrialProtocol) -> ProfileFile:
    """The shipped profile with the loss and correlation that the protocol's sample size stands on, and no fading.

    Raises BadInput where it stands on none.
    """
    said = protocol.sample_size.assumptions
    if said is None:
        what = "the protocol states no assumptions of its sample size."
        raise BadInput.at("sample_size.assumptions", what, f"Name another profile: {', '.join(names())}, or a file.")
    base, day = read_profile(DEFAULT), max(1, min(protocol.timepoint(protocol.analysis.primary.timepoint).days))

    def figure(value: float) -> dict[str, object]:
        return {"value": value, "tag": "assumed", "source": f"The protocol: {said.source}"}

    lost = {"by_days": [{"by_day": day, "share": figure(said.attrition)}]}
    chance = {one: figure(0) for one in ("apart", "by_baseline", "by_outcome")}
    alike = {"days": day, "typical": figure(said.correlation_with_baseline), "kept_per_doubling": figure(1)}
    return ProfileFile.model_validate(
        base.model_dump(by_alias=True)
        | {
            "id": "as-planned",
            "about": "What the protocol's own sample size stands on, and nothing worse.",
            "lost": lost | chance,
            "correlation": alike | {"between_scores": base.correlation.between_scores.model_dump()},
            "reliability": figure(max(said.correlation_with_baseline, base.reliability.value)),
            "fading": {"left": figure(1), "after_days": 1},
        }
    )


def names() -> list[str]:
    """The profiles that ship."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def read_profile(name: str) -> ProfileFile:
    """A profile that ships, by name, or a file; raises BadInput with every mistake, each with its line."""
    path = SHIPPED / f"{name}.yaml" if name in names() else Path(name)
    if not path.is_file():
        raise BadInput.at(name, "there is no such profile.", f"Shipped: {', '.join(names())}; or name a YAML file.")
    return read_file(ProfileFile, path, name)


def read_file(model: type[F], path: Path, name: str) -> F:
    """A file that is there; raises BadInput with every mistake, each with its line."""
    if path.stat().st_size > LARGEST_FILE:
        raise BadInput.at(name, "the file is too large for a profile.", "Shorten it.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput.at(name, "this is not UTF-8 text.", "Save it as UTF-8.") from None
    tree, problems = yaml_text.read(text, name)
    if tree is None:
        raise BadInput(problems)
    _take_habits(tree, path)
    found, invalid = validate(model, tree, name)
    if found is None or problems or invalid:
        raise BadInput([*problems, *invalid])
    return found


def _take_habits(tree: Any, path: Path) -> None:
    """Put in the habits that a file leaves to another, which has to be one that ships."""
    another = tree.get("habits_as")
    if another is None:
        return
    others = [one for one in names() if one != path.stem]
    if another not in others:
        raise BadInput.at("habits_as", f"no profile {another!r} ships.", f"Name one of {', '.join(others)}.")
    given = tree.setdefault("habits", yaml_text.Keys())
    if isinstance(given, yaml_text.Keys):
        for habit, figure in read_profile(another).habits.model_dump().items():
            if habit not in given:
                given[habit], given.places[habit] = figure, tree.places["habits_as"]
        tree.places.setdefault("habits", tree.places["habits_as"])
