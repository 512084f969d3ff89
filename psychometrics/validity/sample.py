"""Who answered, and how much is missing, with questions that don't apply told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from psychometrics.responses import Responses
from psychometrics.stats.moments import BoolArray
from psychometrics.validity.selection import SITE, TOTAL, Selection
from psychometrics.validity.sites import sites_of

SAMPLE_COLUMNS = (
    "group", "pooling", "n_rows", "n_complete", "n_partial", "n_empty", "missing_share",
    "structural_share", "n_listwise",
)  # fmt: skip

FORM_COLUMNS = ("variable", "value", "group", "pooling", "n_rows", "share")
FORM_ROLES = ("language", "mode", "form_version")
"""What tells which form a person answered, and how."""


def sample_table(responses: Responses) -> pd.DataFrame:
    """Count rows by how much of them was answered, in total and per site.

    Parameters
    ----------
    responses : Responses
        What was answered.

    Returns
    -------
    DataFrame
        ``n_complete``: rows with an answer to every question that applies. ``n_partial``: rows
        with some of them. ``n_empty``: rows with none. ``missing_share``: of the answers that
        could exist, the share that is not there. ``structural_share``: of all cells, the share
        that can't have an answer, such as "not applicable". ``n_listwise``: rows with an answer
        to every item, which is what a model of all items is fitted to.
    """
    items = list(responses.instrument.items)
    answered = responses.frame[items].notna().to_numpy()
    structural = structural_cells(responses)
    missing = ~answered & ~structural
    sites = sites_of(responses)
    rows = []
    for pooling, group in [(TOTAL, None), *((SITE, name) for name in sites.names)]:
        here = sites.rows(group)
        some, gaps = answered[here].any(axis=1), missing[here].any(axis=1)
        n_rows, cells = int(here.sum()), int(here.sum()) * len(items)
        applicable = cells - int(structural[here].sum())
        rows.append(
            {
                "group": group,
                "pooling": pooling,
                "n_rows": n_rows,
                "n_complete": int((some & ~gaps).sum()),
                "n_partial": int((some & gaps).sum()),
                "n_empty": int((~some).sum()),
                "missing_share": _share(int(missing[here].sum()), applicable),
                "structural_share": _share(cells - applicable, cells),
                "n_listwise": int(answered[here].all(axis=1).sum()),
            }
        )
    made = pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))
    made["group"] = pd.Series([row["group"] for row in rows], dtype=object)
    return made


def forms_table(responses: Responses) -> pd.DataFrame:
    """Count who answered in which language and mode, and which version, in total and per site.

    Returns
    -------
    DataFrame
        One row a ``variable``, ``value`` that somebody has (None where it isn't known) and place;
        ``share`` is of the place's rows. No rows where nothing is known.
    """
    frame, sites = responses.frame, sites_of(responses)
    rows = []
    for variable in (role for role in FORM_ROLES if role in frame):
        said = frame[variable].astype(object)
        said = said.where(said.notna(), None)
        values = sorted({value for value in said if value is not None})
        for value in [*values, None]:
            has = (said.isna() if value is None else said == value).to_numpy(dtype=bool)
            for pooling, group in [(TOTAL, None), *((SITE, name) for name in sites.names)]:
                here = sites.rows(group)
                count = int((has & here).sum())
                if count:
                    rows.append((variable, value, group, pooling, count, count / int(here.sum())))
    made = pd.DataFrame(rows, columns=list(FORM_COLUMNS))
    for name in ("value", "group"):
        at = FORM_COLUMNS.index(name)
        made[name] = pd.Series([row[at] for row in rows], index=made.index, dtype=object)
    return made


def structural_cells(responses: Responses) -> BoolArray:
    """Return where no answer can exist, because the question does not apply; shape (n, items)."""
    instrument = responses.instrument
    columns = []
    for key, item in instrument.items.items():
        missing = instrument.response_sets[item.response_set].missing
        keys = [answer.key for answer in missing if answer.structural]
        columns.append(responses.answer_status[key].isin(keys).to_numpy(dtype=bool))
    return np.column_stack(columns)


def structural_of(responses: Responses, chosen: Selection) -> BoolArray:
    """Return the structural cells of the items of a selection, in its order."""
    at = {item: i for i, item in enumerate(responses.instrument.items)}
    return structural_cells(responses)[:, [at[item] for item in chosen.keyed.items]]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
