"""The planted mistakes, in the order of the rules."""

from __future__ import annotations

# ruff: noqa: E501
from tests.core.linting.planted import QUIET, Mistake, part

FEELING = "instruments/feeling.yaml"
CESD = "instruments/cesd.yaml"
EVENING, EVENING_DE = "messages/evening.en.md", "messages/evening.de.md"
WAITS = (
    ("kind: attention_control", "kind: waitlist"),
    ("  type: parallel", "  type: waitlist\n  waitlist: {arm: list, content_of: letter, release_after_day: 21}"),
)
MARGIN = ("framework: superiority", "framework: non_inferiority\n  margin: 2\n  margin_source: Tests")
# what a number that a margin stands on assumes: arms that are alike, and the alpha of one side
ALIKE, ONE_SIDED = ("difference: 1.5\n", "difference: 0\n"), ("alpha: 0.05", "alpha: 0.025")
JUMP = "    - {id: jump, method: jump_to_reference, assumption: {en: Whoever is lost does like the control.}}"
LATER = "      - {outcome: mood, timepoint: month_3, contrast: [letter, list]}"
ENOUGH = "\n    - {id: followed, method: per_protocol, assumption: {en: Who does enough is like all.}}"
FOLLOWED = (JUMP, JUMP + ENOUGH)
TEAMS = ", ".join(f"{{value: team_{n}, label: {{en: Team {n}}}}}" for n in range(40))
OF_TEAMS = ("    attrition: 0.4\n", "    attrition: 0.4\n    clusters: {size: 10, icc: 0}\n")
CLUSTERS = (
    (
        """  strata:
    - id: mood_level
      label: {en: Mood at the start}
      levels:
        - {id: low, label: {en: 5 or more}, when: low_mood >= 5}
        - {id: good, label: {en: Under 5}}
""",
        "  unit: cluster\n  cluster: {question: team, label: {en: Team}}\n",
    ),
    (
        "    - {id: reads_english, type: yes_no",
        f"""    - id: team
      type: choice
      topic: {{en: Team}}
      choices: [{TEAMS}]
    - {{id: reads_english, type: yes_no""",
    ),
    ("low_mood, mood_level]", "low_mood]"),
    OF_TEAMS,
)
WITHOUT_JUMP = (("method: jump_to_reference", "method: complete_case"),)
AGAIN = """  - id: again_list
    label: {en: Again}
    days: [10]
    time: '17:30'
    activities: [list_again]
    closes_after: 21 hours
    invitation: evening
  - id: week_2
"""
BLOCKS = "method: permuted_blocks\n  block_sizes: [4, 8]"
MINIMISED = "method: minimisation\n  imbalance: range\n  probability: 0.8"
# eight levels more of one factor, and a second factor of five: 50 strata for 400 people
_LEVELS = "".join(
    f"        - {{id: from_{n}, label: {{en: From {n}}}, when: low_mood >= {n}}}\n" for n in range(13, 5, -1)
)
MANY = f"""      label: {{en: Age}}
      levels:
        - {{id: old, label: {{en: Old}}, when: age >= 80}}
        - {{id: older, label: {{en: Older}}, when: age >= 70}}
        - {{id: middle, label: {{en: Middle}}, when: age >= 60}}
        - {{id: younger, label: {{en: Younger}}, when: age >= 50}}
        - {{id: young, label: {{en: Young}}}}
    - id: mood_levels
      label: {{en: Mood at the start}}
      levels:
{_LEVELS}"""
LATER_POINT = """  - id: month_6{more}
    label: {{en: 6 months}}
    days: [187]
    time: '18:00'
    activities: [{activities}]
    closes_after: 14 days
    invitation: questionnaire
    reminders: [{reminders}]
"""
LATERS = """  - {id: later_letter, type: questionnaire, title: {en: Later}, instruments: [after], arms: [letter], minutes: 2}
  - {id: later_list, type: questionnaire, title: {en: Later}, instruments: [after], arms: [list], minutes: 2}
"""
BOTH = LATER_POINT.format(more="", activities="later_letter, later_list", reminders="")
APART = LATER_POINT.format(
    more="", activities="later_letter", reminders="{after: 4 days, message: questionnaire_reminder}"
) + LATER_POINT.format(more="_list", activities="later_list", reminders="")
QUIET_ARM = """  - id: nothing
    label: {en: Nothing}
    kind: active
    description: {en: Nothing.}
    received: exercises_done >= 1
    minimum_dose: exercises_done >= 1

allocation:
"""
FIVE_REMINDERS = "reminders: [" + ", ".join(
    f"{{after: {day} days, message: questionnaire_reminder}}" for day in (2, 4, 6, 8)
)  # fmt: skip
MISTAKES = [
    Mistake("A001", (("registration: {registry: Made up for tests, number: T-1}", "registration: null"),)),
    Mistake("A002", (("{committee: Made up for tests, reference: E-1, date: '2026-01'}", "null"),
                     ("disclosure: hypothesis_withheld", "disclosure: full")), "ethics:"),
    Mistake("A003", (("sponsor: Made up for tests", "sponsor: null"),)),
    Mistake("A004", (("dates: {recruitment_from: '2026-09', recruitment_until: '2027-03'}", "dates: {}"),)),
    Mistake("A005", (("    - {name: B, role: statistician}\n", ""),), "people:"),
    Mistake("A006", (("data_sharing: {statement: {en: Nothing is shared.}}", "data_sharing: null"),)),
    Mistake("A007", ((part("monitoring"), "monitoring: null\n"),), "monitoring:"),
    Mistake("A008", (("contact_email: team@trial.local", "contact_email: team@trial.example.org"),)),
    Mistake("A009", (("Words for tests.", "Words.\n\n*[The team adds local help here.]*"),), "*[The team",
            "messages/debrief.en.md", "messages/debrief.en.md"),
    Mistake("P102", (("[feeling, after, hardship], minutes", "[feeling, after], minutes"),
                     ("[age, low_mood, mood_level]", "[age, low_mood, mood_level, hardship_effort]")), "hardship_effort"),
    Mistake("P103", (("[age, low_mood, mood_level]", "[age, low_mood, mood_level, hardship_effort]"),), "hardship_effort"),
    Mistake("P104", ((", estimand: mood_at_2_weeks}", "}"),), "  primary:"),
    Mistake("P105", (("event: stopped_exercises", "event: other_help"),), "- id: mood_at_2_weeks"),
    Mistake("P106", ((", important_difference: {value: 1.5, source: Tests}", ""),), "{id: mood,"),
    Mistake("P107", (("multiplicity: holm", "multiplicity: none"),)),
    Mistake("P108", (("\nestimands:", "  - {id: weary, label: {en: Weary}, score: weary, better: lower}\n\nestimands:"),),
            "{id: weary,", more={FEELING: (("items: [2, 4]\n", "items: [2, 4]\n    missing: {at_most: 1}\n"),)}),
    Mistake("P109", (("    label: {en: 2 weeks}\n", "    label: {en: 2 weeks}\n    anchor: completion\n    after: cards\n"),),
            "  primary:"),
    Mistake("P110", ((
        "  sensitivity:\n    - {id: jump, method: jump_to_reference, assumption: {en: Whoever is lost does like the control.}}\n",
        ""),), "analysis:"),
    Mistake("P111", (("minimum_dose: exercises_done >= 2", "minimum_dose: exercises_done >= 0"),
                     ("method: jump_to_reference", "method: per_protocol"))),
    Mistake("P112", ((BLOCKS, "method: listed\n  outside_list: {made_by: A trials unit, how: By a program}"),
                     ("method: jump_to_reference", "method: randomization_test")), "{id: jump, method: randomization_test"),
    Mistake("P113", (("method: ancova", "method: mmrm"), ("method: jump_to_reference", "method: randomization_test")),
            "{id: jump, method: randomization_test"),
    Mistake("P114", CLUSTERS, "{id: jump, method: jump_to_reference"),
    Mistake("P114", (("method: ancova", "method: clda"), ("method: jump_to_reference", "method: complete_case"), *CLUSTERS)),
    Mistake("P115", (MARGIN, ALIKE, ONE_SIDED, (JUMP, f"{JUMP}\n    - {{id: tip, method: tipping_point, assumption: {{en: Worse.}}}}{ENOUGH}")), "{id: tip"),
    Mistake("P116", (MARGIN, ALIKE, ONE_SIDED), "analysis:"),
    Mistake("P117", (
        ("  type: parallel", "  type: factorial\n  factors: [{id: writing, label: {en: Writing}, levels: [kind, plain]}]"),
        ("    kind: experimental\n", "    kind: experimental\n    factors: {writing: kind}\n"),
        ("    kind: attention_control\n", "    kind: attention_control\n    factors: {writing: plain}\n")), "analysis:"),
    Mistake("P118", (("  baseline_table: [age", """  allocation_guess:
    instrument: after
    item: arm
    right: [{answer: letter, arms: [letter]}, {answer: list, arms: [list]}]
  baseline_table: [age"""),), "  allocation_guess:", more={"instruments/after.yaml": (("items:\n", """items:
  - id: arm
    type: choice
    topic: {en: Which arm?}
    choices: [{value: letter, label: {en: Letter}}, {value: list, label: {en: List}}]
"""),)}),
    Mistake("P119", ((LATER, LATER[:-1] + ", method: complier_effect}"),)),
    Mistake("P120", (WAITS[0], (WAITS[1][0], WAITS[1][1].replace("21", "60")), (LATER, LATER[:-1] + ", method: complier_effect}")), "month_3, contrast: [letter, list], method"),
    Mistake("S202", (("{after: 3 days, message", "{after: 6 days, message"),)),
    Mistake("S203", (("days: [14]", "days: [9]"),), "    invitation: questionnaire\n    reminders: [{after: 3"),
    Mistake("S204", (("time: '17:30'", "time: '06:30'"),)),
    Mistake("S205", (("\nallocation:", "\ncalendar: {most_mails_a_week: 6}\n\nallocation:"),), "- id: letter\n    label"),
    Mistake("S206", (("\nallocation:", "\ncalendar:\n  blackout:\n    - {first: 12-24, last: 12-26, rule: skip}\n\nallocation:"),),
            "- {first:"),
    Mistake("S207", (("closes_after: 7 days\n", "closes_after: 3 days\n"), ("{after: 3 days,", "{after: 1 day,")),
            "closes_after: 3 days"),
    Mistake("S208", (("exercises/letter, arms: [letter], minutes: 10", "exercises/letter, arms: [letter], minutes: 90"),
                     ("exercises/list, arms: [list], minutes: 10", "exercises/list, arms: [list], minutes: 90")),
            "- id: letter\n    label"),
    Mistake("S209", (("  - id: cards\n", "  - {id: extra, type: reading, title: {en: More}, exercise: exercises/list, minutes: 5}\n  - id: cards\n"),),
            "{id: extra"),
    Mistake("S210", (("[feeling, after, hardship], minutes", "[feeling, after], minutes"),), "instruments: [feeling, after, hardship]\n"),
    Mistake("S211", (("shows_writing_of: letter", "shows_writing_of: list_again"),)),
    Mistake("S212", (("    activities: [letter, list]\n    closes_after: 20 hours", "    activities: [letter, list]\n    closes_after: 30 hours"),),
            "closes_after: 30 hours"),
    Mistake("M301", (("[Open the page]({{ link }})", "Open the page."),), "Subject:", EVENING, EVENING),
    Mistake("M302", (("It is open until {{ closes }}.", "It is open."),), "Subject:", EVENING, EVENING),
    Mistake("M303", (("Write to {{ contact_email }} with any question.", "Bye."),), "Subject:", EVENING, EVENING),
    Mistake("M304", (("    reminders: [{after: 2 hours, message: evening_reminder}]\n", ""),), "{id: evening_reminder"),
    Mistake("M305", (("    reminders: [{after: 3 days, message: questionnaire_reminder}]\n", ""),), "- id: week_2"),
    Mistake("M306", (("reminders: [{after: 4 days, message: questionnaire_reminder}", FIVE_REMINDERS),)),
    Mistake("M308", (("answers: {en: [rested]}", "answers: {de: [geruht]}"),)),
    Mistake("M309", (("{{ minutes }}", "some"),), "Subject:", EVENING_DE, EVENING_DE, copied={EVENING: EVENING_DE}),
    Mistake("B401", (("Subject: Something", "Subject: Your letter"),), "Subject:", EVENING, EVENING),
    Mistake("B402", (("title: {en: Three quiet evenings}", "title: {en: Three evenings of letters}"),)),
    Mistake("B403", (("message: evening_reminder", "message: letter_reminder"), ("id: evening_reminder", "id: letter_reminder")),
            "id: letter_reminder", copied={"messages/evening_reminder.en.md": "messages/letter_reminder.en.md"}),
    Mistake("B404", (("type: writing, title: {en: This evening}, exercise: exercises/list", "type: writing, title: {en: A day}, exercise: exercises/list"),),
            "title: {en: A day}"),
    Mistake("B405", (("this takes", "see https://trial.local/letter and then this takes"),), "https://", EVENING, EVENING),
    Mistake("B406", (("reference: E-1, ", ""),), "disclosure:"),
    Mistake("C501", ((", risks, contact]", ", contact]"),), "statements:"),
    Mistake("C502", (("told_in_consent: alerts", "told_in_consent: data"),)),
    Mistake("C503", ((part("data_protection"), "data_protection: null\n\n"),), "data_protection:"),
    Mistake("C504", (("    - {name: A relay, role: mail_relay}\n", ""),), "recipients:"),
    Mistake("C505", (("consent_proof: 52 weeks", "consent_proof: 51 weeks"),)),
    Mistake("C506", (("  age: {question: age, minimum: 18}\n", ""),), "eligibility:"),
    Mistake("C507", (("rule: age >= 18", "rule: age >= 17"),), "age: {question"),
    Mistake("C508", (("levels: [exercises, everything]", "levels: [exercises]"),)),
    Mistake("I601", (("wording: own", "wording: topics"),), "instruments: [feeling, after, hardship]\n", FEELING),
    Mistake("I602", (("status: free", "status: closed"),), "instruments: [feeling, after, hardship]\n", FEELING),
    Mistake("I603", (("status: free", "status: ask"),), "instruments: [feeling, after, hardship]\n", FEELING),
    Mistake("I604", (("{en: Tired}", "{de: Müde}"),), "topic: {de", FEELING, FEELING),
    Mistake("I605", (("    items: [2, 4]\n    reverse: [4]\n", "    items: [2, 4]\n"),), "- id: weary", FEELING, FEELING),
    Mistake("I605", (("    reverse: [4, 8, 12, 16]\n", ""),), "- id: cesd", CESD, CESD, base="shipped"),
    Mistake("I605", (("    reverse: [4, 8, 12, 16]\n", "    reverse: [4, 8, 12]\n"),), "reverse:", CESD, CESD, base="shipped"),
    Mistake("I606", (("  - {id: 20, topic: {en: Trouble getting started}}\n", ""),), "items:", CESD, CESD, base="shipped"),
    Mistake("I606", (("    - {value: 3, label: {en: On most days or all}}\n", ""),), "response:", CESD, CESD, base="shipped"),
    Mistake("I607", (("wording: own\n", "wording: own\nvalidated: false\n"),), "{id: mood,", FEELING),
    Mistake("I608", (("    missing: {at_most: 1}\n", ""),), "{id: mood,", FEELING),
    Mistake("H701", (("when: feeling_3 >= 3, tier: alert", "when: feeling_3 >= 3, tier: resources"),), "instruments: [feeling, after, hardship]\n"),
    Mistake("H702", (("  on_call: {within: 2 days, can: [mail], told_in_consent: alerts}\n", ""),), "{id: despair"),
    Mistake("H703", (("  - id: cards\n", LATERS.replace("[after], arms: [list]", "[hardship], arms: [list]") + "  - id: cards\n"),
                     ("\nmessages:", BOTH + "\nmessages:")), "harms:"),
    Mistake("H704", (("    exercise: exercises/cards\n", "    exercise: exercises/cards\n    needs: guide\n"),), "- id: cards"),
    Mistake("H705", (("earned_at: week_2", "earned_at: evening"),)),
    Mistake("H706", (("when: low_mood_worse", "when: low_moods_worse"),)),
    Mistake("H707", ((QUIET["resources.yaml"].split("\n", 1)[1], "resources: []\n"),), "resources: messages/resources", "resources.yaml"),
    Mistake("H708", (("country: everywhere", "country: BE"),), "resources:", "resources.yaml", "resources.yaml"),
    Mistake("N801", ((part("sample_size")[part("sample_size").index("  assumptions:"):], "\n"),), "sample_size:"),
    Mistake("N802", (("attrition: 0.4", "attrition: 0"),)),
    Mistake("N803", (("target: 400", "target: 300"),)),
    Mistake("N804", (("block_sizes: [4, 8]", "block_sizes: [4, 60]"),
                     ("        - {id: good, label: {en: Under 5}}", "        - {id: some, label: {en: Some}, when: low_mood >= 4}\n        - {id: little, label: {en: Little}, when: low_mood >= 3}\n        - {id: good, label: {en: None}}")), "strata:"),
    Mistake("N805", (("block_sizes: [4, 8]", "block_sizes: [4]"),)),
    Mistake("N806", (("framework: superiority", "framework: non_inferiority\n  margin: 2"), ALIKE, ONE_SIDED, FOLLOWED), "margin: 2"),
    Mistake("N807", (("important_difference: {value: 1.5", "important_difference: {value: 1"),), "difference: 1.5"),
    Mistake("N808", (("    standard_deviation: 5\n", ""),), "difference: 1.5"),
    Mistake("N809", ((BLOCKS, MINIMISED.replace("0.8", "1")),), "probability: 1"),
    Mistake("N810", ((BLOCKS, "method: big_stick\n  largest_imbalance: 1"),), "largest_imbalance: 1"),
    Mistake("N811", ((BLOCKS, "method: urn\n  urn: {start: 1, added: 1}"), ("      label: {en: Mood at the start}\n      levels:\n", MANY)), "strata:"),
    Mistake("N812", ((BLOCKS, "method: simple"),), "strata:"),
    Mistake("N813", ((BLOCKS, MINIMISED + "\n  first_simple: 201"),), "first_simple: 201"),
    Mistake("N814", (*WITHOUT_JUMP, *CLUSTERS[:-1]), "assumptions:"),
    Mistake("N803", (*WITHOUT_JUMP, *CLUSTERS[:-1], (OF_TEAMS[0], OF_TEAMS[1].replace("icc: 0", "icc: 0.05"))), "target: 400"),
    Mistake("N803", (MARGIN, ALIKE, ONE_SIDED, FOLLOWED, ("target: 400", "target: 190")), "target: 190"),
    Mistake("N803", (("  stopping: {en: Made", "  interim_analyses: 4\n  bounds: pocock\n  stopping: {en: Made"),), "target: 400"),
    Mistake("N815", (("alpha: 0.05", "alpha: 0.1"),)),
    Mistake("N815", (MARGIN, ALIKE, FOLLOWED), "alpha: 0.05"),
    Mistake("N816", (MARGIN, ONE_SIDED, FOLLOWED), "difference: 1.5"),
    Mistake("N817", (MARGIN, ONE_SIDED, FOLLOWED, ("difference: 1.5\n", "difference: -2\n")), "difference: -2"),
    Mistake("N818", (*WITHOUT_JUMP, *CLUSTERS[:-1], (OF_TEAMS[0], OF_TEAMS[1].replace("size: 10", "size: 2"))), "clusters:"),
    Mistake("D901", (("allocation:\n", QUIET_ARM), ("[4, 8]", "[3, 6]"), ("target: 400", "target: 600")), "- id: nothing"),
    Mistake("D902", (MARGIN, ALIKE, ONE_SIDED, FOLLOWED, ("kind: attention_control", "kind: no_treatment")), "framework:"),
    Mistake("D903", (WAITS[0], WAITS[1]), "release_after_day"),
    Mistake("D904", (("minimum_dose: exercises_done >= 3", "minimum_dose: exercises_done >= 9"),)),
    Mistake("D905", (("  - id: cards\n", LATERS + "  - id: cards\n"), ("\nmessages:", APART + "\nmessages:")),
            "- id: list\n    label"),
    Mistake("D906", (("activities: [letter_again, list_again]", "activities: [letter_again]"), ("  - id: week_2\n", AGAIN)), "- id: list\n    label"),
    Mistake("D907", (("exercises/list, arms: [list], minutes: 10", "exercises/list, arms: [list], minutes: 20"),), "- id: list\n    label"),
    Mistake("D908", (("kind: attention_control", "kind: waitlist"),)),
    Mistake("W001", (("\ndebrief:", "\nwaivers:\n  - {code: P104, reason: Long ago.}\n\ndebrief:"),), "- {code: P104"),
]  # fmt: skip
