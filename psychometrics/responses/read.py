"""Read answers from wherever they are: find the columns, decode the cells, look at the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument, load_instrument
from psychometrics.instrument.rules import COLUMN_ROLES
from psychometrics.responses.cells import shown_names, texts
from psychometrics.responses.checks import check_identical_rows, check_items, check_rows
from psychometrics.responses.decode import (
    BLANK,
    AnswerKey,
    Answers,
    answer_key,
    comparator_key,
    decode,
)
from psychometrics.responses.delimited import read_delimited
from psychometrics.responses.durations import (
    DURATION_ROLES,
    Duration,
    DurationUnit,
    duration_columns,
    read_durations,
)
from psychometrics.responses.excel import read_excel
from psychometrics.responses.exports import as_plain
from psychometrics.responses.frames import read_frame
from psychometrics.responses.json_answers import looks_like_json, read_json
from psychometrics.responses.match import given_columns, match_columns
from psychometrics.responses.parquet import read_parquet
from psychometrics.responses.people import read_language, read_site, read_text_role, read_weight
from psychometrics.responses.released import released_texts
from psychometrics.responses.responses import SIMULATED, Responses
from psychometrics.responses.spss import read_spss
from psychometrics.responses.table import FILE, Placed, Table, in_order, place

if TYPE_CHECKING:
    from psychometrics.translation.release import Release


def read_responses(
    source: Any,
    instrument: Instrument | str | PathLike[str],
    *,
    site: str | None = "site",
    language: str | None = None,
    form_version: str | None = None,
    mode: str | None = None,
    respondent: str | None = None,
    cluster: str | None = None,
    wave: str | None = None,
    role: str | None = None,
    weight: str | None = None,
    duration: Duration = None,
    duration_unit: DurationUnit = "seconds",
    columns: Mapping[str, str] | None = None,
    allow_undeclared_sites: bool = False,
    sheet: str | None = None,
    tool: str | None = None,
    release: Release | None = None,
) -> Responses:
    """Read the answers to an instrument.

    Nothing is dropped or repaired in silence: what is odd comes back as `findings`, and what
    can't be used becomes NaN with a status that says why.

    Parameters
    ----------
    source : str, path-like or frame
        A file (delimited text, Excel, Parquet, SPSS; told apart by its first bytes) or any frame
        that narwhals knows.
    instrument : Instrument, str or path-like
        The instrument, its id or its file.
    site : str or None
        Column of the site. With the default, a column named "site" or the one that the
        instrument's `columns` name; None pools everything on purpose.
    language, form_version, mode, respondent, cluster, wave, role : str, optional
        Columns of these; where left out, columns of these very names or those that the
        instrument's `columns` name are used if they are there.
    weight : str, optional
        Column of the sampling weight; no column is taken for one by its name.
    duration : str or (str, str), optional
        Column of how long answering took, or columns of start and end (ISO 8601, such as
        2026-03-05 14:30:05); none is taken for it by its name. In seconds in the frame.
    duration_unit : {"seconds", "minutes"}
        What a column of numbers counts; hours:minutes:seconds needs none.
    columns : Mapping, optional
        Columns by item, comparator or role, where the names differ.
    allow_undeclared_sites : bool
        Whether a site that the definition doesn't know becomes a site of its own. Otherwise it
        is an error finding, and its rows belong to no site.
    sheet : str, optional
        Sheet of an Excel workbook.
    tool : {"plain", "odk", "kobo", "redcap", "limesurvey", "web", "fhir"}, optional
        The tool whose export it is; found out by its columns if left out. Names and codes that
        the tool changed are changed back.
    release : Release, optional
        What respondents were given. Words of its languages are understood as answers; so are
        those of a release that the column `form_version` names and that lies with the
        translations.

    Returns
    -------
    Responses
        Frame, answer status and findings.

    Raises
    ------
    DataError
        If the source can't be read, has no rows, or has no column of any item.
    InstrumentError
        If the instrument can't be loaded.

    Examples
    --------
    >>> answers = pd.DataFrame({f"x{i}": [1.5, 4.25, 9.0] for i in range(1, 10)})
    >>> responses = read_responses(answers, "hs1939", site=None)
    >>> responses.n_obs, responses.sites
    (3, ())
    """
    known = instrument if isinstance(instrument, Instrument) else load_instrument(instrument)
    table, wrote = _table_of(source, sheet)
    released = released_texts(table, known, release)
    table, wrote = as_plain(table, known, tool or wrote, released)
    if wrote != "plain" and duration is None and {"start", "end"} <= set(table.names):
        duration = ("start", "end")
    roles = {
        "site": None if site == "site" else site, "language": language,
        "form_version": form_version, "mode": mode, "respondent": respondent,
        "cluster": cluster, "wave": wave, "role": role, "weight": weight,
        **duration_columns(duration, duration_unit),
    }  # fmt: skip
    given = given_columns(known, roles, columns)
    matches = match_columns(table, known, given, expect_site=site is not None)
    positions = dict(matches.positions)
    if site is None:
        positions.pop("site", None)
    placed = [Placed(FILE, one) for one in table.findings] + list(matches.findings)
    frame, found = _people(table, known, positions, allow_undeclared_sites)
    placed += found
    seconds, found = read_durations(table, positions, duration_unit, len(known.items))
    placed += found
    if seconds is not None:
        frame["duration"] = seconds
    commas: list[tuple[int, Answers]] = []
    items, status, found = _answers(table, known, positions, commas, released)
    placed += found
    compared, found = _comparators(table, known, positions, commas, released)
    placed += found + _decimal_commas(table, commas)
    frame = pd.concat([frame, items, compared], axis=1)
    placed += check_items(
        frame, (table.spot(at, item) for item, at in positions.items() if item in known.items)
    )
    placed += check_rows(frame, status, known, table.source)
    if "form_version" in frame:
        from psychometrics.responses.releases import check_releases

        placed += check_releases(frame, known, table.source, known.translations)
    if "respondent" not in frame:
        placed += check_identical_rows(table)
    return Responses(known, frame, status, in_order(placed), table.source, says_simulated(table))


def _table_of(source: Any, sheet: str | None) -> tuple[Table, str | None]:
    """Read a table, and the tool that wrote it where the kind of file says so."""
    if isinstance(source, str | PathLike) and sheet is None and looks_like_json(Path(source)):
        return read_json(Path(source))
    return read_table(source, sheet), None


def read_table(source: Any, sheet: str | None = None) -> Table:
    """Read the cells of a file or frame, without deciding what they mean.

    Raises
    ------
    DataError
        If there is no such file, or its kind isn't known.
    """
    if not isinstance(source, str | PathLike):
        return read_frame(source)
    path = Path(source)
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(f"{path} can't be opened: {error.strerror}.") from error
    if head == b"PK\x03\x04":
        return read_excel(path, sheet)
    if sheet is not None:
        raise DataError(f"sheet={sheet!r} was given, but {path.name} is no Excel workbook.")
    if head == b"PAR1":
        return read_parquet(path)
    if head in (b"$FL2", b"$FL3"):
        return read_spss(path)
    if head == b"\xd0\xcf\x11\xe0":
        raise DataError(
            f"{path.name} is an old or a password-protected Office file; save it as .xlsx without "
            "a password, or as CSV."
        )
    return read_delimited(path)


def says_simulated(table: Table) -> bool:
    """Tell whether a column "simulated" says of any row that nobody gave its answers."""
    said = {
        str(cell).casefold()
        for column in table.columns
        if column.name.strip().casefold() == SIMULATED
        for cell in set(texts(column.values, column.labels))
    }
    return not said.isdisjoint({"true", "yes", "1"})


def _people(
    table: Table, instrument: Instrument, positions: Mapping[str, int], allow_undeclared: bool
) -> tuple[pd.DataFrame, list[Placed]]:
    """Return row number, site, the other roles and weight of each row."""
    made: dict[str, Any] = {"row": np.arange(1, table.n_rows + 1)}
    made["site"] = np.full(table.n_rows, None, dtype=object)
    placed: list[Placed] = []
    for role in COLUMN_ROLES:
        if role not in positions or role in DURATION_ROLES:
            continue
        column, spot = table.columns[positions[role]], table.spot(positions[role], role)
        if role == "site":
            made[role], found = read_site(column, instrument, spot, allow_undeclared)
        elif role == "language":
            made[role], found = read_language(column, instrument, spot)
        elif role == "weight":
            made[role], found = read_weight(column, spot)
        else:
            made[role], found = read_text_role(column, spot)
        placed += found
    # Said explicitly, or pandas would make its own string type of some columns and not of others.
    typed = {name: pd.Series(values, dtype=values.dtype) for name, values in made.items()}
    return pd.DataFrame(typed), placed


def _answers(
    table: Table,
    instrument: Instrument,
    positions: Mapping[str, int],
    commas: list[tuple[int, Answers]],
    released: Sequence[Mapping[str, str]] = (),
) -> tuple[pd.DataFrame, pd.DataFrame, list[Placed]]:
    """Return codes and statuses of all items, in the instrument's order.

    Columns with decimal commas are added to `commas`.
    """
    keys: dict[str, AnswerKey] = {
        key: answer_key(answers, instrument, instrument.locales, released)
        for key, answers in instrument.response_sets.items()
    }
    values = np.full((table.n_rows, len(instrument.items)), np.nan)
    status = np.full((table.n_rows, len(instrument.items)), BLANK, dtype=object)
    placed: list[Placed] = []
    for order, item in enumerate(instrument.items.values()):
        if item.key not in positions:
            continue
        at = positions[item.key]
        decoded = decode(table.columns[at], keys[item.response_set], table.spot(at, item.key))
        values[:, order], status[:, order] = decoded.values, decoded.status
        placed += decoded.findings
        if decoded.decimal_commas:
            commas.append((at, decoded))
    names = list(instrument.items)
    made = pd.DataFrame(status, columns=names, dtype=object)
    return pd.DataFrame(values, columns=names), made, placed


def _decimal_commas(table: Table, commas: list[tuple[int, Answers]]) -> list[Placed]:
    """Report all decimal commas in one finding: they are a habit of the file."""
    if not commas:
        return []
    return [
        place(
            FILE,
            "decimal_commas",
            "warning",
            table.source,
            count=sum(decoded.decimal_commas for _, decoded in commas),
            columns=shown_names(table.names[at] for at, _ in commas),
            example=commas[0][1].comma_example,
        )
    ]


def _comparators(
    table: Table,
    instrument: Instrument,
    positions: Mapping[str, int],
    commas: list[tuple[int, Answers]],
    released: Sequence[Mapping[str, str]] = (),
) -> tuple[pd.DataFrame, list[Placed]]:
    """Return the comparators that have a column: codes or numbers, texts where nominal.

    Columns with decimal commas are added to `commas`.
    """
    made: dict[str, Any] = {}
    placed: list[Placed] = []
    for key, comparator in instrument.comparators.items():
        if key not in positions:
            continue
        at = positions[key]
        if comparator.kind == "nominal" and comparator.response_set is None:
            said = texts(table.columns[at].values, table.columns[at].labels)
            made[key] = pd.Series(said, dtype=object)
            continue
        answers = comparator_key(comparator, instrument, released)
        decoded = decode(table.columns[at], answers, table.spot(at, key))
        made[key] = decoded.values
        placed += decoded.findings
        if decoded.decimal_commas:
            commas.append((at, decoded))
    return pd.DataFrame(made, index=range(table.n_rows)), placed
