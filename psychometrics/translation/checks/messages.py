"""English sentences of the findings about translations, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # is there a finished translation
    "translation_missing": "There is no translation; write one.",
    "translation_stale": (
        "The source changed after this was translated: from {before!r} to {now!r}. Review the "
        "translation and confirm or change it."
    ),
    "translation_fuzzy": "It is marked as fuzzy, so nobody has confirmed it; look at it again.",
    "translation_unsigned": "Nobody has signed this text off as it stands.",
    # texts together
    "key_absent": "The catalog has no entry for {key_name}; update it from the definition.",
    "key_unknown": (
        "The definition has no text {key_name}; was its key renamed? Remove the entry, or name the "
        "old key in renamed_from."
    ),
    "key_repeated": "{key_name} is in the catalog {count} times; keep one entry.",
    "options_incomplete": (
        "The answers {name} are translated but for {options}, so a form would show two languages; "
        "translate all of them."
    ),
    "option_order": (
        "The answers {name} are in another order than in the definition: this one comes after "
        "{after} here. Were two of them mixed up?"
    ),
    "options_alike": (
        "It reads the same as the answer {other} of the same set ({name}), so respondents can't "
        "tell them apart; translate one of them differently."
    ),
    "one_target": "It reads the same as {other}, whose source differs; is one of them a copy?",
    "one_source": "{other} has the same source and reads {target!r}; use one wording, or say why.",
    # what a program reads
    "placeholder_lost": "It lacks {placeholders} of the source; put it where its value belongs.",
    "placeholder_added": "It has {placeholders}, which the source hasn't; remove or correct it.",
    "markup_differs": "The tags differ: the source has {expected}, the translation {found}.",
    "markup_unbalanced": "The tags are not closed in order: {found}.",
    "markup_unsafe": "{found!r} would run or load something in a browser; remove it.",
    "emphasis_differs": (
        "The source has {expected} places with emphasis (* or _), the translation {found}."
    ),
    "link_differs": "Links differ from the source. Lost: {lost}. Added: {added}.",
    "newline_at_edge": "Source and translation differ in a line break at the {edge}.",
    "escape_left": "{found} is an escape, not text; write the character itself.",
    # direction
    "bidi_override": (
        "It holds {found}, which shows letters in another order than they are stored; remove it."
    ),
    "bidi_unbalanced": (
        "The direction control {found} is not opened or not closed in its paragraph, so it turns "
        "what follows around."
    ),
    "range_shown_reversed": (
        "{found!r} is shown from right to left here, the second number first. Use a hyphen, or put "
        "a left-to-right mark (U+200E) on both sides of the dash, if it should read as in English."
    ),
    # encoding
    "text_too_long": (
        "The text has {length} characters, more than {limit}; nothing else was checked in it."
    ),
    "too_many_marks": (
        "{count} marks follow each other, where no language needs more than {limit}; nothing else "
        "was checked in this text."
    ),
    "replacement_character": "{found!r} stands where letters were lost; type them again.",
    "mojibake": (
        "{found!r} is text in a wrong encoding, and {meant!r} was probably meant; save the file as "
        "UTF-8 and type it again."
    ),
    "lone_surrogate": "It holds half a character ({found}); type the character again.",
    "control_character": "It holds control characters: {found}; remove them.",
    "private_use_character": (
        "It holds {found}, which means something in one font only; replace it."
    ),
    "not_composed": (
        "A letter and its mark are apart ({found!r}), so that searching and comparing fail; save "
        "the text in composed form (NFC)."
    ),
    "presentation_form": (
        "It holds forms of letters from old fonts: {found}; type the letters themselves."
    ),
    # script
    "wrong_script": "Most of its letters are {found}; {expected} is expected.",
    "mixed_script_word": (
        "The word {word!r} mixes letters of {scripts}; one of them only looks like the letter that "
        "was meant."
    ),
    "foreign_letter": "It holds letters of a script that is not used here: {found}.",
    "mark_without_letter": "A mark has no letter before it: {found}.",
    "mark_twice": "A mark is there twice: {found}.",
    # signs
    "end_punctuation": "The source ends with {expected}, the translation with {found}.",
    "brackets_unbalanced": "A bracket is not opened or not closed: {found}.",
    "quotes_of_locale": (
        "These quotation marks are not used so in this language: {found}; use {expected} or "
        "straight ones."
    ),
    "quotes_unbalanced": "A quotation mark is not opened or not closed.",
    "quotes_lost": "The source has a word in quotation marks, the translation has none.",
    "apostrophe_wrong": "{found} stands for an apostrophe within a word.",
    "apostrophe_differs": (
        "The apostrophe here is {found}; other texts of this locale use {usual}. Words with two "
        "spellings can't be searched or compared; use one."
    ),
    # spaces and words
    "space_at_edge": "Source and translation differ in a space at the {edge}.",
    "space_doubled": "There are two spaces in a row.",
    "space_before_sign": "There is a space before {found!r}.",
    "space_after_sign": "There is no space after {found!r}.",
    "space_after_apostrophe": "There is a space after {found!r}, which is joined to the next word.",
    "word_doubled": "The word {word!r} is there twice in a row.",
    "invisible_character": "It holds characters that nobody can see: {found}; remove them.",
    # numbers
    "number_differs": "Numbers differ from the source. Lost: {lost}. Added: {added}.",
    "range_turned": "The range {found} is the other way round in the source.",
    "digits_foreign": "Its digits are of another script (their zero is {found}).",
    "digits_mixed": "Digits of two scripts are used in one text; use one kind.",
    "digits_differ": "Its digits differ from those of the other texts, whose zero is {usual}.",
    # likeness to the source
    "length_unusual": (
        "The source has {source} characters, the translation {target} ({ratio:.1f} times as many); "
        "is something missing or added?"
    ),
    "untranslated": "It is the same as the source; translate it.",
    "perhaps_untranslated": "It is the same as the source; is that meant?",
    "partly_untranslated": "A part of the source is left: {found!r}.",
    "term_not_used": "The source has the term {term!r}, for which the brief has: {allowed}.",
    "term_avoided": "The brief decided against {avoided!r} for the term {term!r}.",
    # read from files
    "catalog_missing": (
        "There is no catalog for {name_of_locale}; `psychometrics translations update` makes it."
    ),
    # hints
    "hint_negation_lost": "The source has a negation; none was recognised in the translation.",
    "hint_negation_added": "The translation has a negation; none was recognised in the source.",
    "hint_antonym": (
        "The source has {source!r}, the translation {target!r}; is it the opposite of what is said?"
    ),
    "hint_number_lost": "The source says {number!r}; the number was not recognised here.",
    "hint_word_doubled": "The word {word!r} is there twice in a row; is that meant?",
}
