"""The whole trial as one document: nothing is left out, no text in it is markup, the page stands alone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from reports import allocating, methods
from reports.frozen import read_frozen
from reports.html import render_html
from reports.pdf import render_pdf
from reports.protocol_document import build_protocol_document
from reports.protocol_document.arms import _tailoring as tailoring
from reports.protocol_document.names import Names
from reports.protocol_document.rules import in_words
from reports.protocol_document.sections import document
from reports.results import frozen_results
from reports.sections import document as report
from tests.reports.protocol_document import variants
from tests.reports.test_html import HOSTILE, Elements, hostile
from trial.protocol_files import ProtocolFolder, read_folder, shipped

SECTIONS = [
    "The trial at a glance",
    "Schedule of activities",
    "Arms side by side",
    "A participant's calendar",
    "Burden",
    "Every mail",
    "Every page",
    "Privacy notice",
    "Checks for robots and repeated sign-ups",
    "Methods",
    "Still empty",
]


@cache
def folder(variant: str) -> ProtocolFolder:
    return variants.ALL[variant]()


@cache
def page(variant: str) -> str:
    return render_html(document(folder(variant)))


@cache
def reader(variant: str) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(document(folder(variant)))))


def words(html: str) -> str:
    """What can be read on a page, with single spaces."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def squeezed(text: str) -> str:
    """Letters and digits alone: what breaking lines and hyphens on paper leave alone."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def paper(variant: str) -> str:
    """What can be read on paper, without what runs along the top and bottom of every page."""
    written, pages = document(folder(variant)), reader(variant).pages
    found = []
    for number, one in enumerate(pages, start=1):
        text = squeezed(one.extract_text()).replace(squeezed(f"{written.subtitle}Page {number} of {len(pages)}"), "")
        found.append(text.removeprefix(squeezed(written.title)) if number > 1 else text)
    return "".join(found)


def texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text for people in a protocol, under its key; texts by language are told in every language."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from texts(value, name if name not in ("en", "de") else key)
    elif isinstance(node, list):
        for one in node:
            yield from texts(one, key)
    elif isinstance(node, str):
        yield key, node


# rules are told in words, which tests of their own look at
RULES = {"received", "minimum_dose", "rule", "when", "only_if"}


@pytest.mark.parametrize("variant", ["shapira", "everything"])
def test_every_text_of_the_protocol_appears_on_the_page_and_on_paper(variant: str) -> None:
    tree = json.loads(folder(variant).protocol.model_dump_json(by_alias=True))
    found = [(key, " ".join(text.split())) for key, text in texts(tree) if key not in RULES and " " in text]
    found = [(key, text) for key, text in found if "{{gap}}" not in text and text != "0 minutes"]
    assert len(found) > 35
    on_page, on_paper = words(page(variant)), paper(variant)
    assert [each for each in found if each[1] not in on_page] == []
    assert [each for each in found if squeezed(each[1]) not in on_paper] == []


@pytest.mark.parametrize("variant", ["shapira", "everything", "two languages"])
def test_every_mail_and_page_text_appears_whole_in_every_language(variant: str) -> None:
    on_page, on_paper = squeezed(words(page(variant))), paper(variant)
    protocol = folder(variant).protocol
    for name in protocol.text_files:
        for language in protocol.languages:
            for line in folder(variant).text(name, language).removeprefix("Subject:").splitlines():
                plain = re.sub(r"\]\([^)]*\)|^\d+\. |^#+ ", "", line)
                for piece in re.split(r"\{\{.*?\}\}", plain):
                    assert squeezed(piece) in on_page, (name, language, piece)
                    assert squeezed(piece) in on_paper, (name, language, piece)


def test_every_item_of_every_instrument_is_shown_and_topics_are_marked_as_placeholders() -> None:
    shown = words(page("shapira"))
    for tool in folder("shapira").instruments.values():
        assert tool.instructions["en"].strip() in shown
        for item in tool.items:
            assert item.topic["en"] in shown
    asked_twice = 3 + 3  # CES-D, SWLS and SCS-SF, at the baseline and later
    assert shown.count("Only short topics are shown here.") == asked_twice
    assert "Placeholder wording" in shown and "Placeholder wording" not in words(page("small"))


@pytest.mark.parametrize("variant", variants.ALL)
def test_the_page_has_every_section_in_order_and_stands_alone(variant: str) -> None:
    html = page(variant)
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == [one.replace("'", "&#39;") for one in SECTIONS]
    elements = Elements(html).found
    for tag, attributes in elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "form", "button"}
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#") and "src" not in attributes
    assert "@import" not in html and not re.search(r"url\((?!#)", html)
    ids = [str(attributes["id"]) for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements:
        for key in ("aria-labelledby", "aria-describedby", "for"):
            assert set((attributes.get(key) or "").split()) <= set(ids)


@pytest.mark.parametrize("variant", variants.ALL)
def test_headings_of_the_page_leave_no_level_out(variant: str) -> None:
    levels = []
    for tag, attributes in Elements(page(variant)).found:
        if re.fullmatch(r"h[1-6]", tag):
            levels.append(int(tag[1]))
        elif attributes.get("role") == "heading":
            levels.append(int(str(attributes["aria-level"])))
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("variant", variants.ALL)
def test_the_pdf_has_every_section_with_tags_and_page_numbers(variant: str) -> None:
    found = reader(variant)
    catalogue: Any = found.trailer["/Root"].get_object()
    assert bool(catalogue["/MarkInfo"]["/Marked"]) and catalogue["/Lang"] == "en"
    outline = [one.title for one in found.outline if not isinstance(one, list)]
    assert outline[:1] == SECTIONS[:1] and [one for one in outline if one in SECTIONS] == SECTIONS
    assert f"Page 1 of {len(found.pages)}" in found.pages[0].extract_text()
    title = found.pages[0].extract_text()
    assert folder(variant).digest in title and f"version {folder(variant).protocol.version}" in title


def test_the_same_folder_gives_the_same_bytes() -> None:
    assert render_html(document(folder("small"))) == page("small")
    assert render_pdf(document(folder("small"))) == render_pdf(document(variants.small()))


def test_hostile_texts_are_words_on_the_page_and_on_paper() -> None:
    nasty = hostile(folder("everything"))
    attack = (
        "Subject: <script>alert(1)</script> </title>\n\n</div></section><script>alert(2)</script> [x](javascript:a)"
    )
    spoiled = {name: dict.fromkeys(by_language, attack) for name, by_language in nasty.texts.items()}
    nasty = ProtocolFolder(nasty.protocol, nasty.instruments, spoiled, nasty.files, nasty.digest)
    html = render_html(document(nasty))
    tags = [tag for tag, _ in Elements(html).found]
    assert "script" not in tags and "javascript:a" not in "".join(str(one) for _, one in Elements(html).found)
    assert tags.count("section") == len(SECTIONS)
    assert words(html).count("<script>alert(1)</script>") > 100
    assert html.count("</section>") == len(SECTIONS)
    pages = PdfReader(io.BytesIO(render_pdf(document(nasty)))).pages
    assert squeezed(HOSTILE) in squeezed("".join(one.extract_text() for one in pages))


def test_the_methods_are_the_sentences_of_the_finished_report(frozen_trial: Path) -> None:
    frozen = read_frozen(frozen_trial)
    finished = words(render_html(report(frozen_results(frozen), frozen.folder)))
    planned = words(render_html(document(frozen.folder)))
    names = Names(frozen.folder)
    same = [
        methods.shape(frozen.folder.protocol),
        allocating.allocation(frozen.folder.protocol),
        methods.plan(frozen.folder.protocol),
        methods.question(names.labels),
        methods.analysed(names.labels),
        methods.not_filled_in(names.labels),
        methods.IMPUTED,
        methods.STANDARDIZED,
        methods.HARM,
        methods.model(names.labels),
        methods.error(names.labels),
        methods.multiplicity(frozen.folder.protocol),
        *(said for _, said in methods.arms(names.labels).items),
    ]
    for sentence in same:
        assert sentence in finished and sentence in planned


def test_what_is_missing_is_said_as_missing() -> None:
    shipped, filled = words(page("shapira")), words(page("everything"))
    assert "The protocol holds no privacy notice yet. Missing: who is responsible (controller)," in shipped
    empty = shipped[shipped.index("Table 8. Still to be written") :]
    for topic in (
        "Registry and number of the trial",
        "Ethics committee",
        "Competing interests",
        "Sensitivity analyses",
    ):
        assert topic in empty
    assert "messages/information.en.md" in empty and "[The team adds local help here before the study opens.]" in empty
    rest = filled[filled.index("Still to be written") :]
    for topic in ("Registry and number", "Ethics committee", "Competing interests", "Sensitivity", "Data protection"):
        assert topic not in rest
    assert "Background and reasons for the trial" in rest
    assert "Chores list: why it may work, what is done, how well it is followed and who guides" in rest


def test_what_this_version_does_not_carry_out_is_said() -> None:
    text = words(page("everything"))
    assert "not carried out by this version of the software: consent of a guardian" in text
    assert "not carried out" not in words(page("shapira"))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("age >= 18", "AGE is at least 18"),
        ("reads_english == true and age < 90", "READS_ENGLISH is yes and AGE is under 90"),
        ("not (mood > 3) or kind in ['a', 'b']", "not (MOOD is over 3) or KIND is one of a or b"),
        ("(a == 1 or b != 2) and c <= 3", "(A is 1 or B is not 2) and C is at most 3"),
        ("a + b - c >= 2", "A + B − C is at least 2"),
    ],
)
def test_a_rule_is_told_in_words(rule: str, said: str) -> None:
    assert in_words(rule, str.upper) == said


def test_an_item_called_worse_is_told_by_its_question_and_only_a_score_by_its_reliable_worsening() -> None:
    names = Names(read_folder(shipped("larger-trial")))
    assert names.rule("cesd_worse == true") == "reliable worsening of Depression (CES-D) is yes"
    asked = names.rule("since_last_time_worse == true")
    assert asked == "“Has anything got worse for you since last time?” is yes"


def test_what_the_software_adds_to_the_tailoring_follows_the_words_of_the_protocol_after_one_space() -> None:
    names = Names(read_folder(shipped("larger-trial")))
    for arm in names.folder.protocol.arms:
        said = tailoring(names, arm)
        assert said.endswith("shows the second one. Earlier writing of the same person is shown again.")


def test_a_study_with_one_arm_is_not_called_randomised() -> None:
    text = words(page("one arm"))
    assert "Protocol of a single-arm study" in text
    assert "Protocol of a randomised trial" not in text and "Allocation by chance" not in text
    assert "one arm, nothing allocated" in text and "covariance" not in text and "Standardised effect" not in text
    assert "The mean of each person's change from the baseline." in text


def test_a_waiting_arm_is_told_what_it_waits_for_and_is_asked_for_no_exercise() -> None:
    text = words(page("waitlist"))
    assert "2 parallel arms, one of them waiting, allocation 1:1, superiority" in text
    assert "Chores list waits and is told so; after day 50 it is given what Gratitude list gets." in text
    assert "No exercise at any time." in text and "The arms are not asked for the same." in text


@pytest.mark.parametrize("name", sorted(one.parent.name for one in shipped("").glob("*/protocol.yaml")))
def test_every_shipped_protocol_has_its_document(name: str) -> None:
    held = read_folder(shipped(name))
    text = words(render_html(document(held)))
    assert held.digest in text
    for arm in held.protocol.arms:
        assert arm.label["en"] in text
    for activity in held.protocol.activities:
        assert activity.title["en"] in text


def test_twelve_arms_stand_beside_each_other_three_at_a_time() -> None:
    html = page("twelve arms")
    for number in range(1, 13):
        assert f'<th scope="col" role="columnheader">The arm with the number {number}</th>' in html
    assert len(re.findall(r'id="arms-\d+-caption"', html)) == 4
    assert len(re.findall(r'id="calendar-table-\d+-caption"', html)) == 12


def test_a_calendar_that_is_the_same_for_all_arms_stands_once() -> None:
    html = page("shapira")
    assert len(re.findall(r'id="calendar-table-\d+-caption"', html)) == 1
    assert "Self-compassionate letter, Letter from a good future, Early memory" in words(html)


def test_files_appear_whole_and_only_in_the_formats_asked_for(tmp_path: Path) -> None:
    told: list[str] = []
    (path,) = build_protocol_document(folder("small"), tmp_path / "new" / "place", ["html"], told.append)
    assert path == tmp_path / "new" / "place" / "protocol.html" and path.read_text().startswith("<!DOCTYPE html>")
    assert [one.name for one in path.parent.iterdir()] == ["protocol.html"]
    assert told == ["Reading small-trial 1.0", "Drawing protocol.html"]
    with pytest.raises(ValueError, match="not as docx"):
        build_protocol_document(folder("small"), tmp_path / "other", ["docx"])
    assert not (tmp_path / "other").exists()


def test_a_board_reads_which_checks_hold_whom_and_that_a_person_decides() -> None:
    text = words(page("everything"))
    for said in (
        "Held until a person has looked",
        "The owner or a coordinator releases or refuses the enrolment and gives a reason",
        "No network (IP) address, no browser name and no answer is kept for it",
        "No check refuses anybody, and none runs after randomisation",
    ):
        assert said in text
