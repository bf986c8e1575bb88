"""Another trial than the one that ships: two arms, one weekly exercise, mornings, a scale and texts of its own."""

from __future__ import annotations

from pathlib import Path

SLUG = "morning-walks"

FILES = {
    "protocol.yaml": """\
schema: 1
id: morning-walks
version: '0.3'
languages: [en]
title: {en: Three walks}
summary: {en: Some people plan a walk each week and write about it. Others go on as they are.}
trial_page: messages/welcome
administrative:
  contact_name: The walking team
  contact_email: walks@trial.example
arms:
  - id: walks
    label: {en: Planning walks}
    kind: experimental
    description: {en: Once a week the person plans a walk and writes about the last one.}
    received: exercises_done >= 2
    minimum_dose: exercises_done >= 3
  - id: as_ever
    label: {en: As ever}
    kind: attention_control
    description: {en: Nothing but the questionnaires.}
    received: exercises_done >= 0
    minimum_dose: exercises_done >= 0
allocation:
  method: permuted_blocks
  block_sizes: [2]
eligibility:
  notice: messages/first_words
  questions:
    - {id: legs, type: yes_no, topic: {en: Can you walk for a quarter of an hour?}}
    - id: place
      type: choice
      topic: {en: Where do you live?}
      choices:
        - {value: town, label: {en: In a town}}
        - {value: land, label: {en: In the country}}
  criteria:
    - {id: walks, rule: legs == true, reason: {en: Cannot walk for a quarter of an hour}}
consent:
  version: '0.3'
  information: messages/all_about_it
  statements:
    - {id: read, text: {en: I have read what this is about.}}
instruments: [tired, lately]
activities:
  - {id: first, type: questionnaire, title: {en: Before we begin}, instruments: [tired], minutes: 1}
  - {id: walk, type: writing, title: {en: Your week}, exercise: exercises/walk, arms: [walks], minutes: 5}
  - {id: last, type: questionnaire, title: {en: How it went}, instruments: [tired, lately], minutes: 1}
timepoints:
  - {id: start, label: {en: Start}, anchor: consent, activities: [first], closes_after: 3 days}
  - id: weekly
    label: {en: Weekly walk}
    days: [2, 9, 16]
    time: '07:15'
    activities: [walk]
    closes_after: 3 days
    invitation: plan_it
    reminders:
      - {after: 1 day, message: plan_it_still}
  - id: finish
    label: {en: Four weeks}
    days: [28]
    time: '11:30'
    activities: [last]
    closes_after: 6 days
    invitation: tell_us
    reminders:
      - {after: 2 days, message: tell_us_still}
messages:
  - {id: code, stream: service, latest: 1 hour}
  - {id: plan_it, stream: exercises, latest: 6 hours}
  - {id: plan_it_still, stream: exercises, latest: 6 hours}
  - {id: tell_us, stream: questionnaires, latest: 1 day}
  - {id: tell_us_still, stream: questionnaires, latest: 1 day}
outcomes:
  - {id: tiredness, label: {en: Tiredness}, score: tired, better: lower}
analysis:
  method: ancova
  primary: {outcome: tiredness, timepoint: finish, contrast: [walks, as_ever]}
  allocation_guess:
    instrument: lately
    item: thought
    right: [{answer: walking, arms: [walks]}, {answer: not_walking, arms: [as_ever]}]
  clinical_change:
    - outcome: tiredness
      timepoint: finish
      contrast: [walks, as_ever]
      cut_off: {at: 2.5, source: Made up for tests}
  baseline_table: [place, tired]
sample_size:
  target: 200
  justification: {en: A number for a test.}
harms: {instrument: lately, item: sore}
debrief: messages/goodbye
""",
    "instruments/tired.yaml": """\
schema: 1
code: tired
name: Tiredness (made up for tests)
instructions: {en: This past week.}
wording: own
response:
  choices:
    - {value: 1, label: {en: Never}}
    - {value: 2, label: {en: At times}}
    - {value: 3, label: {en: Mostly}}
    - {value: 4, label: {en: Always}}
items:
  - {id: heavy, topic: {en: Heavy legs}}
  - {id: fresh, topic: {en: Fresh in the morning}}
  - {id: naps, topic: {en: Falling asleep by day}}
scores:
  - {id: tired, label: {en: Tiredness}, reverse: [fresh], method: mean, better: lower, source: Made up for tests.,
     reliability: {alpha: 0.9, sd: 0.5, verified: false, source: Made up for tests.}}
licence: Made up for tests.
source: Made up for tests.
""",
    "instruments/lately.yaml": """\
schema: 1
code: lately
name: Lately (made up for tests)
instructions: {en: Since we last asked.}
wording: own
items:
  - {id: sore, type: yes_no, topic: {en: Has anything begun to hurt?}}
  - id: thought
    type: choice
    topic: {en: What do you think you were given?}
    choices:
      - {value: walking, label: {en: What is thought to help}}
      - {value: not_walking, label: {en: What it is compared with}}
      - {value: no_idea, label: {en: I do not know}}
licence: Made up for tests.
source: Made up for tests.
""",
    "exercises/walk.en.md": """\
# Your week

Think of a way that you would like to go. When will you go, and who comes along? Then put down how the last one was.
""",
    "messages/welcome.en.md": "Three walks, one a week. You can join from anywhere.\n",
    "messages/first_words.en.md": "We ask two things first and keep the answers only if you can take part.\n",
    "messages/all_about_it.en.md": "Chance decides whether you plan walks or go on as ever. Stop at any time.\n",
    "messages/goodbye.en.md": "That was all. Thank you.\n",
    "messages/code.en.md": "Subject: {{ code }} opens the door\n\nType {{ code }} on the page that you left open.\n",
    "messages/plan_it.en.md": "Subject: A walk, before {{ closes }}\n\n[Where to?]({{ link }})\n",
    "messages/plan_it_still.en.md": "Subject: Still time for a walk\n\n[Where to?]({{ link }}) Until {{ closes }}.\n",
    "messages/tell_us.en.md": "Subject: How did it go?\n\n[Tell us]({{ link }}) in {{ minutes }} minute.\n",
    "messages/tell_us_still.en.md": "Subject: We would still like to know\n\n[Tell us]({{ link }}), {{ closes }}.\n",
}


def written(folder: Path) -> Path:
    """The protocol's folder, written to a disk."""
    for name, text in FILES.items():
        path = folder / SLUG / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / SLUG
