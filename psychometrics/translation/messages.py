"""English sentences of the findings of catalogs, records and locales, by code."""

from __future__ import annotations

FILES: dict[str, str] = {
    "locale_name": "{found!r} is no name of a locale; write language and country, such as de_DE.",
    "instrument_name": "{found!r} is no id of an instrument; ids are small letters, digits and _.",
    "outside_of_folder": "This leads out of the folder {folder}; nothing is read or written there.",
    "catalog_not_found": "There is no such file, or it can't be opened ({why}).",
    "catalog_too_large": "The file has {size} bytes; at most {most} are read. "
    "Is it really a file of translations?",
    "catalog_not_utf8": "The file is not text in UTF-8. Save it again with the encoding UTF-8.",
    "catalog_line": "This line can't be read: {why}. Mend it in a text editor, or take the file "
    "as it was before.",
}

CATALOGS: dict[str, str] = {
    "entry_without_key": "This entry has no key (msgctxt), so nobody knows what it translates: "
    "{source!r}. It is left as it is.",
    "text_of_marks": "{count} marks follow each other in the text that begins with '{start}'; at "
    "most {most} are read. Remove them; `psychometrics translations check` says where they are.",
    "retired_key_reused": "{name} was retired and is used again. The old translation stays out of "
    "use; give the new text a key of its own.",
}

LOCALES: dict[str, str] = {
    "brief_locale": "The brief says it is of {locale}, and it lies in the folder {folder}.",
}

RECORD: dict[str, str] = {
    "event_unreadable": "This is no event of the record: {why}. Take the file as it was before.",
    "event_changed": "This event was changed after it was recorded, so it does not count. Take "
    "the file as it was before, and record what is new as an event of its own.",
    "event_misplaced": "This event is about {instrument}, and lies in the folder of another one.",
    "confirmation_refused": "The change of the source text of {name} is too large to be confirmed "
    "like this; it counts as not confirmed.",
}

STATUS: dict[str, str] = {
    "status_missing": "{count} not translated: {keys}.",
    "status_outdated": "{count} translated from a source text that has changed: {keys}.",
    "status_fuzzy": "{count} marked as fuzzy in the catalog: {keys}.",
    "status_external": "{count} changed outside of the record, nobody knows by whom: {keys}.",
    "status_step": "{count} without the step {step!r}: {keys}.",
    "status_steps": "None of {count} has been through any of these steps: {steps}.",
    "form_unsigned": "These are drafts that nobody has agreed to, for translators and reviewers "
    "and for no respondent: {left} of {count} texts are not signed off ({machine} are by machine "
    "alone).",
    "status_unsigned": "{count} not signed off: {keys}.",
    "status_form": "Nobody has signed off {what} as it is.",
    "status_once": "The step {step!r} is not recorded.",
    "status_queries": "{count} queries have no answer.",
    "status_feedback_open": "{count} to look at again, because of {answers}: {keys}.",
    "status_feedback_done": "{count} looked at again because of {answers}, {words}: {keys}.",
}

WORK: dict[str, str] = {
    "pseudonym": "{found!r} is no pseudonym. Write letters and a number, such as T1: names of "
    "people don't go into the record.",
    "unknown_code": "No finding has the code {found!r}.{known} `psychometrics translations check` "
    "shows codes in square brackets.",
    "unknown_text_key": "The catalog has no text {name!r}.{known}",
    "text_shared": "{name} belongs to the response set {owner}, which instruments share. Do this "
    "with {owner} in place of the instrument; it then holds in all of them.",
    "set_has_no_form": "{name} is a response set: it has no form of its own. Name an instrument "
    "that uses it.",
    "text_missing": "{name} has no translation yet.",
    "text_not_current": "{name} was translated from a source text that has changed, or is marked "
    "as fuzzy; bring it up to date first.",
    "text_external": "{name} was changed outside of the record. Somebody has to take it over "
    "first, by a reconciliation or a review that says what was changed and why.",
    "same_person": "{who} can't do this for {name}, having done: {steps}. Someone else must.",
    "too_early": "{name} can't be signed off yet; these steps are not done: {steps}.",
    "nothing_to_sign": "There is nothing to sign off: every text is signed already, or is none of "
    "the instrument.",
    "form_too_early": "The form can't be signed off yet; {count} of its texts are not: {keys}.",
    "not_changed": "There is nothing to confirm: no catalog has {name} marked as translated "
    "from an earlier source text, and no sign-off is about one.",
    "change_too_large": "The source text of {name} changed in its {size} ({about}), which can't be "
    "confirmed {how}; it has to be {what}.",
}

RELEASES: dict[str, str] = {
    "release_version": "{found!r} is no version; write numbers with dots, such as 1.0.",
    "release_unsigned": "Only signed texts are released. Drafts can be, for a pretest: with "
    "--allow-draft, and then the release is marked as a draft for ever.",
    "release_there": "{name} was released before with other words. Choose another version.",
    "release_unreadable": "This is no release. Take the file as it was before.",
    "release_changed": "This release was changed after it was made, so nobody knows what "
    "respondents were given. Take the file as it was before.",
}

DESK: dict[str, str] = {
    "display_unrecorded": "The brief doesn't say how answer scales are shown for target {target} "
    "and mode {mode}, so codes ascend in the direction of the writing here. Decide, and write it "
    "under displays in the brief.",
    "display_drawn_otherwise": "Answer scales are agreed to run {agreed}, and were drawn "
    "otherwise: {seen}. Decide whether answers that were given there can be put together.",
    "preview_untranslated": "{count} shown in {source}, for want of a translation: {keys}.",
    "draft_letter": "{found!r} is no name of a draft; it is one letter, A to Z.",
    "draft_taken": "Draft {letter} is by {people}; two independent translations need a letter "
    "each. Leave --draft out, and the next one is taken.",
    "sheet_unreadable": "This is no sheet that can be read: {why}. Save it again as it was sent, "
    "as .xlsx, .xlf or .json.",
    "sheet_too_large": "The file is larger than a sheet can be ({why}). Nothing of it was read.",
    "sheet_other": "The sheet is of {found}, and {wanted} is asked for.",
    "sheet_formula": "This cell holds a formula, which is never worked out. Write the text "
    "itself; if it has to begin with = or +, format the cell as text first.",
    "sheet_key_unknown": "The questionnaire has no such text as {name!r}; don't change the column "
    "Key.",
    "sheet_key_twice": "{name} is there twice; leave the row that is right.",
    "sheet_column": "The column {name!r} is not there; don't change the headings.",
    "sheet_row_outdated": "The source text or the translation of {name} has changed since the "
    "sheet was made. Make a new sheet and look at it again.",
    "sheet_choice": "{found!r} is none of the choices: {allowed}.",
    "sheet_text_too_long": "The text has {size} characters; at most {most} are read.",
    "sheet_reason": "{name} needs a reason: why was it decided like this?",
    "sheet_decision": "{name} was changed; write changed into Decision.",
    "sheet_nothing": "Nobody has written anything into this sheet, or it was brought in before.",
    "sheet_empty_translation": "{name} has lost its translation; a text is never taken away by a "
    "sheet.",
}

MESSAGES: dict[str, str] = DESK | FILES | CATALOGS | LOCALES | RECORD | STATUS | WORK | RELEASES
