"""How pretend people come into a trial of the joint model: their screening, strata and covariates, and their arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reports.variables import Variable, planned_covariates, score, variables
from trial.core import expressions
from trial.core.eligibility import stratum_levels
from trial.core.errors import BadInput
from trial.core.expressions import Value
from trial.core.protocol import TrialProtocol
from trial.core.randomization import STAGE, Rule, allocate, rule_of
from trial.core.randomization.rule import State
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.dice import Dice as PersonalDice
from trial.rehearsal.screening import facts_of, screening_answers
from trial.stats.arrays import FloatArray
from trial.stats.dice import Dice

# eligible people whose answers at screening are drawn from; who they are has nothing to do with their scores
_POOL = 500


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """What is known of everyone at the start: numbers (n,) and factors, by name."""

    numbers: dict[str, FloatArray]
    factors: dict[str, tuple[str | None, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Joining:
    """All that is worked out once: the rule of allocation, what strata need, and answers at screening.

    `scores` are those at baseline that strata are made of.
    """

    protocol: TrialProtocol
    rule: Rule
    arms: tuple[str, ...]
    scores: tuple[str, ...]
    needed: frozenset[str]
    covariates: Mapping[str, Variable]
    pool: tuple[dict[str, Value], ...]

    @classmethod
    def of(cls, folder: ProtocolFolder) -> Joining:
        """Of a protocol; raises BadInput for a design that chance cannot be played for."""
        protocol = folder.protocol
        _refuse(protocol)
        needed = frozenset(
            name
            for factor in protocol.allocation.strata
            for level in factor.levels
            if level.when
            for name in expressions.parse(level.when).names
        )
        asked = {str(one.id) for one in protocol.eligibility.questions}
        scores = tuple(sorted(name for name in needed if score(folder, name)))
        if unknown := sorted(needed - asked - set(scores)):
            what = f"the strata are made of {', '.join(unknown)}, which is neither a score nor a question at screening."
            raise BadInput.at("allocation.strata", what, "Such strata can be rehearsed by `equipoise demo` only.")
        factors = {one.id for one in protocol.allocation.strata}
        covariates = variables(folder, (one for one in planned_covariates(folder) if one not in factors))
        used = (needed | set(covariates)) & asked
        return cls(
            protocol, rule_of(protocol), tuple(arm.id for arm in protocol.arms), scores, needed, covariates,
            tuple(_pool(protocol)) if used else (),
        )  # fmt: skip

    def joined(
        self, baseline: Mapping[str, FloatArray], n: int, dice: Dice, seed: bytes
    ) -> tuple[tuple[str, ...], Joined]:
        """(arm of each, what is known of each), in the order in which they came."""
        answers = self._answers(n, dice)
        levels = list(self._levels(baseline, answers, n))
        factors: dict[str, tuple[str | None, ...]] = {
            one.id: tuple(its[one.id] for its in levels) for one in self.protocol.allocation.strata
        }
        numbers: dict[str, FloatArray] = {}
        for name, meaning in self.covariates.items():
            if meaning.kind == "number":
                numbers[name] = self._number(name, answers, n, dice)
            else:
                factors[name] = tuple(self._factor(meaning, answers, n, dice))
        return tuple(self._allocated(levels, seed)), Joined(numbers, factors)

    def _answers(self, n: int, dice: Dice) -> list[dict[str, Value]]:
        if not self.pool:
            return [{}] * n
        return [self.pool[int(one * len(self.pool))] for one in dice.uniform(n)]

    def _levels(
        self, baseline: Mapping[str, FloatArray], answers: list[dict[str, Value]], n: int
    ) -> Iterator[dict[str, str]]:
        if not self.protocol.allocation.strata:
            yield from ({} for _ in range(n))
            return
        columns = {name: baseline[name].tolist() for name in self.scores}
        for at, said in enumerate(answers):
            yield stratum_levels(self.protocol, said | {name: values[at] for name, values in columns.items()})

    def _number(self, name: str, answers: list[dict[str, Value]], n: int, dice: Dice) -> FloatArray:
        """What was said at screening, else a standard normal number: a linear model does not care for its scale."""
        if name in answers[0]:
            return np.array([one[name] for one in answers], dtype=np.float64)
        return dice.normal(n)

    def _factor(self, meaning: Variable, answers: list[dict[str, Value]], n: int, dice: Dice) -> Iterator[str]:
        """What was said at screening, else each level with the same chance."""
        for at, one in enumerate(dice.uniform(n).tolist()):
            said = answers[at].get(meaning.id, meaning.levels[int(one * len(meaning.levels))][0])
            yield ("no", "yes")[said] if isinstance(said, bool) else str(said)

    def _allocated(self, levels: list[dict[str, str]], seed: bytes) -> Iterator[str]:
        kept: dict[str, tuple[int, State]] = {}
        for its in levels:
            key = self.rule.key(its)
            number, state = kept.get(key, (0, self.rule.start()))
            decision = allocate(self.rule, seed, self.protocol.id, STAGE, its, number + 1, state)
            kept[key] = (number + 1, decision.next_state)
            yield decision.arm


def _pool(protocol: TrialProtocol) -> Iterator[dict[str, Value]]:
    for number in range(1, _POOL + 1):
        answers = screening_answers(protocol.eligibility, PersonalDice(0, number), eligible=True)
        yield facts_of(protocol.eligibility, answers)


def _refuse(protocol: TrialProtocol) -> None:
    if protocol.allocation.cluster:
        what = "the protocol allocates clusters, and how alike people of one are is not in a profile."
        raise BadInput.at("allocation", what, "Multiply the size for people by the design effect: docs/statistics.md.")
    if protocol.allocation.method == "listed":
        what = "the protocol goes by an outside list, which says nothing of how it came about."
        raise BadInput.at("allocation", what, "Name a copy of the protocol with the method by which the list was made.")
