"""The arms side by side, item by item of TIDieR: in the protocol's words, or worked out from the timetable."""

from __future__ import annotations

from collections.abc import Callable

from reports.document import Block, Paragraph, Row, Table
from reports.labels import KINDS
from reports.methods import UNSTATED, counted, listed
from reports.protocol_document import timetable
from reports.protocol_document.burden import duration, sentence
from reports.protocol_document.names import Names
from reports.variables import LANGUAGE
from trial.core.protocol import Arm, Exercise, Intervention, Questionnaire, TimedPractice
from trial.core.texts import say

PER_TABLE = 3
NOT_SAID = f"{sentence(UNSTATED)}."
Said = Callable[[Names, Arm], str]


def side_by_side(names: Names) -> list[Block]:
    """Tables of three arms at most, each with every item."""
    protocol = names.folder.protocol
    told = {
        "full": "People are told what the arms are and what is expected of them.",
        "hypothesis_withheld": "People are told that chance decides, not which arm is expected to help; they learn it "
        "at the end.",
        "arm_known": "People know what their arm gets and what the others get.",
    }
    blocks: list[Block] = [Paragraph(told[protocol.design.disclosure])]
    for number, arms in enumerate(_batches(protocol.arms), start=1):
        rows = tuple(Row((item, *(said(names, arm) for arm in arms))) for item, said in ITEMS)
        named = f": {listed([names.arm(arm) for arm in arms])}" if len(protocol.arms) > PER_TABLE else ""
        heads = ("Item", *(names.arm(arm) for arm in arms))
        caption = f"What each arm gets{named}"
        blocks.append(Table(f"arms-{number}", caption, heads, rows, words=True))
    return blocks


def _batches(arms: list[Arm]) -> list[tuple[Arm, ...]]:
    return [tuple(arms[at : at + PER_TABLE]) for at in range(0, len(arms), PER_TABLE)]


def exercises(names: Names, arm: Arm) -> list[Exercise]:
    """The exercises of an arm, in the order of the protocol, those that some timepoint holds."""
    asked = {one.activity.id for one in timetable.asks(names.folder.protocol, arm.id)}
    return [one for one in names.folder.protocol.activities if not isinstance(one, Questionnaire) and one.id in asked]


def stated(names: Names, arm: Arm, key: str) -> str:
    """The protocol's own words of one item of an arm's intervention, or none."""
    said = getattr(arm.intervention or Intervention(), key)
    return say(said, LANGUAGE).strip() if said else ""


def _kind(_: Names, arm: Arm) -> str:
    return sentence(KINDS[arm.kind])


def _short(_: Names, arm: Arm) -> str:
    return say(arm.description, LANGUAGE).strip()


def _why(names: Names, arm: Arm) -> str:
    return stated(names, arm, "why") or NOT_SAID


def _materials(names: Names, arm: Arm) -> str:
    texts = [f"“{names.activity(one)}” ({one.exercise})" for one in exercises(names, arm)]
    held = f"In this document, in full: {listed(texts)}." if texts else "No exercise."
    return f"{stated(names, arm, 'materials')} {held}".strip()


def _procedures(names: Names, arm: Arm) -> str:
    done = dict.fromkeys(f"{names.activity(one)}: {_doing(one)}" for one in exercises(names, arm))
    computed = f"{'; '.join(done)}." if done else "Questionnaires only."
    return f"{stated(names, arm, 'procedures')} {computed}".strip()


def _doing(one: Exercise) -> str:
    if isinstance(one, TimedPractice):
        return f"{len(one.steps)} steps for {one.seconds} seconds"
    return {
        "writing": "guided writing on a page; length is up to the person",
        "reading": "a text to read",
        "recall": "sentences with a gap, asked again after longer and longer waits",
        "dialogue": "voices written in turn",
        "checklist": "a list of things done today, none of them needed",
    }[one.type]


def _provider(names: Names, arm: Arm) -> str:
    guided = "With a guide" if arm.guided else "No person delivers it: mails and pages come from the software"
    said = stated(names, arm, "provided_by")
    missing = f" Who guides and with what training is {UNSTATED}." if arm.guided and not said else ""
    return f"{said} {guided}.{missing}".strip()


def _how(_: Names, arm: Arm) -> str:
    return "One person at a time, by e-mail and web page" + (", with a guide." if arm.guided else ", unaccompanied.")


def _where(_: Names, arm: Arm) -> str:
    return f"{'Mails and pages: wherever' if arm.guided else 'Wherever'} the person is, on a phone or a computer."


def _how_much(names: Names, arm: Arm) -> str:
    protocol, asked = names.folder.protocol, timetable.asks(names.folder.protocol, arm.id)
    mine = [one for one in asked if not isinstance(one.activity, Questionnaire)]
    if not mine:
        return "No exercise at any time."
    alike: dict[tuple[str, int, str], list[timetable.Ask]] = {}
    for one in mine:
        kind = (names.activity(one.activity), one.activity.minutes, timetable.hour(one.point))
        alike.setdefault(kind, []).append(one)
    said = []
    for (title, minutes, hour), its in alike.items():
        points = {one.point.id: one.point for one in its}
        when = "; ".join(timetable.days(protocol, point) for point in points.values())
        said.append(f"“{title}” {len(its)}× ({when}, {hour}), about {duration(minutes)} each time")
    return f"{'; '.join(said)}. In all {duration(sum(one.activity.minutes for one in mine))}."


def _tailoring(names: Names, arm: Arm) -> str:
    piped = [one for one in exercises(names, arm) if getattr(one, "shows_writing_of", None)]
    own = "Earlier writing of the same person is shown again." if piped else ""
    hours = any(one.point.chosen_from for one in timetable.asks(names.folder.protocol, arm.id))
    chosen = "People choose the hour." if hours else ""
    alike = "Everybody in the arm gets the same texts at the same local hours." if not (own or chosen) else ""
    return " ".join(filter(None, (stated(names, arm, "tailoring"), alike, own, chosen)))


def _fidelity(names: Names, arm: Arm) -> str:
    said = counted(names.folder.protocol, arm)
    kept = "" if names.outside else " Every mail sent and every page sent in is recorded."
    return f"{stated(names, arm, 'fidelity')} {said}{kept}".strip()


def _questions(names: Names, arm: Arm) -> str:
    asked = timetable.asks(names.folder.protocol, arm.id)
    times = sum(isinstance(one.activity, Questionnaire) for one in asked)
    minutes = sum(one.activity.minutes for one in asked if isinstance(one.activity, Questionnaire))
    return f"{times} times, {duration(minutes)} in all."


ITEMS: tuple[tuple[str, Said], ...] = (
    ("Kind of arm", _kind),
    ("In short", _short),
    ("Why", _why),
    ("What: materials", _materials),
    ("What: procedures", _procedures),
    ("Who provides", _provider),
    ("How", _how),
    ("Where", _where),
    ("When and how much", _how_much),
    ("Tailoring", _tailoring),
    ("How well (fidelity)", _fidelity),
    ("Questionnaires", _questions),
)
