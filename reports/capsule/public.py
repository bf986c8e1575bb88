"""The rows that may be given to everybody: of those who agreed, under new ids, coarse, from a list of what goes in.

Nothing stands here because it was in the freeze: each column is named below, and each cell is a number, a level of the
protocol, or empty. A column that a later freeze adds stays out until somebody puts it in.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reports.capsule.coarsening import Coarse, SmallClasses, coarse, small_classes
from reports.capsule.tables import (
    YES_NO,
    Column,
    Table,
    column_of,
    dataset_columns,
    is_baseline_fact,
    is_score,
    item_columns,
    wide_items,
)
from reports.csv_text import CsvTable
from reports.frozen import Frozen
from trial.core.consort import STAGES
from trial.core.dataset import DATASET_KEYS, TOOK_BACK, Disposition, ItemRow, cell
from trial.core.enrolment_errors import ErrorReason
from trial.core.errors import Refused
from trial.core.fraud import SIGNALS
from trial.core.participant import STOP_REASONS, UNSUBSCRIBED, StopLevel
from trial.protocol_files import ProtocolFolder

K = 5
FEWEST = 20  # people in all; and k of each arm
ID_LENGTH = 12
ID = Column("participant", "Id of this capsule alone", "text")


@dataclass(frozen=True, slots=True)
class Sharing:
    """What everyone randomised said of sharing, by arm: agreed, did not, was not asked, took the answers back.

    Whose consent the team marked as not valid did not agree.
    """

    arm: str
    agreed: int
    declined: int
    not_asked: int
    took_back: int

    @property
    def others(self) -> int:
        return self.declined + self.not_asked + self.took_back


@dataclass(frozen=True, slots=True)
class Public:
    """The tables of those who agreed, and what was done to them."""

    tables: tuple[Table, ...]
    sharing: tuple[Sharing, ...]
    coarsened: tuple[Coarse, ...]
    small: SmallClasses
    left_out: tuple[str, ...]
    odd_cells: int

    @property
    def n(self) -> int:
        return sum(one.agreed for one in self.sharing)

    def told(self, name: str) -> dict[str, bool]:
        """What adherence.csv says of each person in this column: `received` or `minimum_dose`."""
        adherence = self.tables[2]
        pairs = zip(adherence.column("participant"), adherence.column(name), strict=True)
        return {code: said == "yes" for code, said in pairs}


def public(frozen: Frozen, data: CsvTable, *, key: bytes, k: int, leave_out: Sequence[str]) -> Public:
    """The public tables; `data` is dataset.csv as it was read, `key` what new ids are made with and never kept.

    Raises Refused where nobody was asked, too few agreed, or clusters were allocated.
    """
    folder = frozen.folder
    sharing = shared_by(frozen)
    refuse(folder, sharing, k)
    agreed = {one.participant: one for one in frozen.dispositions if _agreed(one)}
    ids = new_ids(agreed, key)
    facts = [name for name in data.header if is_baseline_fact(folder, name) and column_of(folder, name) is not None]
    _known(leave_out, facts)
    quasi = [name for name in facts if name not in leave_out]
    names = [one for one in data.header if one in DATASET_KEYS or is_score(folder, one) or one in facts]
    place = {name: at for at, name in enumerate(data.header)}
    columns = {one.name: one for one in dataset_columns(folder, names)}
    rows = [[cells[place[name]] for name in names] for _, cells in data.rows if cells[place["participant"]] in agreed]
    odd = _empty_what_does_not_fit(rows, list(columns.values()))
    at_baseline = _baseline(folder, names, rows)
    coarsened = [coarse(columns[name], [one[name] for one in at_baseline.values()], k) for name in quasi]
    _make_coarse(rows, names, coarsened, [name for name in facts if name in leave_out])
    after = _baseline(folder, names, rows)
    small = small_classes(quasi, [[one[name] for name in quasi] for one in after.values()], k)
    items, left, odd_items = _items(folder, frozen.items, ids)
    adherence = _adherence(folder, agreed.values(), ids)
    dropped = [name for name in data.header if name not in names]
    return Public(
        (_dataset(names, _told(columns.values(), coarsened), rows, ids), items, adherence),
        sharing,
        tuple(coarsened),
        small,
        (*sorted(leave_out), *dropped, *(name for name in left if name not in facts)),
        odd + odd_items,
    )


def _agreed(one: Disposition) -> bool:
    valid = one.enrolled_in_error != ErrorReason.NO_CONSENT
    return one.stage == "randomized" and one.data_sharing is True and one.reason != TOOK_BACK and valid


def shared_by(frozen: Frozen) -> tuple[Sharing, ...]:
    """By arm, who agreed that their answers are shared."""
    people = [one for one in frozen.dispositions if one.stage == "randomized"]
    return tuple(_of_arm(arm.id, [one for one in people if one.arm == arm.id]) for arm in frozen.folder.protocol.arms)


def _of_arm(arm: str, people: Sequence[Disposition]) -> Sharing:
    took_back = sum(one.reason == TOOK_BACK for one in people)
    agreed = sum(_agreed(one) for one in people)
    not_asked = sum(one.data_sharing is None and one.reason != TOOK_BACK for one in people)
    return Sharing(arm, agreed, len(people) - agreed - not_asked - took_back, not_asked, took_back)


def refuse(folder: ProtocolFolder, sharing: Sequence[Sharing], k: int) -> None:
    """Raise Refused, with the reason, where no public capsule of this trial can be made."""
    protocol = folder.protocol
    if protocol.consent.data_sharing is None:
        raise Refused(
            "The consent form of this protocol does not ask whether answers may be shared (`consent.data_sharing`): "
            "nobody agreed to a public capsule. A restricted one can be made."
        )
    if protocol.allocation.cluster:
        raise Refused(
            "Clusters were allocated: a public capsule would have to keep who was together, for the analysis rests on "
            "it, and whoever knows how many of one place took part finds that place by the size of its cluster, its "
            "arm and its people with it, whatever the cluster is called. A restricted one can be made."
        )
    n = sum(one.agreed for one in sharing)
    if n < FEWEST or any(one.agreed < k for one in sharing):
        by_arm = ", ".join(f"{one.agreed} in {one.arm}" for one in sharing)
        raise Refused(
            f"Too few agreed that their answers are shared: {n} ({by_arm}). A public capsule takes at least {FEWEST}, "
            f"and {k} of each arm."
        )


def _known(leave_out: Sequence[str], facts: Sequence[str]) -> None:
    if odd := [name for name in leave_out if name not in facts]:
        raise Refused(f"{odd[0]!r} is no baseline fact of this dataset. It has: {', '.join(facts) or 'none'}.")


def new_ids(codes: Mapping[str, object], key: bytes) -> dict[str, str]:
    """An id for each study code: 12 digits of HMAC-SHA256 under a key of this one capsule, which tell nothing."""
    ids = {code: hmac.digest(key, code.encode(), "sha256").hex()[:ID_LENGTH] for code in codes}
    if len(set(ids.values())) < len(ids):
        raise Refused("Two people got the same new id, which chance does once in a million capsules: make it again.")
    return ids


def _empty_what_does_not_fit(rows: list[list[str]], columns: Sequence[Column]) -> int:
    """Empty each cell that is neither a number nor a level as its column says; how many there were."""
    odd = 0
    for at, one in enumerate(columns):
        if one.name == "participant":
            continue
        for row in rows:
            if not one.fits(row[at]) or (one.kind == "text" and row[at]):
                row[at], odd = "", odd + 1
    return odd


def _baseline(folder: ProtocolFolder, names: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    """By person, the cells of the baseline row."""
    first = folder.protocol.baseline.id
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return {one["participant"]: one for one in found if one["timepoint"] == first}


def _make_coarse(rows: list[list[str]], names: Sequence[str], coarsened: Sequence[Coarse], emptied: list[str]) -> None:
    """Facts stand on the baseline row; on another row there is none, or the same."""
    place = {name: at for at, name in enumerate(names)}
    for row in rows:
        for one in coarsened:
            row[place[one.name]] = one.cells.get(row[place[one.name]], "")
        for name in emptied:
            row[place[name]] = ""


def _dataset(
    names: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence[str]], ids: Mapping[str, str]
) -> Table:
    """Rows in the order of the new ids, which is none."""
    person = names.index("participant")
    whole = sorted((ids[row[person]], row) for row in rows)
    cells = (tuple(new if at == person else one for at, one in enumerate(row)) for new, row in whole)
    return Table("dataset", "One row for each person who agreed and timepoint answered", tuple(columns), tuple(cells))


def _told(columns: Iterable[Column], coarsened: Sequence[Coarse]) -> list[Column]:
    """The columns with what was done to them."""
    done = {one.name: f" (made coarse: {'; '.join(one.done)})" for one in coarsened if one.done}
    return [ID if one.name == ID.name else replace(one, label=one.label + done.get(one.name, "")) for one in columns]


def _items(folder: ProtocolFolder, rows: Sequence[ItemRow], ids: Mapping[str, str]) -> tuple[Table, list[str], int]:
    """Items that a score is made of and what exercises asked, of those who agreed; the others are named.

    An item that no score is made of may say who somebody is: where it is a covariate it stands in the dataset, coarse.
    """
    known = item_columns(folder)
    scored = {
        name
        for tool in folder.instruments.values()
        for item in tool.items
        if item.id in {one for score in tool.scores for one in tool.scored_items(score)}
        for name in tool.columns(item)
    }
    asked = {
        name
        for tool in folder.instruments.values()
        for item in tool.items
        for name in tool.columns(item)
    }  # fmt: skip
    in_it = {name: one for name, one in known.items() if name in scored or name not in asked}
    points, activities = {one.id for one in folder.protocol.timepoints}, {one.id for one in folder.protocol.activities}
    kept, odd = [], 0
    for one in rows:
        if one.participant not in ids or one.item not in in_it:
            continue
        if one.timepoint not in points or one.activity not in activities or not in_it[one.item].fits(one.value):
            odd += 1
            continue
        kept.append(replace(one, participant=ids[one.participant]))
    table = wide_items(folder, kept, in_it)
    return replace(table, columns=(ID, *table.columns[1:])), sorted(set(known) - set(in_it)), odd


def _adherence(folder: ProtocolFolder, people: Iterable[Disposition], ids: Mapping[str, str]) -> Table:
    """What each had of the intervention: no day, no reason, no order of arrival."""
    stops = (("", ""), *((one.value, one.value) for one in StopLevel))
    arm = column_of(folder, "arm")
    assert arm is not None
    columns = (
        ID,
        arm,
        Column("exercises_due", "Exercises planned in the arm", "number"),
        Column("exercises_done", "Exercises sent in", "number"),
        Column("received", "Received the intervention by the arm's own rule", "factor", YES_NO),
        Column("minimum_dose", "Had the arm's minimum dose", "factor", YES_NO),
        Column("stopped", "What the person stopped; empty: nothing", "factor", stops[1:]),
    )
    rows = sorted(
        (ids[one.participant], *(cell(getattr(one, column.name)) for column in columns[1:])) for one in people
    )
    checked = [
        [value if place == 0 or columns[place].fits(value) else "" for place, value in enumerate(row)] for row in rows
    ]
    return Table("adherence", "What each person had of the intervention", columns, tuple(map(tuple, checked)))


def without_words(frozen: Frozen) -> Frozen:
    """The freeze as its flow needs it, every reason, source and mark that is none of the fixed ones taken out."""
    criteria = {one.id for one in frozen.folder.protocol.eligibility.criteria}
    people = [_plain(one, criteria) for one in frozen.dispositions]
    return replace(frozen, dispositions=people, items=[], contacts=[], events=[], harms=[])


def _plain(one: Disposition, criteria: set[str]) -> Disposition:
    reasons = {*criteria, TOOK_BACK, ""}
    flags = [flag for flag in one.flags.split("+") if flag in SIGNALS]
    return replace(
        one,
        stage=one.stage if one.stage in STAGES else "not_eligible",
        reason=one.reason if one.reason in reasons else "other",
        source="",
        stop_reason=one.stop_reason if one.stop_reason in (*STOP_REASONS, UNSUBSCRIBED, "") else "other",
        flags="+".join(flags),
        enrolled_in_error=one.enrolled_in_error if one.enrolled_in_error in set(ErrorReason) else "",
    )
