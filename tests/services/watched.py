"""The small trial with rules of safety: an item that asks about danger, a rule, and reliable worsening."""

from __future__ import annotations

from tests.core.protocols import FOLDER
from trial.protocol_files import ProtocolFolder, read_files

SAFETY = """
safety:
  resources: messages/resources
  rules:
    - {id: low, when: low_mood >= 5, tier: resources, why: {en: Low.}}
    - {id: got_worse, when: after_worse == true, tier: resources, why: {en: Somebody says so.}}
    - {id: much_worse, when: low_mood_worse == true, tier: alert, why: {en: Lower than at the start.}}
    - {id: despair, when: feeling_3 >= 3, tier: alert, why: {en: Somebody is in despair.}}
  on_call: {role: safety_contact, within: 2 days, can: [mail], told_in_consent: read}
"""
# made up: the threshold is 1.96 * 1.2 * sqrt(2 * (1 - 0.8)) = 1.49 points
RELIABILITY = ", reliability: {alpha: 0.8, sd: 1.2, verified: false, source: Made up.}"
TEXT = "# If things are hard\n\nYou need not be alone with this.\n"
PLACES = """
schema: 1
resources:
  - country: NL
    name: {en: A made-up line}
    number: 000-EXAMPLE
    hours: {en: day and night}
    languages: [nl, en]
    source: Made up for tests.
    checked_on: 2026-10-01
    checked_by: A. Tester
  - country: everywhere
    name: {en: A made-up site}
    url: https://help.example.org
    source: Made up for tests.
    checked_on: 2026-10-02
    checked_by: A. Tester
"""


def watched(*, places: str = PLACES, rules: str = SAFETY, danger: bool = True) -> ProtocolFolder:
    """The folder with these rules and places; with `danger`, an item that asks about it."""
    files = dict(FOLDER.files)
    read = "- {id: read, text: {en: I have read the information.}"
    files["protocol.yaml"] = files["protocol.yaml"].replace(read, f"{read}, covers: [emergency]") + rules
    files["messages/resources.en.md"] = TEXT
    feeling = files["instruments/feeling.yaml"].replace("better: lower", f"better: lower{RELIABILITY}")
    asks = "topic: {en: Alone}, safety_from: 2" if danger else "topic: {en: Alone}"
    files["instruments/feeling.yaml"] = feeling.replace("topic: {en: Alone}", asks)
    if places:
        files["resources.yaml"] = places
    return read_files(files)
