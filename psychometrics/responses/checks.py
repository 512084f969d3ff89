"""Data quality: what the answers as a whole give reason to look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Severity
from psychometrics.instrument import Instrument
from psychometrics.responses.cells import shown_rows
from psychometrics.responses.decode import ANSWERED
from psychometrics.responses.table import FILE, Placed, Spot, Table, place


def check_items(frame: pd.DataFrame, spots: Iterable[Spot]) -> list[Placed]:
    """Report items that nobody answered or that everybody answered alike.

    `spots` are the columns of the items that have one.
    """
    findings = []
    for spot in spots:
        given = frame[spot.name].dropna()
        if given.empty:
            findings.append(spot.tells("item_unanswered", "error", n_rows=len(frame)))
        elif len(given) > 1 and given.min() == given.max():
            findings.append(spot.tells("item_constant", "warning", count=len(given)))
    return findings


def check_rows(
    frame: pd.DataFrame, status: pd.DataFrame, instrument: Instrument, source: str
) -> list[Placed]:
    """Report rows without an answer, sites without a respondent, and people counted twice."""
    answered = (status == ANSWERED).any(axis=1).to_numpy()
    findings = []
    rows = _numbers(frame, ~answered)
    if rows:
        findings.append(
            place(FILE, "row_without_answers", "warning", source, count=len(rows), rows=rows,
                  rows_text=shown_rows(rows))
        )  # fmt: skip
    if frame["site"].notna().any():
        present = set(frame["site"].to_numpy()[answered])
        findings += [
            place(FILE, "empty_site", "warning", f"{source}, site {site.id}", site=site.id,
                  name=site.name)
            for site in instrument.sites.values()
            if site.id not in present
        ]  # fmt: skip
    if "respondent" in frame:
        findings += _repeated_people(frame, source)
    return findings


def check_identical_rows(table: Table) -> list[Placed]:
    """Count rows that are the same in every column, where no id tells people apart."""
    frame = pd.DataFrame({at: column.values for at, column in enumerate(table.columns)})
    filled = frame.notna().any(axis=1) & (frame != "").any(axis=1)
    count = int((frame.duplicated() & filled).sum())
    if not count:
        return []
    return [place(FILE, "identical_rows", "warning", table.source, count=count)]


def _repeated_people(frame: pd.DataFrame, source: str) -> list[Placed]:
    """Report ids that come more than once in a wave: at one site, or at several.

    Sites often number their respondents each from 1; the same id at two sites is then two
    people. A row without a site could belong to either, and counts as a repetition.
    """
    has_id = frame["respondent"].notna()
    people = frame.loc[has_id, ["row", "respondent", "site"]]
    keys: list[Any] = [people["respondent"]]
    if "wave" in frame:
        keys.append(frame.loc[has_id, "wave"].fillna(""))
    groups = people.groupby(keys, sort=False)["site"]
    n_rows, n_sites = groups.transform("size"), groups.transform("nunique")
    several = n_rows > 1
    twice, elsewhere = several & (n_sites < n_rows), several & (n_sites == n_rows)
    findings = []
    repeated: list[tuple[str, Severity, pd.Series[bool]]] = [
        ("duplicate_respondent", "error", twice),
        ("respondent_at_several_sites", "warning", elsewhere),
    ]
    for code, severity, chosen in repeated:
        rows = tuple(people.loc[chosen, "row"].tolist())
        if rows:
            count = people.loc[chosen, "respondent"].nunique()
            findings.append(
                place(FILE, code, severity, source, count=count, n_rows=len(rows), rows=rows,
                      rows_text=shown_rows(rows))
            )  # fmt: skip
    return findings


def _numbers(frame: pd.DataFrame, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[int, ...]:
    return tuple(frame.loc[chosen, "row"].tolist())
