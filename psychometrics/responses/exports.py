"""Exports of survey tools, made into the plain table that everything else reads.

A tool changes names (groups before them, letters left out), adds columns of its own and may write
words for codes. Here names and codes become those of the definition again; what an answer means is
decided afterwards, as for any table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from psychometrics.errors import check_option
from psychometrics.fielding import metadata
from psychometrics.fielding.languages import languages_of
from psychometrics.fielding.limesurvey import limesurvey_names
from psychometrics.fielding.redcap import redcap_names
from psychometrics.instrument import Instrument
from psychometrics.responses.cells import distinct, folded, spread
from psychometrics.responses.table import Column, Table

TOOLS: Final = ("plain", "odk", "kobo", "redcap", "limesurvey", "web", "fhir")

# Columns by which an export gives itself away: any of these sets.
MARKS: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "odk": (frozenset({"meta-instanceID"}), frozenset({"KEY", "SubmissionDate"})),
    "kobo": (frozenset({"_uuid", "_id"}), frozenset({"_uuid", "__version__"})),
    "limesurvey": (
        frozenset({"startlanguage"}),
        frozenset({"submitdate", "lastpage"}),
        frozenset({"id. Response ID"}),
    ),
    "web": (frozenset({"respondent", "form_version", "item_order"}),),
}
OWN: Final = (metadata.SITE, metadata.LANGUAGE, metadata.RELEASE, metadata.MODE,
              metadata.START, metadata.END, "respondent")  # fmt: skip
# What tools call a person, an occasion, and when answering began and ended.
ROLES: Final[dict[str, dict[str, str]]] = {
    "odk": {"KEY": "respondent", "meta-instanceID": "respondent"},
    "kobo": {"_uuid": "respondent"},
    "redcap": {"record_id": "respondent", "redcap_event_name": "wave", "Record ID": "respondent",
               "Event Name": "wave"},
    "limesurvey": {"id": "respondent", "id. Response ID": "respondent",
                   "startlanguage": "language", "formversion": "form_version",
                   "startdate": "start", "datestamp": "end", "submitdate": "end"},
}  # fmt: skip
BRACKETS: Final = re.compile(r"^(?P<before>.*)\[(?P<inside>[^\[\]]*)\]\s*$", re.DOTALL)
MINUS: Final = re.compile(r"m(\d+)")


def recognised(table: Table) -> str:
    """Return the tool that wrote a table; "plain" where nothing says so."""
    names = set(table.names)
    if any(name.startswith("redcap_") for name in names):
        return "redcap"
    finished = any(name.endswith("_complete") or name == "Complete?" for name in names)
    if finished and names & {"record_id", "Record ID"}:
        return "redcap"
    for tool, sets in MARKS.items():
        if any(marks <= names for marks in sets):
            return tool
    return "plain"


def as_plain(
    table: Table,
    instrument: Instrument,
    tool: str | None = None,
    texts: Iterable[Mapping[str, str]] = (),
) -> tuple[Table, str]:
    """Return an export with the names and codes of the definition, and the tool that wrote it.

    Parameters
    ----------
    table : Table
        As it was read.
    instrument : Instrument
        What was asked.
    tool : str, optional
        One of ``plain odk kobo redcap limesurvey web fhir``; found out if left out.
    texts : iterable of mapping of str to str
        Words by key, in every language that a heading may be in.

    Raises
    ------
    DataError
        If there is no such tool.
    """
    if tool is not None:
        check_option("tool", tool, TOOLS)
    found = tool or recognised(table)
    if found in ("plain", "fhir", "web"):
        return table, found
    names = _Names(instrument, found, table.names, texts)
    columns, taken = [], {name for name in table.names if name in names.known}
    for column in table.columns:
        name = names(column.name)
        if name != column.name and name in taken:
            name = column.name  # the column that bears the name itself is the one
        taken.add(name)
        columns.append(_column(replace(column, name=name), instrument, found))
    return replace(table, columns=tuple(columns)), found


class _Names:
    """Finds the item, comparator or role of a heading."""

    def __init__(
        self,
        instrument: Instrument,
        tool: str,
        headings: Iterable[str],
        texts: Iterable[Mapping[str, str]],
    ) -> None:
        keys = (*instrument.items, *instrument.comparators)
        self.known = {*keys, *OWN}
        self.roles = ROLES.get(tool, {})
        make: Mapping[str, Callable[[Instrument], dict[str, str]]] = {
            "limesurvey": limesurvey_names,
            "redcap": redcap_names,
        }
        short = make[tool](instrument) if tool in make else {}
        self.short = {name: key for key, name in short.items()}
        headings = tuple(headings)
        self.named = self.known & set(headings)
        self.worded = _by_words(keys, headings, texts)

    def __call__(self, heading: str) -> str:
        if heading in self.roles:
            return self.roles[heading]
        for part in _parts(heading):
            if part in self.short:
                return self.short[part]
            if part in self.known:
                return part
            for worded in self.worded:
                # What has a column under its own name isn't this one too.
                keys = worded.get(folded(part), set()) - self.named
                if len(keys) == 1:
                    return next(iter(keys))
        return heading


def _by_words(
    keys: Iterable[str], headings: Iterable[str], texts: Iterable[Mapping[str, str]]
) -> list[dict[str, set[str]]]:
    """Return the keys that words may stand for, language by language, the likeliest first.

    Two questions may read the same in one language and not in the one that the export is in.
    """
    said = {folded(part) for heading in headings for part in _parts(heading)}
    names = [f"{kind}.{key}" for key in keys for kind in ("item", "comparator")]
    made: list[dict[str, set[str]]] = []
    for told in texts:
        words: dict[str, set[str]] = {}
        for name in names:
            if told.get(name):
                words.setdefault(folded(told[name]), set()).add(name.partition(".")[2])
        made.append(words)
    return sorted(made, key=lambda words: -len(said & words.keys()))


def _parts(heading: str) -> list[str]:
    """Return what of a heading may be a name: all of it, what is in brackets, what follows."""
    parts = [heading]
    inside = BRACKETS.match(heading)
    if inside:
        parts += [inside["inside"], inside["before"].strip()]
    # A group stands before a name; LimeSurvey puts the code before a full stop or an underscore.
    parts += [heading.rpartition(sign)[2] for sign in "/-" if sign in heading]
    parts += [heading.partition(". ")[0]] if ". " in heading else []
    parts += [heading.partition("_")[2]] if "_" in heading else []
    return parts


def _column(column: Column, instrument: Instrument, tool: str) -> Column:
    """Return a column with the definition's own values where the tool had others."""
    if column.name == metadata.LANGUAGE:
        return _changed(column, _languages(instrument))
    if tool != "limesurvey":
        return column
    if column.name == metadata.SITE:
        return _changed(column, {f"s{at}": site for at, site in enumerate(instrument.sites, 1)})
    if column.name in instrument.items or column.name in instrument.comparators:
        _, found = distinct(column.values)
        codes = {
            value: f"-{match[1]}"
            for value in found
            if isinstance(value, str) and (match := MINUS.fullmatch(value.strip()))
        }
        return _changed(column, codes)
    return column


def _languages(instrument: Instrument) -> dict[str, str]:
    """Return locales by the names that forms call them; a name that two share is none."""
    fielded = dict.fromkeys(one for site in instrument.sites.values() for one in site.locales)
    made: dict[str, str] = {}
    # Those of the sites first: the source language is on no form of theirs.
    for each in (*languages_of(fielded), *languages_of(instrument.locales)):
        for name in (each.name, each.short, each.tag, f"{each.name} ({each.short})"):
            made.setdefault(name, each.locale)
    return made


def _changed(column: Column, values: Mapping[str, str]) -> Column:
    if column.values.dtype != object or not values:
        return column
    index, found = distinct(column.values)
    told: Any = np.empty(len(found), dtype=object)
    told[:] = [values.get(each, each) if isinstance(each, str) else each for each in found]
    return replace(column, values=spread(index, told, None))
