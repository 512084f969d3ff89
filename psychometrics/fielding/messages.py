"""English sentences of the findings of forms for fielding, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "field_unsigned": "Nobody has signed off this form; it is marked as a draft on itself "
    "({release}).",
    "field_site_words": "These sites have words of their own, which this form for all "
    "sites doesn't hold: {sites}. Make a form for each of them.",
    "field_name_taken": "{name} is the name of a field that every form has. Give this one another "
    "key.",
    "field_reference": "The text holds {found}, which {target} reads as a reference to another "
    "question. Write it in another way.",
    "field_formatting": "The text holds {found}, which {target} shows as formatting and not as it "
    "is written.",
    "field_straight_quotes": "{target} shows the curly quotation marks and apostrophes of {count} "
    "texts as straight ones; no setting keeps them.",
    "field_lossy": "{target} can't hold {what}; {instead}.",
}
