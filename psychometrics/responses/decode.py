"""What each cell of an item or comparator column answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psychometrics.errors import CatalogError, Severity
from psychometrics.instrument import Comparator, Instrument
from psychometrics.instrument.definition import ResponseSet
from psychometrics.responses.cells import (
    distinct,
    folded,
    is_blank,
    number_text,
    parse_number,
    shown,
    shown_counts,
    shown_rows,
    spread,
)
from psychometrics.responses.table import Column, Placed, Spot

ANSWERED, BLANK, IMPOSSIBLE = "answered", "blank", "impossible"
STATUSES = (ANSWERED, BLANK, IMPOSSIBLE)
_ANSWERED, _BLANK, _IMPOSSIBLE, _UNREAD = 0, 1, 2, -1


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """The answers that can be given, and everything that stands for one in a file.

    Attributes
    ----------
    codes : tuple of float
        Codes of the options; empty for a range.
    low, high : float
        Limits of a range.
    missing : Mapping
        Index into `statuses` by missing code.
    words : Mapping
        Code by folded text; texts that could mean two answers are left out.
    statuses : tuple of str
        What can be said of a cell.
    expected : str
        The possible answers, for a message.
    """

    codes: tuple[float, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    missing: Mapping[float, int] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)
    statuses: tuple[str, ...] = STATUSES
    expected: str = "a number"

    @property
    def fault(self) -> str:
        """Code of the finding for a number that is no possible answer."""
        return "impossible_code" if self.codes else "out_of_range"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A decoded column: codes (NaN where there is no usable answer), status by cell, findings.

    `decimal_commas` counts the cells that were written with one; `comma_example` is one.
    """

    values: NDArray[np.float64]
    status: NDArray[Any]
    findings: tuple[Placed, ...]
    decimal_commas: int = 0
    comma_example: str = ""


def answer_key(
    answers: ResponseSet,
    instrument: Instrument,
    locales: Iterable[str],
    released: Iterable[Mapping[str, str]] = (),
) -> AnswerKey:
    """Gather what stands for each answer: codes, keys, and texts in the given languages.

    `released` holds the texts of releases by key, which count beside those that are valid now.
    """
    told = tuple(released)
    words: dict[str, set[float]] = {}
    for kind, parts in (("option", answers.options), ("missing", answers.missing)):
        for part in parts:
            said = {part.key, part.text}
            for locale in locales:
                try:
                    said.add(instrument.text(f"{kind}.{answers.key}.{part.key}", locale))
                except CatalogError:
                    continue  # no finished translation: nobody can have answered with it
            name = f"{kind}.{answers.key}.{part.key}"
            said |= {texts[name] for texts in told if texts.get(name)}
            said |= {text.replace("|", "¦") for text in said}  # as REDCap has it
            for text in said:
                words.setdefault(folded(text), set()).add(float(part.code))
    missing = {float(one.code): len(STATUSES) + at for at, one in enumerate(answers.missing)}
    if answers.range is None:
        expected = ", ".join(map(str, answers.codes))
    else:
        expected = f"{number_text(answers.minimum)} … {number_text(answers.maximum)}"
    return AnswerKey(
        tuple(map(float, answers.codes)),
        answers.minimum,
        answers.maximum,
        missing,
        {text: next(iter(codes)) for text, codes in words.items() if len(codes) == 1},
        (*STATUSES, *(one.key for one in answers.missing)),
        expected,
    )


def comparator_key(
    comparator: Comparator, instrument: Instrument, released: Iterable[Mapping[str, str]] = ()
) -> AnswerKey:
    """Return the answer key of a comparator; any number where it has no response set."""
    if comparator.response_set is None:
        return AnswerKey()
    return answer_key(
        instrument.response_sets[comparator.response_set], instrument, instrument.locales, released
    )


def decode(column: Column, key: AnswerKey, spot: Spot) -> Answers:
    """Turn the cells of one column into codes and statuses, with findings for those that can't.

    Parameters
    ----------
    column : Column
        The cells.
    key : AnswerKey
        What they may say.
    spot : Spot
        The column, for the findings.

    Returns
    -------
    Answers
        One code and one status a row.
    """
    index, found = distinct(column.values)
    findings: list[Placed] = []
    commas = np.zeros(len(found), dtype=bool)
    status = np.full(len(found), _ANSWERED)
    if found.dtype == object:
        numbers, status, commas = _read_texts(found, key)
    else:
        numbers, findings = _by_label(column, found.astype(np.float64), key, spot)
    status = np.where(status == _ANSWERED, _judged(numbers, key), status)
    if column.user_missing and found.dtype != object:
        declared = _declared_missing(found, column) & (status <= _IMPOSSIBLE)
        findings += _told(spot, "user_missing", declared, index, found, "")
        status[declared] = _BLANK
    said = numbers if found.dtype == object else found
    findings += _told(spot, "unknown_text", status == _UNREAD, index, found, key.expected)
    findings += _told(spot, key.fault, status == _IMPOSSIBLE, index, said, key.expected)
    status[status == _UNREAD] = _IMPOSSIBLE
    values = np.where(status == _ANSWERED, numbers, np.nan)
    statuses = np.array(key.statuses, dtype=object)[status]
    return Answers(
        spread(index, values, np.nan),
        spread(index, statuses, BLANK),
        tuple(findings),
        int(spread(index, commas, False).sum()),
        shown(found[commas][0]) if commas.any() else "",
    )


def _read_texts(
    found: NDArray[Any], key: AnswerKey
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.bool_]]:
    """Return number, status so far and presence of a decimal comma of each distinct text."""
    numbers = np.full(len(found), np.nan)
    status = np.zeros(len(found), dtype=np.intp)
    commas = np.zeros(len(found), dtype=bool)
    for at, text in enumerate(found):
        number = parse_number(text)
        if number is None:
            number = key.words.get(folded(text))
            if number is None:
                status[at] = _BLANK if is_blank(text) else _UNREAD
                continue
        else:
            commas[at] = "," in text
        numbers[at] = number
    return numbers, status, commas


def _judged(numbers: NDArray[np.float64], key: AnswerKey) -> NDArray[np.intp]:
    """Return the status of each number: an answer, a missing code, or impossible."""
    if key.codes:
        possible = np.isin(numbers, key.codes)
    else:
        possible = np.isfinite(numbers) & (numbers >= key.low) & (numbers <= key.high)
    status = np.where(possible, _ANSWERED, _IMPOSSIBLE)
    for code, at in key.missing.items():
        status[numbers == code] = at
    return status


def _by_label(
    column: Column, found: NDArray[np.float64], key: AnswerKey, spot: Spot
) -> tuple[NDArray[np.float64], list[Placed]]:
    """Return numbers as the instrument codes them, where value labels say what they mean.

    The label decides, since it is what the respondent read. Once one label shows that the file
    codes the options otherwise, a number without a recognised label means nothing any more.
    """
    meaning = {
        code: key.words[folded(text)]
        for code, text in column.labels.items()
        if folded(text) in key.words
    }
    changed = sorted((code, new) for code, new in meaning.items() if code != new)
    if not changed:
        return found, []
    other = any(new not in key.missing for _, new in changed)
    unknown = [code if code in key.missing or not other else np.inf for code in found]
    recoded = [meaning.get(code, left) for code, left in zip(found, unknown, strict=True)]
    pairs = ", ".join(f"{number_text(old)} → {number_text(new)}" for old, new in changed)
    return np.array(recoded), [spot.tells("recoded_labels", "warning", recoding=pairs)]


def _declared_missing(found: NDArray[Any], column: Column) -> NDArray[np.bool_]:
    inside = [(found >= low) & (found <= high) for low, high in column.user_missing]
    return np.logical_or.reduce(inside)


def _told(
    spot: Spot,
    code: str,
    chosen: NDArray[np.bool_],
    index: NDArray[np.intp],
    found: NDArray[Any],
    expected: str,
) -> list[Placed]:
    """Report the cells whose value is among the chosen ones, with values, counts and rows."""
    if not chosen.any():
        return []
    counts = np.bincount(index[index >= 0], minlength=len(found))
    rows = tuple((np.flatnonzero(spread(index, chosen, False)) + 1).tolist())
    values = shown_counts(found[chosen], counts[chosen].tolist())
    severity: Severity = "warning" if code == "user_missing" else "error"
    told = spot.tells(
        code,
        severity,
        count=len(rows),
        values=values,
        expected=expected,
        rows=rows,
        rows_text=shown_rows(rows),
    )
    return [told]
