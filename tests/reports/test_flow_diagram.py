"""The flow diagram holds every count, for any number of arms, and no text leaves its box."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.drawing import PAD, SIZE, Line, wrap
from reports.flow_diagram import flow_diagram
from reports.labels import Labels
from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import ProtocolFolder, read_folder

SVG = "{http://www.w3.org/2000/svg}"


def protocol_with(arms: int) -> ProtocolFolder:
    folder = read_folder(SMALL_TRIAL)
    first = folder.protocol.arms[0]
    made = [first.model_copy(update={"id": f"arm_{n}", "label": {"en": f"Arm number {n} <&>"}}) for n in range(arms)]
    protocol = folder.protocol.model_copy(update={"arms": made})
    return ProtocolFolder(protocol, folder.instruments, folder.texts, folder.files, folder.digest)


def flow_with(arms: int) -> dict[str, Any]:
    reasons = [{"reason": "no_answer", "n": 2}, {"reason": "address_bounced", "n": 1}]
    one = {
        "allocated": 41, "received": 38, "not_received": 3, "not_received_reasons": reasons,
        "discontinued": 3, "discontinued_reasons": reasons, "lost": 3, "lost_reasons": reasons,
        "analysed": 37, "excluded_from_analysis": 1,
        "excluded_from_analysis_reasons": [{"reason": "model_impossible", "n": 1}],
    }  # fmt: skip
    return {
        "assessed": 1234,
        "excluded": 17,
        "excluded_by_stage": [{"stage": "not_eligible", "n": 17, "reasons": [{"reason": "adult", "n": 17}]}],
        "randomised": 41 * arms,
        "arms": [one | {"arm": f"arm_{n}"} for n in range(arms)],
    }


def drawn(arms: int, *, narrow: bool = False) -> tuple[str, ElementTree.Element]:
    drawing = flow_diagram(flow_with(arms), Labels(protocol_with(arms)), narrow=narrow)
    return drawing.svg, ElementTree.fromstring(drawing.svg)


@pytest.mark.parametrize(
    ("kind", "said"), [("waitlist", "Waited, as allocated"), ("no_treatment", "Got no exercises, as allocated")]
)
def test_an_arm_without_exercises_is_not_said_to_have_received_any(kind: Any, said: str) -> None:
    folder = protocol_with(2)
    plain = folder.protocol.arms[1].model_copy(update={"kind": kind})
    protocol = folder.protocol.model_copy(update={"arms": [folder.protocol.arms[0], plain]})
    made = ProtocolFolder(protocol, folder.instruments, folder.texts, folder.files, folder.digest)
    svg = flow_diagram(flow_with(2), Labels(made)).svg
    assert svg.count("Received the exercises") == 1 and svg.count(said) == 1


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("arms", [2, 3, 4, 5, 12])
def test_every_arm_has_its_three_boxes_and_all_stays_on_the_page(arms: int, narrow: bool) -> None:
    _, tree = drawn(arms, narrow=narrow)
    width, height = (float(end) for end in tree.attrib["viewBox"].split()[2:])
    boxes = [box for box in tree.iter(f"{SVG}rect") if box.get("fill") == "none"]
    assert len(boxes) == 3 + 3 * arms
    for box in boxes:
        x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= 0 and x + w <= width and y + h <= height


@pytest.mark.parametrize("narrow", [False, True])
def test_boxes_do_not_overlap(narrow: bool) -> None:
    _, tree = drawn(5, narrow=narrow)
    boxes = [
        tuple(float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        for box in tree.iter(f"{SVG}rect")
        if box.get("fill") == "none"
    ]
    for at, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[at + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_no_line_is_wider_than_its_box_even_in_a_wide_font() -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    lines = [
        Line("Does not read and write English with ease (n\u00a0=\u00a01,234)", 14),
        Line("WWW MMM letters that are wide (n = 10)", bold=True),
        Line("Lost to follow-up for the primary outcome (n = 3)"),
    ]
    for width in (222.0, 300.0):
        for line in wrap(lines, width):
            font = FontProperties(family="DejaVu Sans", size=SIZE, weight="bold" if line.bold else "normal")
            measured = TextPath((0, 0), line.text, size=SIZE, prop=font).get_extents().width
            assert measured <= width - 2 * PAD - line.indent


@pytest.mark.parametrize("narrow", [False, True])
def test_screenings_and_repeated_tries_stay_within_the_box_of_those_assessed(narrow: bool) -> None:
    from matplotlib.textpath import TextPath

    flow = flow_with(2) | {"screenings": 1236, "repeated": 2, "flagged": 9}
    tree = ElementTree.fromstring(flow_diagram(flow, Labels(protocol_with(2)), narrow=narrow).svg)
    box = next(one for one in tree.iter(f"{SVG}rect") if one.get("fill") == "none")
    left, top, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
    lines = [one for one in tree.iter(f"{SVG}text") if one.get("y") and top < float(one.attrib["y"]) < top + height]
    assert "repeated tries" in " ".join("".join(one.itertext()) for one in lines)
    for one in lines:
        wide = TextPath((0, 0), "".join(one.itertext()), size=SIZE, prop="DejaVu Sans").get_extents().width
        assert float(one.attrib["x"]) + wide <= left + width


def test_a_count_is_never_torn_from_its_n() -> None:
    svg, _ = drawn(3)
    assert all("n\u00a0=\u00a0" in text for text in re.findall(r"\(n[^)]*\)", svg))


def test_labels_are_text_never_markup() -> None:
    svg, tree = drawn(2)
    assert "<&>" not in svg
    assert any("Arm number 1 <&>" in (text.text or "") for text in tree.iter(f"{SVG}text"))


def test_the_picture_has_a_title_and_the_counts_in_words() -> None:
    _, tree = drawn(2)
    title, description = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title is not None and description is not None
    assert tree.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
    assert "1,234 people assessed, 17 excluded. 82 randomised." in str(description.text)


def test_what_a_data_file_cannot_tell_is_left_out() -> None:
    flow = flow_with(2) | {"assessed": None, "excluded": None, "excluded_by_stage": []}
    for arm in flow["arms"]:
        arm.update(received=None, not_received=None, discontinued=None)
    svg = flow_diagram(flow, Labels(protocol_with(2))).svg
    assert "Assessed" not in svg and "Received" not in svg and "Discontinued" not in svg
    assert "Randomised" in svg


def test_what_stands_above_assessed_breaks_within_its_box_and_the_last_edge_is_whole() -> None:
    flow = flow_with(2) | {"screenings": 1210, "repeated": 100, "flagged": 14}
    drawing = flow_diagram(flow, Labels(protocol_with(2)))
    assert "Screenings (n\u00a0=\u00a01,210), repeated tries (n\u00a0=\u00a0100)" not in drawing.svg
    assert "Screenings (n\u00a0=\u00a01,210)" in drawing.svg and "(n\u00a0=\u00a0100)" in drawing.svg
    for arms in (2, 3):
        _, tree = drawn(arms)
        height = float(tree.attrib["viewBox"].split()[3]) - 1  # the picture begins one above zero
        boxes = [box for box in tree.iter(f"{SVG}rect") if box.get("fill") == "none"]
        assert max(float(box.attrib["y"]) + float(box.attrib["height"]) for box in boxes) + 0.6 <= height
