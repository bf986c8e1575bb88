"""The walks of `morning_walks`, with one mistake of each kind that a rehearsal is there to find."""

from __future__ import annotations

from pathlib import Path

from tests.rehearsal.morning_walks import FILES, SLUG

HOSTILE = "<script>alert('walks')</script> & \\\"more\\\""

CHANGES = (
    # as many as three mails on day 2, one of them in quiet hours and worth nothing in the morning
    ("    time: '07:15'\n    activities: [walk]\n    closes_after: 3 days",
     "    time: '23:30'\n    activities: [walk]\n    closes_after: 1 hour"),
    ("    reminders:\n      - {after: 1 day, message: plan_it_still}\n", ""),
    ("  - id: finish\n",
     "  - {id: noon, label: {en: Noon}, days: [2, 3], time: '12:00', activities: [short], closes_after: 2 days,"
     " invitation: noon, reminders: [{after: 20 hours, message: noon_still}]}\n"
     "  - {id: noon_too, label: {en: Noon too}, days: [3], time: '12:30', activities: [short_too],"
     " closes_after: 2 days, invitation: noon_too}\n"
     "  - {id: noon_three, label: {en: Noon again}, days: [3], time: '13:00', activities: [short_three],"
     " closes_after: 2 days, invitation: noon_three}\n"
     "  - {id: unsaid, label: {en: Only of some}, days: [5], time: '13:00', activities: [of_some],"
     " closes_after: 2 days, invitation: of_some}\n"
     "  - id: finish\n"),
    # at night, outside of the quiet hours that the calendar names
    ("    time: '11:30'", "    time: '06:10'"),
    ("messages:\n",
     "calendar: {quiet_from: '23:00', quiet_until: '06:00'}\nmessages:\n"
     "  - {id: noon, stream: questionnaires, latest: 1 day}\n"
     "  - {id: noon_still, stream: questionnaires, latest: 1 day}\n"
     "  - {id: noon_too, stream: questionnaires, latest: 1 day}\n"
     "  - {id: noon_three, stream: questionnaires, latest: 1 day}\n"
     "  - {id: of_some, stream: questionnaires, latest: 1 day, only_if: questionnaires_done >= 90}\n"),
    # branches, rules and activities that nobody meets
    ("instruments: [tired, lately], minutes: 1}\n",
     "instruments: [tired, lately], minutes: 90, show_if: {lately_thought: tired > 9}}\n"
     "  - {id: short, type: questionnaire, title: {en: Short}, instruments: [tired], minutes: 1}\n"
     "  - {id: short_too, type: questionnaire, title: {en: Short too}, instruments: [tired], minutes: 1}\n"
     "  - {id: short_three, type: questionnaire, title: {en: Short again}, instruments: [tired], minutes: 1}\n"
     "  - {id: of_some, type: questionnaire, title: {en: Of some}, instruments: [tired], minutes: 1}\n"
     "  - {id: forgotten, type: questionnaire, title: {en: Forgotten}, instruments: [tired], minutes: 1}\n"),
    ("  criteria:\n", "  criteria:\n    - {id: earth, rule: place != 'moon', reason: {en: Lives on the moon}}\n"),
    # a plan that counts on everybody, and a desk that is called for by each second sheet
    ("  justification: {en: A number for a test.}\n",
     "  justification: {en: A number for a test.}\n  assumptions: {difference: 0.4, correlation_with_baseline: 0.5,"
     " power: 0.8, alpha: 0.05, attrition: 0.01, source: Made up for tests.}\n"),
    ("harms: {",
     "safety:\n  resources: messages/goodbye\n  rules:\n"
     "    - {id: never, when: tired > 9, tier: alert, why: {en: More than there is}}\n"
     "    - {id: often, when: tired >= 2, tier: alert, why: {en: Tired at all}}\n"
     "  on_call: {role: owner, within: 1 day, can: [mail], told_in_consent: read}\nharms: {"),
    ("label: {en: As ever}", f'label: {{en: "{HOSTILE}"}}'),
)  # fmt: skip


def troubled() -> dict[str, str]:
    """Its files."""
    text = FILES["protocol.yaml"]
    for before, after in CHANGES:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    mails = {
        f"messages/{name}.en.md": f"Subject: {subject}\n\n[Go]({{{{ link }}}})\n"
        for name, subject in (
            ("noon", "It is noon"),
            ("noon_still", "It was noon"),
            ("noon_too", "Noon too"),
            ("noon_three", "Noon again"),
            ("of_some", "Of some only"),
        )
    }
    return FILES | mails | {"protocol.yaml": text}


def written(folder: Path) -> Path:
    """The folder, written to a disk."""
    for name, text in troubled().items():
        path = folder / SLUG / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / SLUG
