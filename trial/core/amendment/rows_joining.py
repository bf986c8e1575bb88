"""Policy rows: eligibility, consent and privacy, interventions, timetable and messages."""

from __future__ import annotations

from trial.core.amendment.changes import ChangeClass, Chapter
from trial.core.amendment.rows import Group, group

C, S = ChangeClass.CORRECTION, ChangeClass.SUBSTANTIAL
E, K, I, T, W = Chapter.ELIGIBILITY, Chapter.CONSENT, Chapter.INTERVENTIONS, Chapter.TIMETABLE, Chapter.WORDS  # noqa: E741
FILE = "The text lies in another file; what it says is compared on its own."

CHECKS = "Other enrolments are held until a person has looked at them; nobody is refused by rule."

NOTED = "What a statement stands for is noted anew; people agree to the same words."

GROUPS: tuple[Group, ...] = (
    group(E, "", (S, "eligibility", "Other people may take part.")),
    group(
        E, "eligibility",
        (C, "notice", FILE),
        (S, "age", "Whether and how age decides on taking part changes."),
        (S, "questions", "People are asked other questions before they may take part."),
        (S, "criteria", "Other people may take part from now on."),
        (C, "guard", CHECKS),
    ),
    group(
        E, "eligibility.guard",
        (C, "holds words_a_minute seconds_an_answer burst consistency", CHECKS),
        (C, "baseline_lasts", "A held enrolment may be let in for another while after its baseline."),
    ),
    group(E, "eligibility.guard.consistency.*", (C, "id rule why", CHECKS)),
    group(
        E, "eligibility.age",
        (S, "question minimum", "People of another age may take part from now on."),
        (S, "guardian", "Whether a guardian has to agree changes."),
    ),
    group(
        E, "eligibility.questions.*",
        (S, "id type choices response minimum maximum step filler", "A screening question takes other answers."),
        (S, "topic words unit low high", "A screening question asks something in other words."),
        (S, "safety_from", "Other answers at screening call for the resources page."),
    ),
    group(
        E, "eligibility.questions.*.choices.*",
        (S, "value label", "A screening question offers another answer."),
    ),
    group(
        E, "eligibility.criteria.*",
        (S, "id rule", "Other people may take part from now on."),
        (C, "reason", "The flow diagram names this reason in other words."),
    ),
    group(
        K, "",
        (S, "consent", "What people agree to changes."),
        (S, "data_protection", "The privacy notice is added or goes."),
    ),
    group(K, "eligibility.age.guardian", (C, "consent assent", FILE)),
    group(
        K, "eligibility.age.guardian",
        (S, "consent.words", "Guardians agree to other words."),
        (S, "assent.words", "Young people agree to other words."),
    ),
    group(
        K, "consent",
        (C, "version", "The consent form carries another number."),
        (C, "valid_from valid_until", "The consent form is valid for other dates."),
        (C, "information", FILE),
        (S, "information.words", "People are told something else before they agree."),
        (S, "statements", "People agree to another list of statements."),
        (S, "comprehension", "People are asked other questions about the information."),
        (S, "reconsent", "When people are asked for consent again changes."),
        (S, "data_sharing", "Whether people are asked about sharing their data changes."),
    ),
    group(
        K, "consent.statements.*",
        (S, "id text", "People agree to another sentence."),
        (C, "covers", NOTED),
    ),
    group(
        K, "consent.comprehension.*",
        (S, "id question choices correct explanation", "A question about the information is put or explained anew."),
    ),
    group(
        K, "consent.comprehension.*.choices.*",
        (S, "value label", "A question about the information offers another answer."),
    ),
    group(
        K, "consent.data_sharing",
        (S, "id text", "People agree to another sentence about sharing their data."),
        (C, "covers", NOTED),
    ),
    group(
        K, "data_protection",
        (C, "contact", "People reach whoever looks after data protection elsewhere."),
        (S, "controller", "Somebody else answers for the data."),
        (S, "lawful_basis special_category_condition", "The data are kept on another legal ground."),
        (S, "recipients transfers", "The data reach other places or people."),
        (S, "retention", "The data are kept for another time."),
        (S, "rights limits", "People are told something else about their rights."),
    ),
    group(K, "data_protection.recipients.*", (S, "name role country", "The data reach other places or people.")),
    group(
        K, "data_protection.retention",
        (S, "identity consent_proof answers writing logs", "The data are kept for another time."),
    ),
    group(I, "", (S, "activities", "There is another list of things that people are asked to do.")),
    group(
        I, "activities.*",
        (S, "id type", "People are asked to do something of another kind."),
        (C, "title", "People see this activity under another title."),
        (S, "instruments", "The questionnaire asks another set of instruments, or in another order."),
        (S, "arms", "Other arms are asked to do this."),
        (C, "minutes", "People are told another length for this."),
        (C, "exercise", FILE),
        (S, "exercise.words", "The exercise says something else than before."),
        (S, "needs", "Whether a guide must be there changes."),
        (S, "only_if show_if", "Other people are asked this."),
        (S, "layout shuffle", "The same items stand on other pages, or come in another order."),
        (S, "prompts", "The exercise asks other questions."),
        (S, "words", "People are told another length for their writing, or none; it never blocks."),
        (S, "read_by", "Other people may read what is written, and the page says so."),
        (S, "shows_writing_of", "The exercise shows other writing of the person's own."),
        (S, "cards", "There are other cards to remember."),
        (S, "spacing", "Cards come again after other waits."),
        (S, "seconds steps", "The practice takes another course."),
        (C, "bell", "Whether a bell rings at the end changes."),
        (S, "voices rounds", "The dialogue takes another course."),
        (S, "items", "The checklist holds other lines."),
    ),
    group(I, "activities.*.prompts.*", (S, "id text", "The exercise asks another question.")),
    group(I, "activities.*.words", (S, "at_least about", "People are told another length for their writing.")),
    group(
        I, "activities.*.cards.*",
        (S, "id cloze answers", "A card asks something else or takes other answers."),
        (S, "remembered forgotten", "A card answers back in other words."),
    ),
    group(I, "activities.*.voices.*", (S, "id label prompt", "A voice of the dialogue says something else.")),
    group(I, "activities.*.items.*", (S, "id text", "A line of the checklist says something else.")),
    group(
        T, "",
        (S, "timepoints", "People are asked at another set of timepoints."),
        (S, "calendar", "Other hours or days are left alone."),
        (S, "messages", "People get another set of mails."),
    ),
    group(
        T, "timepoints.*",
        (S, "id anchor after stage", "The timepoint counts from something else."),
        (C, "label", "The timepoint goes by another name."),
        (S, "days weekly", "People are asked on other days than they agreed to."),
        (S, "time between chosen_from", "People are asked at other hours than they agreed to."),
        (S, "activities", "People are asked to do other things at this timepoint."),
        (S, "closes_after", "People have another length of time to answer."),
        (C, "grace", "Answers are taken for another while after the window that people are told."),
        (S, "invitation", "Another mail, or none, announces this timepoint."),
        (S, "reminders", "People are reminded more often, or less."),
    ),
    group(T, "timepoints.*.weekly", (S, "on weeks from_day", "People are asked on other days than they agreed to.")),
    group(
        T, "timepoints.*.reminders.*",
        (S, "after", "A reminder comes at another time."),
        (S, "message", "A reminder sends another mail."),
        (S, "primary_only", "Whether the last reminder asks for the primary outcome alone changes."),
    ),
    group(
        T, "calendar",
        (S, "quiet_from quiet_until blackout", "Other hours or days are left alone."),
        (S, "most_mails_a_week", "People may get another number of mails a week."),
    ),
    group(T, "calendar.blackout.*", (S, "first last rule", "Other days are left alone.")),
    group(
        T, "messages.*",
        (S, "id stream", "The mail belongs to another stream, and stops with it."),
        (C, "latest", "A mail that was held up is still sent, or given up, at another time."),
        (S, "only_if", "The mail leaves under another condition."),
        (C, "in_doubt", "A mail that may not have arrived is sent once more, or not."),
    ),
    group(
        W, "",
        (C, "trial_page debrief results", FILE),
        (C, "trial_page.words", "The trial's public page reads differently."),
        (C, "debrief.words", "The last page reads differently."),
        (C, "results.words", "People are told the results in other words."),
    ),
    group(W, "eligibility", (C, "notice.words", "The page before the screening questions reads differently.")),
    group(W, "messages.*", (C, "words", "A mail reads differently; mails that were sent stay as they were.")),
)  # fmt: skip
