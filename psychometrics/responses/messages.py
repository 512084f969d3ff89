"""English sentences of the findings of this area, by code.

A sentence may quote cells and name rows: that is for whoever holds the file. Where a finding is
shown to others, `public_message` says the same without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psychometrics.errors import Finding

_SEEN = " Found: {values}; rows {rows_text}."

PUBLIC: dict[str, str] = {
    # The file itself
    "file_layout": "It was read as {encoding}, with cells separated by {delimiter!r}. If the "
    "columns below look right, there is nothing to do.",
    "not_utf8": "It isn't UTF-8 (first at line {line}) and was read as Windows-1252. Look at "
    "accented letters; if they are wrong, save it as UTF-8.",
    "nul_bytes": "NUL characters were removed: {count}. They hint at a damaged file or a wrong "
    "encoding; export it again if texts look broken.",
    "broken_quotes": "The quotation marks don't fit together (noticed at line {line}), so they "
    "were read as plain characters. Export the file again with quoted texts.",
    "ragged_rows": "Rows that don't have the {width} cells of the header: {count}. Missing cells "
    "count as blank, further ones were left out. Cells may have shifted in these rows: look "
    "for an unquoted delimiter.",
    "several_sheets": "Sheet {sheet!r} was read; there is something in {others} too. Give "
    "sheet= (--sheet) to choose.",
    "repeated_column_name": "{count} columns are named {column!r}. Rename them if they are needed.",
    # Columns
    "column_matched_loosely": "{column!r} was taken for {name}. Rename the column, or confirm it "
    "by columns= (--column).",
    "column_renamed": "{column!r}, the former name of {name}, was taken for it.",
    "ambiguous_column": "Several columns could be {name}: {columns}. None was used; rename them, "
    "or choose one by columns= (--column).",
    "shared_column": "This one column is claimed by several items ({items}) and was used for "
    "none. Give each item its own by columns= (--column).",
    "missing_column": "Column {column!r} was asked for as {name} and isn't there. Columns of a "
    "similar name: {similar}.",
    "missing_item": "There is no column for item {name}; it counts as not answered. Columns of "
    "a similar name: {similar}. If it is there under another name, give it by columns= "
    "(--column).",
    "missing_comparator": "There is no column for the comparator {name}; what was expected of "
    "it can't be looked at. Columns of a similar name: {similar}.",
    "no_site_column": "There is no column named 'site', so that everything is pooled and nothing "
    "compared between sites. Name the column by site= (--site), or say site=None.",
    # Answers
    "impossible_code": "{name} holds codes that are no possible answer (cells: {count}); they "
    "count as not answered. Expected: {expected}.",
    "out_of_range": "{name} holds numbers outside the possible range (cells: {count}); they "
    "count as not answered. Expected: {expected}.",
    "unknown_text": "{name} holds texts where answers were expected (cells: {count}); they count "
    "as not answered. Expected: {expected}.",
    "user_missing": "{name} holds values that the file declares missing and the definition doesn't "
    "know (cells: {count}); they count as blank.",
    "recoded_labels": "{name}: the file's value labels give the codes another meaning than the "
    "definition; the labels were followed ({recoding}).",
    "decimal_commas": "Numbers have a decimal comma in {columns} (cells: {count}); they were read "
    "as such. If a comma separates thousands, remove it.",
    "item_unanswered": "{name}: none of {n_rows} rows has a usable answer. Was the item asked?",
    "item_constant": "{name}: all {count} usable answers are the same, so that it can't go "
    "together with anything.",
    "row_without_answers": "Rows without a usable answer to any item: {count}. They are kept.",
    # Sites, languages, people
    "unknown_site": "Rows whose site the definition doesn't know: {count} (different values: "
    "{n_values}). They count in total and at no site. Expected: {expected}. Add an alias "
    "to the definition, or allow undeclared sites.",
    "undeclared_site": "Rows whose site the definition doesn't know: {count} (different values: "
    "{n_values}). Each value became a site of its own.",
    "no_site": "Rows without a site: {count} of {n_rows}. They count in total and at no site.",
    "empty_site": "Nobody answered at {name}, which the definition lists.",
    "unknown_language": "Rows whose language is no locale of the definition: {count}. It was kept "
    "as it is. Expected: {expected}.",
    "several_releases": "The answers were given to {count} releases of the form: {names}. {differ} "
    "Where texts differ, look at the releases apart before you put them together.",
    "draft_release": "{count} rows were given to {release}, a draft that nobody had signed off.",
    "site_words": "In release {release}, {site} reads other words than the rest of {language}: "
    "{keys}.",
    "no_respondent": "Rows without a respondent id: {count}. A repetition among them can't be "
    "noticed.",
    "duplicate_respondent": "Respondents with more than one row (of the same wave, where waves are "
    "known): {count}, in {n_rows} rows. All are kept and counted; remove what shouldn't count.",
    "respondent_at_several_sites": "Ids that are used at more than one site: {count}, in {n_rows} "
    "rows. They are taken for different people; make sure that they are.",
    "identical_rows": "Rows that are the same as another one in every column: {count}. No "
    "respondent id tells whether somebody was entered twice. All are kept.",
    "bad_weight": "Rows whose weight is missing, negative or no number: {count}. A weight must "
    "be 0 or more.",
    "duration_unreadable": "{name} holds what can't be read as a duration or time (cells: "
    "{count}); how long these rows took isn't known. Expected: numbers or hours:minutes:seconds "
    "for a duration, days with times such as 2026-03-05 14:30:05 for start and end.",
    "duration_impossible": "Rows whose answers took no time, or ended before they began: {count}. "
    "How long they took counts as unknown.",
    "duration_over_a_day": "Rows that took more than a day: {count}. Such forms were put aside "
    "in between, or the unit is wrong. They are kept.",
    "duration_unit_doubtful": "Half of the {count} rows took less, half more than {seconds:.3g} "
    "seconds an item. Are these the unit and the columns that were meant? Say duration_unit= "
    "(--duration-unit).",
    "duration_zones_mixed": "Rows with a time zone at the start or at the end alone: {count}. How "
    "long they took isn't known.",
    "duration_half_known": "There is {name} and no column {other}, so that it isn't known how "
    "long answering took.",
}
"""Sentences without cells of respondents and without row numbers."""

MESSAGES: dict[str, str] = {
    **PUBLIC,
    **{
        code: PUBLIC[code] + _SEEN
        for code in ("impossible_code", "out_of_range", "unknown_text", "unknown_site",
                     "undeclared_site", "user_missing", "duration_unreadable")
    },
    **{
        code: PUBLIC[code] + " Rows {rows_text}."
        for code in ("ragged_rows", "row_without_answers", "no_respondent", "duplicate_respondent",
                     "respondent_at_several_sites", "bad_weight", "duration_impossible",
                     "duration_zones_mixed",
                     "duration_over_a_day")
    },
    "decimal_commas": PUBLIC["decimal_commas"] + " For example {example}.",
    "unknown_language": PUBLIC["unknown_language"] + " Found: {values}.",
}  # fmt: skip
"""Sentences for whoever holds the file."""


def public_message(finding: Finding) -> str:
    """Return a finding's English sentence without cells of respondents and row numbers.

    Parameters
    ----------
    finding : Finding
        Of this or any other area; those of others come back with their own message.

    Examples
    --------
    >>> from psychometrics.errors import finding
    >>> told = finding("impossible_code", "error", "a.csv", name="A1", count=1, expected="1, 2",
    ...                values="7", rows=(3,), rows_text="3")
    >>> public_message(told).endswith("Expected: 1, 2.")
    True
    """
    if finding.code not in PUBLIC:
        return finding.message
    return PUBLIC[finding.code].format(**finding.params)
