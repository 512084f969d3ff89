"""Answers in JSON: FHIR QuestionnaireResponses, and the file of the web form."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from psychometrics.errors import DataError
from psychometrics.responses.cells import number_text
from psychometrics.responses.table import Column, Table

MOST_BYTES: Final = 500_000_000
NO_ANSWER: Final = ".no_answer"
Row = dict[str, str]


def looks_like_json(path: Path) -> bool:
    """Tell whether a file begins as JSON does; one that can't be opened does not."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        return False
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json(path: Path) -> tuple[Table, str]:
    """Read a file of JSON, and say which tool wrote it.

    Raises
    ------
    DataError
        If it is no JSON, or holds no answers that are known here.
    """
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name} is larger than {MOST_BYTES} bytes; split it.")
    try:
        with _no_collection():
            said = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path.name} looks like JSON and can't be read as such: {error}."
        ) from None
    responses = list(_responses(said))
    if responses:
        with _no_collection():
            rows = [_response_row(each) for each in responses]
        return _table(rows, path.name), "fhir"
    if isinstance(said, list) and said and all(isinstance(row, dict) for row in said):
        rows = [
            {str(name): _text(value) for name, value in row.items() if value is not None}
            for row in said
        ]
        return _table(rows, path.name), "web"
    raise DataError(
        f"{path.name} holds no answers that are known here: expected were FHIR "
        "QuestionnaireResponses, alone or in a Bundle, or a list of rows."
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking through millions of new objects again and again for cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, int | float) else str(value)


def _table(rows: list[Row], source: str) -> Table:
    """Return rows as columns of texts, in the order in which names are first met."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = []
    for name in names:
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [row.get(name) for row in rows]
        columns.append(Column(name, cells))
    return Table(tuple(columns), len(rows), source)


def _responses(told: Any) -> Iterator[dict[str, Any]]:
    if isinstance(told, list):
        for each in told:
            yield from _responses(each)
    elif isinstance(told, dict):
        kind = told.get("resourceType")
        if kind == "QuestionnaireResponse":
            yield told
        elif kind == "Bundle":
            for entry in told.get("entry") or ():
                if isinstance(entry, dict):
                    yield from _responses(entry.get("resource"))


def _response_row(resource: dict[str, Any]) -> Row:
    """Return the answers of one person by linkId, and what the resource says of itself."""
    row: Row = {}
    for field, name in (("id", "respondent"), ("language", "language"), ("authored", "end")):
        if isinstance(resource.get(field), str):
            row[name] = resource[field]
    version = str(resource.get("questionnaire", "")).partition("|")[2]
    if version:
        row["form_version"] = version
    # A loop with a stack: there are as many items as answers, and a generator a level is slow.
    waiting = [resource]
    while waiting:
        node = waiting.pop()
        items = node.get("item")
        if items:
            waiting.extend(item for item in reversed(items) if isinstance(item, dict))
        answers, link = node.get("answer"), node.get("linkId")
        if not answers or not isinstance(answers, list):
            continue
        waiting.extend(each for each in answers if isinstance(each, dict) and "item" in each)
        told = _answer(answers[0])
        if isinstance(link, str) and told is not None:
            row[link.removesuffix(NO_ANSWER)] = told
    return row


def _answer(answer: Any) -> str | None:
    """Return what an answer says: of a coding its code, else its display."""
    if not isinstance(answer, dict):
        return None
    coding = answer.get("valueCoding")
    if isinstance(coding, dict) and isinstance(coding.get("code"), str):
        return str(coding["code"])
    for name, value in answer.items():
        if not name.startswith("value") or value is None:
            continue
        if isinstance(value, dict):
            value = value.get("code") or value.get("display") or value.get("value")
        return None if value is None else _text(value)
    return None
