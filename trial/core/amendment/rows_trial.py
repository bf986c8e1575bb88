"""Policy rows: administrative, design and arms, allocation."""

from __future__ import annotations

from trial.core.amendment.changes import ChangeClass, Chapter
from trial.core.amendment.rows import Group, group

C, S, R = ChangeClass.CORRECTION, ChangeClass.SUBSTANTIAL, ChangeClass.RANDOMIZATION
A, D, L = Chapter.ADMINISTRATIVE, Chapter.DESIGN, Chapter.ALLOCATION

GROUPS: tuple[Group, ...] = (
    group(
        A, "",
        (C, "schema_version", "The file is written in another version of the language; the rest is compared as ever."),
        (C, "id version", "The protocol goes by another name or number."),
        (S, "languages", "People read everything in another set of languages, and each translation wants approval."),
        (C, "title summary", "The trial is presented in other words."),
        (C, "administrative", "What only the team can fill in is stated anew."),
        (C, "waivers", "A remark of the linter is waived, or no longer."),
    ),
    group(A, "waivers.*", (C, "code where reason", "The reason why a remark of the linter is waived is worded anew.")),
    group(
        A, "administrative",
        (C, "registration", "Where the trial is registered is stated, or no longer."),
        (C, "ethics", "Which committee agreed is stated, or no longer."),
        (C, "sponsor funder", "Somebody else stands behind the trial or pays for it."),
        (C, "dates", "The planned dates are stated anew."),
        (S, "countries", "People are invited in other countries, with their own laws and places to turn to."),
        (C, "clinician", "Whether somebody of a profession that may judge it has read the exercises is stated anew."),
        (C, "people", "Somebody joins or leaves the team."),
        (S, "data_sharing", "What will be shared is stated, or no longer."),
        (C, "patient_involvement dissemination", "How people were involved, or how results get known, is told anew."),
        (C, "time_zone", "The team reads its times in another time zone; nobody's mail moves."),
        (C, "contact_name contact_email", "People reach the team under another name or address."),
    ),
    group(
        A, "administrative.registration",
        (C, "registry number date", "The registration is recorded differently."),
    ),
    group(A, "administrative.ethics", (C, "committee reference date", "The committee's decision is recorded anew.")),
    group(
        A, "administrative.clinician",
        (C, "name role reviewed_on", "Who has read the exercises, and when, is recorded anew."),
    ),
    group(
        A, "administrative.dates",
        (C, "recruitment_from recruitment_until last_follow_up", "The trial is planned for other dates."),
    ),
    group(
        A, "administrative.people.*",
        (C, "name role affiliation interests", "Somebody on the team, or what they do or declare, is recorded anew."),
    ),
    group(
        A, "administrative.data_sharing",
        (S, "statement where licence from_date", "Data will be shared in another way than was said."),
    ),
    group(
        D, "",
        (S, "design", "The design is stated anew."),
        (R, "arms", "The list of arms changes, so chance allocates among other arms from now on."),
    ),
    group(
        D, "design",
        (S, "type", "The trial becomes one of another design."),
        (S, "framework margin one_sided_alpha", "The trial sets out to show something else than before."),
        (C, "margin_source", "Where the margin comes from is stated anew."),
        (S, "disclosure", "People are told more, or less, about the arms than before."),
        (S, "factors", "The factors of the design change."),
        (S, "waitlist", "Whether one arm waits, and for what, changes."),
        (S, "other_exercises_after", "Whether people get the other arms' exercises at the end changes."),
    ),
    group(
        D, "design.factors.*",
        (S, "id levels", "A factor of the design has another meaning."),
        (C, "label", "A factor goes by another name."),
    ),
    group(
        D, "design.waitlist",
        (S, "arm content_of release_after_day", "People wait for something else, or for another time."),
    ),
    group(
        D, "arms.*",
        (R, "id ratio", "Chance gives this arm another share from now on."),
        (C, "label", "The arm goes by another name."),
        (S, "kind description guided", "The arm is something else than before."),
        (S, "factors", "The arm stands for another combination of the factors."),
        (S, "received minimum_dose", "Who counts as having received the arm's exercises is decided differently."),
        (S, "intervention", "What the arm gets is described, or no longer."),
    ),
    group(
        D, "arms.*.intervention",
        (S, "why materials procedures provided_by tailoring fidelity", "What the arm gets is described differently."),
    ),
    group(
        L, "",
        (R, "allocation", "Chance allocates by another rule from now on."),
        (R, "stages", "People are allocated once more, or no longer."),
    ),
    group(
        L, "allocation",
        (R, "method block_sizes largest_imbalance urn", "Chance allocates by another rule from now on."),
        (R, "imbalance probability weights overall_weight first_simple", "Chance goes by other figures from now on."),
        (R, "outside_list", "Allocation goes by an outside list, or no longer."),
        (R, "strata", "People are balanced on something else from now on."),
        (R, "unit cluster", "Chance allocates other units from now on."),
    ),
    group(
        L, "allocation.cluster",
        (R, "question", "People belong to other clusters from now on."),
        (C, "label", "A cluster goes by another name."),
    ),
    group(
        L, "allocation.outside_list",
        (C, "made_by how", "Who made the list, and how, is stated anew."),
    ),
    group(
        L, "allocation.urn",
        (R, "start added", "The urn is filled differently from now on."),
    ),
    group(
        L, "allocation.strata.*",
        (R, "id levels", "People are balanced on other levels from now on."),
        (C, "label", "A stratification factor goes by another name."),
    ),
    group(
        L, "allocation.strata.*.levels.*",
        (R, "id when", "Other people belong to this stratum from now on."),
        (C, "label", "A stratum goes by another name."),
    ),
    group(
        L, "stages.*",
        (R, "id arms", "A further stage allocates between other options from now on."),
        (R, "after timepoint arms_before when unanswered", "Other people are allocated once more, or at another time."),
        (R, "allocation", "Chance allocates by another rule at this stage from now on."),
        (C, "label", "A further stage goes by another name."),
    ),
    group(
        L, "stages.*.arms.*",
        (R, "id ratio", "A further stage allocates between other options from now on."),
        (C, "label", "An option of a further stage goes by another name."),
        (S, "description", "What an option of a further stage gets is described differently."),
    ),
    group(
        L, "stages.*.allocation",
        (R, "method block_sizes largest_imbalance urn", "Chance allocates by another rule at this stage from now on."),
        (R, "imbalance probability weights overall_weight first_simple", "Chance goes by other figures at this stage."),
        (R, "outside_list", "Allocation goes by an outside list, or no longer."),
        (R, "strata", "People are balanced on something else at this stage from now on."),
        (R, "unit cluster", "A stage allocates people alone."),
    ),
    group(L, "stages.*.allocation.cluster", (R, "question label", "A stage allocates people alone.")),
    group(L, "stages.*.allocation.outside_list", (C, "made_by how", "Who made the list, and how, is stated anew.")),
    group(L, "stages.*.allocation.urn", (R, "start added", "The urn is filled differently from now on.")),
    group(
        L, "stages.*.allocation.strata.*",
        (R, "id levels", "People are balanced on other levels from now on."),
        (C, "label", "A stratification factor goes by another name."),
    ),
    group(
        L, "stages.*.allocation.strata.*.levels.*",
        (R, "id when", "Other people belong to this stratum from now on."),
        (C, "label", "A stratum goes by another name."),
    ),
)  # fmt: skip
