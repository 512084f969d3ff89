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
    "nul_bytes": "{count} NUL characters were removed. They hint at a damaged file or a wrong "
    "encoding; export it again if texts look broken.",
    "broken_quotes": "The quotation marks don't fit together (noticed at line {line}), so they "
    "were read as plain characters. Export the file again with quoted texts.",
    "ragged_rows": "{count} rows don't have the {width} cells of the header; missing cells "
    "count as blank, further ones were left out. Cells may have shifted in these rows: look "
    "for an unquoted delimiter.",
    "several_sheets": "Sheet {sheet!r} was read; there is something in {others} too. Give "
    "sheet= to choose.",
    "repeated_column_name": "{count} columns are named {column!r}. Rename them if they are needed.",
    # Columns
    "column_matched_loosely": "{column!r} was taken for {name}. Rename the column, or confirm it "
    "by columns=.",
    "column_renamed": "{column!r}, the former name of {name}, was taken for it.",
    "ambiguous_column": "Several columns could be {name}: {columns}. None was used; rename them, "
    "or choose one by columns=.",
    "shared_column": "This one column is claimed by several items ({items}) and was used for "
    "none. Give each item its own by columns=.",
    "missing_column": "Column {column!r} was asked for as {name} and isn't there. Columns of a "
    "similar name: {similar}.",
    "missing_item": "There is no column for item {name}; it counts as not answered. Columns of "
    "a similar name: {similar}. If it is there under another name, give it by columns=.",
    "missing_comparator": "There is no column for the comparator {name}; what was expected of "
    "it can't be looked at. Columns of a similar name: {similar}.",
    "no_site_column": "There is no column named 'site', so that everything is pooled and nothing "
    "compared between sites. Name the column by site=, or say site=None.",
    # Answers
    "impossible_code": "{name}: {count} cells have a code that is no possible answer; they count "
    "as not answered. Expected: {expected}.",
    "out_of_range": "{name}: {count} cells are outside the possible range; they count as not "
    "answered. Expected: {expected}.",
    "unknown_text": "{name}: {count} cells hold a text where an answer was expected; they count "
    "as not answered. Expected: {expected}.",
    "user_missing": "{name}: {count} cells have a value that the file declares missing and the "
    "definition doesn't know; they count as blank.",
    "recoded_labels": "{name}: the file's value labels give the codes another meaning than the "
    "definition; the labels were followed ({recoding}).",
    "decimal_commas": "{count} numbers are written with a decimal comma, in {columns}; they were "
    "read as such. If a comma separates thousands, remove it.",
    "item_unanswered": "{name}: none of {n_rows} rows has a usable answer. Was the item asked?",
    "item_constant": "{name}: all {count} usable answers are the same, so that it can't go "
    "together with anything.",
    "row_without_answers": "{count} rows have no usable answer to any item. They are kept.",
    # Sites, languages, people
    "unknown_site": "{count} rows have a site that the definition doesn't know ({n_values} "
    "different values). They count in total and at no site. Expected: {expected}. Add an alias "
    "to the definition, or allow undeclared sites.",
    "undeclared_site": "{count} rows have a site that the definition doesn't know ({n_values} "
    "different values); each became a site of its own.",
    "no_site": "{count} of {n_rows} rows have no site. They count in total and at no site.",
    "empty_site": "Nobody answered at {name}, which the definition lists.",
    "unknown_language": "{count} rows have a language that is no locale of the definition; it "
    "was kept as it is. Expected: {expected}.",
    "no_respondent": "{count} rows have no respondent id, so that a repetition among them can't "
    "be noticed.",
    "duplicate_respondent": "{count} respondents have more than one row (of the same wave, where "
    "waves are known): {n_rows} rows. All are kept and counted; remove what shouldn't count.",
    "respondent_at_several_sites": "{count} ids are used at more than one site, in {n_rows} rows. "
    "They are taken for different people; make sure that they are.",
    "identical_rows": "{count} rows are the same as another one in every column, and no "
    "respondent id tells whether somebody was entered twice. All are kept.",
    "bad_weight": "{count} rows have a weight that is missing, negative or no number; a weight "
    "must be 0 or more.",
}
"""Sentences without cells of respondents and without row numbers."""

MESSAGES: dict[str, str] = {
    **PUBLIC,
    **{
        code: PUBLIC[code] + _SEEN
        for code in ("impossible_code", "out_of_range", "unknown_text", "unknown_site",
                     "undeclared_site", "user_missing")
    },
    **{
        code: PUBLIC[code] + " Rows {rows_text}."
        for code in ("ragged_rows", "row_without_answers", "no_respondent", "duplicate_respondent",
                     "respondent_at_several_sites", "bad_weight")
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
