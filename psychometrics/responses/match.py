"""Which column of a file holds which item, comparator or role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from psychometrics.errors import DataError, Severity
from psychometrics.instrument import Instrument
from psychometrics.instrument.rules import COLUMN_ROLES
from psychometrics.responses.cells import folded, shown_names
from psychometrics.responses.table import FILE, Placed, Table, place

NAMED_ROLES = ("weight", "duration", "started", "ended")
"""Roles that no column is taken for by its name alone."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Column position of every item, comparator and role that was found, and what was odd."""

    positions: Mapping[str, int]
    findings: tuple[Placed, ...]


def given_columns(
    instrument: Instrument, roles: Mapping[str, str | None], columns: Mapping[str, str] | None
) -> dict[str, str]:
    """Join the two ways of naming columns: one keyword a role, or a mapping.

    Raises
    ------
    DataError
        If the mapping names no item, comparator or role, or contradicts a keyword.
    """
    given = {key: name for key, name in roles.items() if name is not None}
    known = (*instrument.items, *instrument.comparators, *COLUMN_ROLES)
    for key, name in (columns or {}).items():
        if key not in known:
            near = shown_names(get_close_matches(str(key), known))
            raise DataError(
                f"columns={{{key!r}: {name!r}}}: {instrument.id} has no item, comparator or role "
                f"{key!r}. Similar: {near}. Roles are {', '.join(COLUMN_ROLES)}."
            )
        if given.get(key, name) != name:
            raise DataError(
                f"Two columns are given for {key!r}: {given[key]!r} and {name!r}; give one."
            )
        given[key] = name
    return {key: str(name) for key, name in given.items()}


def match_columns(
    table: Table, instrument: Instrument, given: Mapping[str, str], *, expect_site: bool
) -> Matches:
    """Find the columns. An ambiguous match is a finding and stays unmatched, never a guess.

    Parameters
    ----------
    table : Table
        The file.
    instrument : Instrument
        Whose items and comparators are looked for; its `columns` are the usual names.
    given : Mapping
        Column names by item, comparator or role, as the caller wants them.
    expect_site : bool
        Whether a file without a site column deserves a finding.

    Raises
    ------
    DataError
        If there is a column for no item at all.
    """
    wanted = (*instrument.items, *instrument.comparators, *COLUMN_ROLES)
    found, findings = _found(table, instrument, wanted, given)
    explained = {key for key, positions in found.items() if len(positions) > 1}
    positions = {key: at[0] for key, at in found.items() if len(at) == 1}
    for at, items in _shared(positions, instrument.items).items():
        for item in items:
            del positions[item]
        explained.update(items)
        findings.append(place(at, "shared_column", "error", table.at(at), items=shown_names(items)))
    if not positions.keys() & instrument.items.keys():
        raise _nothing_fits(table, instrument, findings)
    absent = [key for key in wanted if key not in positions and key not in explained]
    findings += _absent(table, instrument, absent, set(positions.values()), given)
    if expect_site and "site" in absent:
        findings.append(place(FILE, "no_site_column", "warning", table.source))
    return Matches(positions, (*findings, *_repeated_names(table)))


def _found(
    table: Table, instrument: Instrument, wanted: Iterable[str], given: Mapping[str, str]
) -> tuple[dict[str, list[int]], list[Placed]]:
    """Return the fitting columns of each key, and a finding where that wasn't plain."""
    names = _Names(table.names)
    found: dict[str, list[int]] = {}
    findings = []
    for key in wanted:
        code, positions = _search(key, instrument, names, given.get(key))
        found[key] = positions
        if len(positions) > 1:
            listed = shown_names(table.names[at] for at in positions)
            where = f"{table.source}, {key}"
            findings.append(
                place(positions[0], "ambiguous_column", "error", where, name=key, columns=listed)
            )
        elif positions and code:
            (at,) = positions
            findings.append(
                place(at, code, "warning", table.at(at), name=key, column=table.names[at])
            )
    return found, findings


class _Names:
    """Column positions by exact and by folded name."""

    def __init__(self, names: Iterable[str]) -> None:
        self.exact: dict[str, list[int]] = {}
        self.loose: dict[str, list[int]] = {}
        for at, name in enumerate(names):
            self.exact.setdefault(name, []).append(at)
            self.loose.setdefault(folded(name), []).append(at)


def _search(
    key: str, instrument: Instrument, names: _Names, given: str | None
) -> tuple[str, list[int]]:
    """Return the columns that fit best, with the code of the finding that this deserves."""
    if given is not None:
        if given in names.exact:
            return "", names.exact[given]
        return "column_matched_loosely", names.loose.get(folded(given), [])
    # A column named weight could be kilograms, one named duration that of an illness.
    plain = [] if key in NAMED_ROLES else [key]
    plain += [instrument.columns[key]] if key in instrument.columns else []
    for name in plain:
        if name in names.exact:
            return "", names.exact[name]
    former = instrument.items[key].renamed_from if key in instrument.items else ()
    old = [at for name in former for at in names.exact.get(name, [])]
    if old or (key in COLUMN_ROLES and key != "site"):
        return "column_renamed", old
    taken = {folded(item) for item in instrument.items if item in names.exact}
    loose = {folded(name) for name in (*plain, *former)} - taken
    return "column_matched_loosely", sorted(at for n in loose for at in names.loose.get(n, []))


def _shared(positions: Mapping[str, int], items: Iterable[str]) -> dict[int, list[str]]:
    """Return the columns that several items claim, with these items."""
    claims: defaultdict[int, list[str]] = defaultdict(list)
    for item in items:
        if item in positions:
            claims[positions[item]].append(item)
    return {at: claimed for at, claimed in claims.items() if len(claimed) > 1}


def _nothing_fits(table: Table, instrument: Instrument, findings: list[Placed]) -> DataError:
    """Return the error for a file without any item: it is probably another file."""
    near = {item: get_close_matches(item, table.names, 1) for item in instrument.items}
    pairs = ", ".join(f"{item!r}: {found[0]!r}" for item, found in near.items() if found)
    hint = f" Did you mean columns={{{pairs}}}?" if pairs else ""
    return DataError(
        f"{table.source} has no column for any item of {instrument.id}. Its columns are "
        f"{shown_names(table.names, 20)}; expected were {shown_names(instrument.items, 20)}.{hint}",
        [placed.finding for placed in findings],
    )


def _absent(
    table: Table,
    instrument: Instrument,
    absent: Iterable[str],
    used: set[int],
    given: Mapping[str, str],
) -> list[Placed]:
    """Report what was asked for or is needed and has no column."""
    unused = [name for at, name in enumerate(table.names) if at not in used]
    findings = []
    for order, key in enumerate(absent):
        comparator = instrument.comparators.get(key)
        if key in given:
            code, looked_for = "missing_column", given[key]
        elif key in instrument.items:
            code, looked_for = "missing_item", key
        elif comparator is not None and comparator.level == "respondent":
            code, looked_for = "missing_comparator", key
        else:
            continue
        near = shown_names(get_close_matches(looked_for, unused, 3))
        severity: Severity = "warning" if code == "missing_comparator" else "error"
        where, at = f"{table.source}, {key}", len(table.columns) + order
        findings.append(place(at, code, severity, where, name=key, column=looked_for, similar=near))
    return findings


def _repeated_names(table: Table) -> list[Placed]:
    """Report names that several columns of the file bear."""
    return [
        place(at[0], "repeated_column_name", "warning", table.at(at[0]), column=name,
              count=len(at))
        for name, at in _Names(table.names).exact.items()
        if len(at) > 1 and name
    ]  # fmt: skip
