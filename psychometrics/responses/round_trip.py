"""Whether answers come home: made by lot, handed over as each tool does, and read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from psychometrics.fielding.answer_files import Shape, drawn_answers, shapes_of
from psychometrics.fielding.questionnaire import Questionnaire, questionnaire_of
from psychometrics.responses.read import read_responses
from psychometrics.responses.responses import Responses
from psychometrics.translation.release import Release


@dataclass(frozen=True)
class RoundTrip:
    """What became of the answers in one shape.

    Attributes
    ----------
    shape : str
        The export, such as "Kobo, labels in he_IL".
    n_rows, n_cells : int
        People, and cells that were compared.
    differing : tuple of str
        Where something else came back: column, how many rows, an example.
    """

    shape: str
    n_rows: int
    n_cells: int
    differing: tuple[str, ...]


def round_trips(
    release: Release,
    target: str,
    *,
    n: int = 200,
    rng: int | np.random.Generator | None = 0,
    locales: Iterable[str] | None = None,
    site: str | None = None,
) -> tuple[RoundTrip, ...]:
    """Hand answers over in every shape of a tool, read them back, and compare every cell.

    Parameters
    ----------
    release : Release
        What is asked.
    target : str
        The tool, as for :func:`~psychometrics.fielding.targets.export_form`.
    n : int
        How many people; their answers are drawn by lot and measure nothing.
    rng : int or Generator
        Seed.
    locales, site
        As for the form.
    """
    form = questionnaire_of(release, locales=locales, site=site)
    answers = drawn_answers(form, n, np.random.default_rng(rng))
    return tuple(
        _trip(release, form, answers, name, shape)
        for name, shape in shapes_of(target, form).items()
    )


def _trip(
    release: Release, form: Questionnaire, answers: pd.DataFrame, name: str, shape: Shape
) -> RoundTrip:
    made = shape(form, answers)
    with TemporaryDirectory() as folder:
        path = Path(folder) / made.name
        path.write_bytes(made.content)
        read = read_responses(path, form.instrument, release=release)
    differing: list[str] = []
    for column in ("site", "language", "form_version", "mode"):
        if column in answers:
            differing += _different(column, answers[column], read.frame.get(column))
    for question in form.questions:
        known = read.answer_status if question.key in form.instrument.items else None
        differing += _codes(form, question.key, answers[question.key], read, known)
    cells = len(answers) * (len(form.questions) + 4)
    return RoundTrip(name, len(answers), cells, tuple(differing))


def _codes(
    form: Questionnaire,
    key: str,
    given: pd.Series,
    read: Responses,
    status: pd.DataFrame | None,
) -> list[str]:
    """Compare answers; of an item, also why there is none."""
    question = next(each for each in form.questions if each.key == key)
    if question.kind == "text":
        return _different(key, given, read.frame.get(key))
    answers = form.answers_to(question)
    missing = {float(choice.code): choice.key for choice in answers.missing} if answers else {}
    counted = given.where(~given.isin(list(missing)))
    found = _different(key, counted, read.frame.get(key))
    if status is not None:
        why = given.map(missing).where(given.isin(list(missing)), "answered")
        why = why.where(given.notna(), "blank")
        found += _different(f"{key} (status)", why, status[key])
    return found


def _different(column: str, given: pd.Series, read: pd.Series | None) -> list[str]:
    if read is None:
        return [f"{column}: nothing came back"]
    a, b = given.reset_index(drop=True), read.reset_index(drop=True)
    same = (a == b) | (a.isna() & b.isna())
    if same.all():
        return []
    at = int(np.flatnonzero(~same.to_numpy())[0])
    return [f"{column}: {int((~same).sum())} rows, such as {a[at]!r} that became {b[at]!r}"]
