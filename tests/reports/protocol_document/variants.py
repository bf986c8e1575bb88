"""Protocols of many shapes for tests, each made from the small trial by a change of its tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.reports.builder import SMALL_TRIAL
from trial.protocol_files import ProtocolFolder, read_folder, shipped

Tree = dict[str, Any]


def shapira() -> ProtocolFolder:
    return read_folder(shipped("shapira-mongrain-2010"))


def small() -> ProtocolFolder:
    return read_folder(SMALL_TRIAL)


def changed(change: Callable[[Tree], object], texts: dict[str, str] | None = None) -> ProtocolFolder:
    """The small trial with another tree, and with more texts by file name."""
    folder = small()
    tree = json.loads(folder.protocol.model_dump_json(by_alias=True))
    change(tree)
    named = {name: dict(by_language) for name, by_language in folder.texts.items()}
    for file, text in (texts or {}).items():
        name, language, _ = file.rsplit(".", 2)
        named.setdefault(name, {})[language] = text
    protocol = folder.protocol.model_validate(tree)
    return ProtocolFolder(protocol, folder.instruments, named, folder.files, folder.digest)


def one_arm() -> ProtocolFolder:
    def change(tree: Tree) -> None:
        tree["design"] |= {"type": "single_arm"}
        tree["arms"] = tree["arms"][:1]
        tree["allocation"] = {"method": "none"}
        tree["analysis"] |= {"method": "mean_change", "secondary": None, "baseline_table": ["age", "mood"]}
        tree["analysis"]["primary"]["contrast"] = ["gratitude"]
        tree["analysis"]["sensitivity"] = []
        tree["activities"] = [one for one in tree["activities"] if one["id"] != "chores"]
        tree["timepoints"][1]["activities"] = ["gratitude"]

    return changed(change)


def twelve_arms() -> ProtocolFolder:
    def change(tree: Tree) -> None:
        first = tree["arms"][0]
        tree["arms"] = [
            first | {"id": f"arm_{n}", "label": {"en": f"The arm with the number {n}"}, "kind": "active"}
            for n in range(1, 13)
        ]
        tree["analysis"]["primary"]["contrast"] = ["arm_1", "arm_2"]
        tree["analysis"]["secondary"] = None
        writing = tree["activities"][2]
        tree["activities"] = tree["activities"][:2] + [
            writing | {"id": f"writing_{n}", "arms": [f"arm_{n}"], "minutes": n} for n in range(1, 13)
        ]
        tree["timepoints"][1]["activities"] = [f"writing_{n}" for n in range(1, 13)]

    return changed(change)


def two_languages() -> ProtocolFolder:
    folder = small()
    german = {
        f"{name}.de.md": text["en"].replace("Subject: ", "Subject: Deutsch: ") + "\n\nAuf Deutsch."
        for name, text in folder.texts.items()
    }

    def translated(node: Any) -> Any:
        if isinstance(node, dict):
            if set(node) == {"en"}:
                return node | {"de": f"Deutsch: {node['en']}"}
            return {key: translated(value) for key, value in node.items()}
        return [translated(one) for one in node] if isinstance(node, list) else node

    def change(tree: Tree) -> None:
        tree |= translated(dict(tree))
        tree["languages"] = ["en", "de"]

    return changed(change, german)


def no_reminders() -> ProtocolFolder:
    return changed(lambda tree: [point.update(reminders=[]) for point in tree["timepoints"]])


def waitlist() -> ProtocolFolder:
    def change(tree: Tree) -> None:
        tree["design"] |= {
            "type": "waitlist",
            "waitlist": {"arm": "chores", "content_of": "gratitude", "release_after_day": 50},
        }
        tree["arms"][1]["kind"] = "waitlist"
        tree["activities"] = [one for one in tree["activities"] if one["id"] != "chores"]
        tree["timepoints"][1]["activities"] = ["gratitude"]

    return changed(change)


def everything() -> ProtocolFolder:
    """A trial that uses nearly every key of the language."""
    exercise = {name: f"Words of the text {name}." for name in KINDS}
    texts = {f"exercises/{name}.en.md": text for name, text in exercise.items()}
    texts |= {
        "messages/help.en.md": "Words of the page of help.",
        "messages/guardian.en.md": "Words for a guardian.",
        "messages/assent.en.md": "Words for assent.",
    }
    return changed(_fill, texts)


def said(words: str) -> dict[str, str]:
    return {"en": words}


KINDS: dict[str, Tree] = {
    "letter": {
        "type": "writing",
        "prompts": [{"id": "one", "text": said("What happened in the prompt?")}],
        "words": {"at_least": 40, "about": 120},
    },
    "again": {"type": "writing", "shows_writing_of": "letter"},
    "lesson": {"type": "reading"},
    "cards": {
        "type": "recall",
        "cards": [
            {
                "id": "one",
                "cloze": said("A sentence with a {{gap}} in it"),
                "answers": {"en": ["hole", "opening"]},
                "remembered": said("You kept it."),
                "forgotten": said("It comes again."),
            }
        ],
    },
    "breathing": {"type": "timed_practice", "seconds": 90, "steps": [said("Breathe in."), said("Breathe out.")]},
    "voices": {
        "type": "dialogue",
        "rounds": 2,
        "voices": [
            {"id": "critic", "label": said("The critic"), "prompt": said("What it says.")},
            {"id": "friend", "label": said("The friend"), "prompt": said("What it answers.")},
        ],
    },
    "ticks": {"type": "checklist", "items": [{"id": "walk", "text": said("I went for a walk.")}]},
}


def _fill(tree: Tree) -> None:
    for name, extra in KINDS.items():
        base = {"id": name, "title": said(f"Title of {name}"), "exercise": f"exercises/{name}", "minutes": 4}
        tree["activities"].append(base | {"arms": ["gratitude"]} | extra)
    _times(tree)
    _office(tree)
    _care(tree)
    _plan(tree)


def _times(tree: Tree) -> None:
    base = {"anchor": "randomization", "closes_after": "1 day", "invitation": "evening"}
    tree["timepoints"] += [
        base | {"id": "first", "label": said("First day"), "days": [0], "time": "at_once", "activities": ["lesson"],
                "invitation": None},
        base | {"id": "weeks", "label": said("Weekdays"), "weekly": {"on": ["fri", "mon", "wed"], "weeks": 4},
                "between": ["10:00", "16:00"], "activities": ["cards", "breathing"], "grace": "2 days"},
        base | {"id": "chosen", "label": said("Own hour"), "days": [40, 41], "time": "20:00", "activities": ["letter"],
                "chosen_from": ["08:00", "12:30"],
                "reminders": [{"after": "3 hours", "message": "reminder", "primary_only": True}]},
        base | {"id": "later", "label": said("After the letter"), "anchor": "completion", "after": "letter",
                "days": [3], "time": "23:30", "activities": ["again", "voices", "ticks"],
                "reminders": [{"after": "1 hour", "message": "reminder"}]},
    ]  # fmt: skip
    tree["messages"][1]["only_if"] = "exercises_done < 20"
    tree["calendar"] = {"quiet_from": "23:45", "quiet_until": "06:00", "most_mails_a_week": 9,
                        "blackout": [{"first": "12-24", "last": "12-26", "rule": "skip"}]}  # fmt: skip


def _office(tree: Tree) -> None:
    tree["administrative"] |= {
        "registration": {"registry": "A registry", "number": "R-17", "date": "2027-02-03"},
        "ethics": {"committee": "A committee", "reference": "E-9", "date": "2027-01"},
        "sponsor": "A university of the north", "funder": "A foundation for tests",
        "dates": {"recruitment_from": "2027-03", "recruitment_until": "2027-09", "last_follow_up": "2028"},
        "people": [{"name": "A. Person", "role": "principal_investigator", "affiliation": "A clinic",
                    "interests": "none"}],
        "data_sharing": {"statement": said("All of it is shared."), "where": "An archive", "licence": "A licence",
                         "from_date": "2029"},
        "patient_involvement": said("Two patients read every page."),
        "dissemination": said("Participants get a letter."),
    }  # fmt: skip
    tree["data_protection"] = {
        "controller": "The controller of data", "contact": "privacy@example.org",
        "lawful_basis": said("A basis that the team names."), "special_category_condition": said("A named condition."),
        "recipients": [{"name": "A relay of mails", "role": "mail_relay", "country": "Iceland"},
                       {"name": "A host of servers", "role": "host"}],
        "transfers": said("Nothing leaves."), "rights": said("To see, mend and erase."),
        "limits": said("Not after the analysis."),
        "retention": {"identity": "30 days", "consent_proof": "3650 days", "answers": "3649 days",
                      "writing": "400 days", "logs": "14 days"},
    }  # fmt: skip
    tree["waivers"] = [{"code": "B101", "reason": "We thought about this."}]


def _care(tree: Tree) -> None:
    guardian = {"consent": "messages/guardian", "assent": "messages/assent"}
    tree["eligibility"]["age"] = {"question": "age", "minimum": 16, "guardian": guardian}
    tree["consent"] |= {
        "valid_from": "2027-01-05", "valid_until": "2028-01-05",
        "comprehension": [{"id": "stop", "question": said("When may you stop?"), "correct": "any",
                           "choices": [{"value": "any", "label": said("At any time")},
                                       {"value": "end", "label": said("Only at the end")}],
                           "explanation": said("You may stop whenever you like.")}],
        "data_sharing": {"id": "share", "text": said("Others may study my answers.")},
    }  # fmt: skip
    tree["consent"]["statements"].append({"id": "called", "text": said("Somebody may write to me.")})
    tree["safety"] = {
        "resources": "messages/help",
        "rules": [{"id": "low", "when": "mood >= 9", "tier": "alert", "why": said("A very low mood.")},
                  {"id": "worse", "when": "mood_worse == true", "tier": "resources", "why": said("It got worse.")}],
        "on_call": {"within": "2 days", "can": ["mail", "general_practitioner"], "told_in_consent": "called"},
    }  # fmt: skip
    tree["incentives"] = [{"id": "voucher", "earned_at": "week_2", "what": said("A voucher for a book.")}]
    tree["withdrawal"] = {"data_until_then": "erased_on_request", "explanation": said("Stopping costs nothing.")}
    tree["monitoring"] = {"committee": "Three people outside", "interim_analyses": 1,
                          "stopping": said("It stops for harm."), "audits": said("Once a year.")}  # fmt: skip


def _plan(tree: Tree) -> None:
    tree["design"] |= {"framework": "non_inferiority", "margin": 1.5, "margin_source": "A margin from tests",
                       "other_exercises_after": True}  # fmt: skip
    keys = ("why", "materials", "procedures", "provided_by", "tailoring", "fidelity")
    tree["arms"][0]["intervention"] = {key: said(f"What is said of {key}.") for key in keys}
    tree["arms"][1]["guided"] = True
    tree["estimands"] = [{
        "id": "main", "population": said("Adults who want it."), "treatment": said("Lists against chores."),
        "intercurrent_events": [{"event": "other_help", "label": said("Help from elsewhere"),
                                 "strategy": "treatment_policy", "handling": said("Counted all the same.")}],
    }]  # fmt: skip
    tree["analysis"]["primary"]["estimand"] = "main"
    tip = {"id": "tip", "method": "tipping_point", "assumption": said("Worse if missing.")}
    tree["analysis"]["sensitivity"] = [tip]
    tree["analysis"]["late_answers"] = "exclude"
    tree["sample_size"]["assumptions"] = {
        "difference": 0.35, "standard_deviation": 7.5, "correlation_with_baseline": 0.55, "power": 0.85, "alpha": 0.04,
        "attrition": 0.3, "source": "A source of the assumptions",
    }  # fmt: skip


ALL: dict[str, Callable[[], ProtocolFolder]] = {
    "shapira": shapira,
    "small": small,
    "one arm": one_arm,
    "twelve arms": twelve_arms,
    "two languages": two_languages,
    "no reminders": no_reminders,
    "waitlist": waitlist,
    "everything": everything,
}
