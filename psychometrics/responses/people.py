"""Who answered: site, language, other roles, and weight of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from psychometrics.instrument import Instrument
from psychometrics.responses.cells import (
    distinct,
    folded,
    is_blank,
    number_text,
    parse_number,
    shown_counts,
    shown_names,
    shown_rows,
    spread,
    texts,
    tidy,
)
from psychometrics.responses.table import Column, Placed, Spot

Roles = tuple[NDArray[Any], list[Placed]]


def read_site(column: Column, instrument: Instrument, spot: Spot, allow_undeclared: bool) -> Roles:
    """Return the site id of each row (None where there is none), and what was odd.

    A site is recognised by its id, name or aliases, whatever the case and white space, and by
    the number of an alias however it is written. The definition is asked before a cell counts as
    blank, so that a site may be called "NA".
    """
    known = _lookup((s.id, (s.id, s.name, *s.aliases)) for s in instrument.sites.values())
    index, said, ids = _recognised(column, known)
    unknown = _unknown(ids, said)
    findings: list[Placed] = []
    if unknown.any():
        rows = _rows(index, unknown)
        counts = np.bincount(index[index >= 0], minlength=len(said))[unknown].tolist()
        code = "undeclared_site" if allow_undeclared else "unknown_site"
        findings.append(
            spot.tells(
                code,
                "warning" if allow_undeclared else "error",
                count=len(rows),
                values=shown_counts(said[unknown], counts),
                n_values=len({folded(text) for text in said[unknown]}),
                expected=shown_names(instrument.sites),
                rows=rows,
                rows_text=shown_rows(rows),
            )
        )
    if allow_undeclared:
        spelling: dict[str, str] = {}
        for at in np.flatnonzero(unknown):
            ids[at] = spelling.setdefault(folded(said[at]), said[at])
    nowhere = _rows(index, np.asarray(pd.isna(said), dtype=np.bool_), empty=True)
    if nowhere:
        findings.append(
            spot.tells("no_site", "warning", count=len(nowhere), n_rows=len(index), rows=nowhere)
        )
    return spread(index, ids, None), findings


def read_language(column: Column, instrument: Instrument, spot: Spot) -> Roles:
    """Return the locale of each row as the definition writes it, and what was odd.

    "de-DE", "DE_de" and, while only one locale of the definition is German, "de" are "de_DE".
    An unknown language is kept as it was written.
    """
    named = ((one, (one, one.split("_")[0])) for one in instrument.locales)
    known = _lookup(((one, names) for one, names in named), lambda text: text.replace("-", "_"))
    index, said, locales = _recognised(column, known, lambda text: text.replace("-", "_"))
    unknown = _unknown(locales, said)
    findings: list[Placed] = []
    if unknown.any():
        counts = np.bincount(index[index >= 0], minlength=len(said))[unknown].tolist()
        findings.append(
            spot.tells(
                "unknown_language",
                "warning",
                count=sum(counts),
                values=shown_counts(said[unknown], counts),
                expected=shown_names(instrument.locales),
            )
        )
        locales[unknown] = said[unknown]
    return spread(index, locales, None), findings


def read_text_role(column: Column, spot: Spot) -> Roles:
    """Return each row's text; respondents without an id are a finding."""
    said = texts(column.values, column.labels)
    if spot.name != "respondent":
        return said, []
    rows = tuple((np.flatnonzero(pd.isna(said)) + 1).tolist())
    if not rows:
        return said, []
    told = spot.tells(
        "no_respondent", "warning", count=len(rows), rows=rows, rows_text=shown_rows(rows)
    )
    return said, [told]


def read_weight(column: Column, spot: Spot) -> Roles:
    """Return the weight of each row; NaN where it is no number, negative or absent."""
    index, found = distinct(column.values)
    if found.dtype == object:
        numbers = [parse_number(text) for text in found]
        weights = np.array([np.nan if one is None else one for one in numbers])
    else:
        weights = found.astype(np.float64)
    weights[~(np.isfinite(weights) & (weights >= 0))] = np.nan
    by_row = spread(index, weights, np.nan)
    rows = tuple((np.flatnonzero(np.isnan(by_row)) + 1).tolist())
    if not rows:
        return by_row, []
    told = spot.tells("bad_weight", "error", count=len(rows), rows=rows, rows_text=shown_rows(rows))
    return by_row, [told]


def _lookup(
    named: Iterable[tuple[str, Iterable[str]]], also: Callable[[str], str] = str
) -> Mapping[str, str]:
    """Return the id by folded name; names that stand for two ids are left out."""
    ids: dict[str, set[str]] = {}
    for one, names in named:
        for name in names:
            ids.setdefault(_plain(also(name)), set()).add(one)
    return {name: next(iter(found)) for name, found in ids.items() if len(found) == 1}


def _recognised(
    column: Column, known: Mapping[str, str], also: Callable[[str], str] = str
) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any]]:
    """Return the index of each cell's value, the values as texts, and the id of each or None.

    A value that is no name of anything and means blank has no text either.
    """
    index, found = distinct(column.values)
    said = np.empty(len(found), dtype=object)
    ids = np.empty(len(found), dtype=object)
    for at, value in enumerate(found):
        if isinstance(value, str):
            text = tidy(value)
        else:  # where a number has a label, that is what it means, and nothing else
            text = column.labels.get(float(value)) or number_text(value)
        ids[at] = known.get(_plain(also(text)))
        said[at] = None if ids[at] is None and is_blank(text) else text
    return index, said, ids


def _unknown(ids: NDArray[Any], said: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values say something that is no name of anything."""
    return np.asarray(pd.isna(ids) & pd.notna(said), dtype=np.bool_)


def _plain(text: str) -> str:
    """Return a name as it is compared; "1.0" is "1"."""
    number = parse_number(text)
    return folded(text) if number is None or not np.isfinite(number) else number_text(number)


def _rows(
    index: NDArray[np.intp], chosen: NDArray[np.bool_], empty: bool = False
) -> tuple[int, ...]:
    """Return the rows (from 1) whose value is among the chosen ones."""
    return tuple((np.flatnonzero(spread(index, chosen, empty)) + 1).tolist())
