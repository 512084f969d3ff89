"""PAPERS ratings of a study: the scale by which implementation research rates its measures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.judgements import Judgements, PapersScore
from psychometrics.validity.rating_rules import PapersCriterion, PapersRules
from psychometrics.validity.selection import SITE, TOTAL, WITHIN
from psychometrics.validity.units import tidy

PAPERS_COLUMNS = (
    "criterion", "domain", "subject", "group", "pooling", "score", "estimate", "n_obs", "basis",
    "by", "date", "source", "reason", "note",
)  # fmt: skip

Row = dict[str, Any]


def papers(
    study: Any,
    *,
    criteria: PapersRules | str | PathLike[str] | None = None,
    judgements: Judgements | str | PathLike[str] | None = None,
) -> pd.DataFrame:
    """Rate a validation by the Psychometric and Pragmatic Evidence Rating Scale.

    Parameters
    ----------
    study : ValidityReport or Study
        What :func:`psychometrics.validate` returned.
    criteria : path, optional
        Anchors in a file of one's own, a copy of ``papers.yaml``; those of the validation if left
        out.
    judgements : path, optional
        What people scored; what was given to the validation if left out.

    Returns
    -------
    DataFrame
        One row a criterion, subject and unit; ``score`` from -1 (poor) to 4 (excellent). Subject
        is a scale, or empty for the whole measure. ``basis`` is ``data``, ``people`` or
        ``nobody``, and a criterion that nobody rated has no score and a reason.

    Raises
    ------
    DocumentError
        If a file has faults.

    Examples
    --------
    >>> from psychometrics import simulate_responses, validate
    >>> report = validate("hs1939", simulate_responses("hs1939", 60, rng=1), n_boot=20)
    >>> brevity = papers(report).query("criterion == 'brevity'").iloc[0]
    >>> int(brevity["score"]), int(brevity["estimate"])
    (4, 9)
    """
    made = getattr(study, "study", study)
    used = made.ratings.replaced(made.instrument, papers=criteria, judgements=judgements)
    return papers_table(made.tables, made.instrument, used.papers, used.judgements)


def papers_table(
    tables: Mapping[str, pd.DataFrame],
    instrument: Instrument,
    rules: PapersRules,
    judgements: Judgements,
) -> pd.DataFrame:
    """Return the scores of every criterion, see :func:`papers`."""
    rows: list[Row] = []
    for one in rules.criteria:
        made: list[Row] = []
        match one.statistic:
            case "alpha":
                made = _consistency(one, tables["reliability"], instrument)
            case "cohens_d":
                made = _convergent(one, tables["hypotheses"])
            case "n_items":
                value = float(len(instrument.items))
                made = [_row(one, "", TOTAL, None, value, math.nan)]
        made += [_scored(one, each) for each in judgements.papers if each.criterion == one.key]
        rows += made or [_nobody(one)]
    frame = tidy(rows, PAPERS_COLUMNS)
    frame["note"] = pd.Series([row["note"] for row in rows], index=frame.index, dtype=object)
    return frame


def _row(
    one: PapersCriterion, subject: str, pooling: str, group: str | None, value: float,
    n_obs: float, why: Reason = NO_REASON,
) -> Row:  # fmt: skip
    """Return the row of one value; without an anchor for it there is a reason."""
    score = None if math.isnan(value) else one.score(value)
    if score is None and not why:
        why = reason("no_anchor", value=value)
    return {
        "criterion": one.key, "domain": one.domain, "subject": subject, "group": group,
        "pooling": pooling, "score": math.nan if score is None else float(score),
        "estimate": value, "n_obs": n_obs, "basis": "data", "by": "", "date": "",
        "source": one.source, "reason": why, "note": NO_REASON,
    }  # fmt: skip


def _nobody(one: PapersCriterion) -> Row:
    why = reason("not_assessed_here") if one.statistic else reason("not_scored")
    return {**_row(one, "", TOTAL, None, math.nan, math.nan, why), "basis": "nobody"}


def _scored(one: PapersCriterion, given: PapersScore) -> Row:
    """Return what one person scored."""
    told = {
        "basis": "people", "score": float(given.score), "by": given.by,
        "date": given.date.isoformat(), "note": reason("judged", told=given.reason),
        "reason": NO_REASON,
    }  # fmt: skip
    where = (SITE if given.site else TOTAL, given.site)
    return _row(one, given.scale or "", *where, math.nan, math.nan) | told


def _units(frame: pd.DataFrame) -> dict[tuple[str, str | None], list[Row]]:
    """Return the rows of every unit, and no synthesis."""
    found: dict[tuple[str, str | None], list[Row]] = {}
    for record in frame.to_dict("records"):
        row = {str(name): cell for name, cell in record.items()}
        if row["pooling"] in (TOTAL, WITHIN, SITE):
            group = row["group"] if isinstance(row["group"], str) else None
            found.setdefault((row["pooling"], group), []).append(row)
    return found


def _consistency(
    one: PapersCriterion, reliability: pd.DataFrame, instrument: Instrument
) -> list[Row]:
    """Return alpha's score of every scale and, as the worst counts, of the measure."""
    barred = formative_scales(instrument)
    alpha = reliability[
        (reliability["coefficient"] == "alpha") & ~reliability["scale"].isin(list(barred))
    ]
    made: list[Row] = []
    for (pooling, group), mine in _units(alpha).items():
        scales = [
            _row(one, str(row["scale"]), pooling, group, float(row["estimate"]),
                 float(row["n_obs"]), row["reason"] if math.isnan(row["estimate"]) else NO_REASON)
            for row in mine
        ]  # fmt: skip
        made += [together(one, scales), *scales]
    return made


def _convergent(one: PapersCriterion, hypotheses: pd.DataFrame) -> list[Row]:
    """Return the score of the convergent correlations, each as Cohen's d, per scale and in all."""
    made: list[Row] = []
    for (pooling, group), mine in _units(hypotheses[hypotheses["kind"] == "convergent"]).items():
        by_scale: dict[str, list[Row]] = {}
        for row in mine:
            sign = -1.0 if row["direction"] == "negative" else 1.0
            value = cohens_d(sign * float(row["estimate"]))
            why = row["reason"] if math.isnan(value) else NO_REASON
            scale = str(row["scale"])
            told = _row(one, scale, pooling, group, value, float(row["n_obs"]), why)
            by_scale.setdefault(scale, []).append(told)
        every = [row for rows in by_scale.values() for row in rows]
        made.append(together(one, every))
        made += [{**together(one, rows), "subject": scale} for scale, rows in by_scale.items()]
    return made


def cohens_d(correlation: float) -> float:
    """Return the standardised difference that a correlation stands for, with equal groups.

    Examples
    --------
    >>> round(cohens_d(0.3), 4)
    0.629
    """
    size = 1 - correlation**2
    if math.isnan(size):
        return math.nan
    return 2 * correlation / math.sqrt(size) if size > 0 else math.copysign(np.inf, correlation)


def together(one: PapersCriterion, rows: Sequence[Row]) -> Row:
    """Return the row of the whole: the worst score, or the most frequent one.

    Of two scores that are equally frequent, the lower.
    """
    scored = [row for row in rows if not math.isnan(row["score"])]
    if not scored:
        return {**rows[0], "subject": "", "estimate": math.nan}
    if one.together == "worst":
        chosen = min(scored, key=lambda row: row["estimate"])
    else:
        counts = Counter(row["score"] for row in scored)
        most = max(counts.values())
        score = min(value for value, count in counts.items() if count == most)
        chosen = next(row for row in scored if row["score"] == score)
    alone = len(scored) == 1
    shown = chosen["estimate"] if one.together == "worst" or alone else math.nan
    note = reason("scores_together", count=len(scored), how=one.together.replace("_", " "))
    n_obs = min(row["n_obs"] for row in scored)
    return {
        **chosen, "subject": "", "estimate": shown, "n_obs": n_obs,
        "note": NO_REASON if alone else note,
    }  # fmt: skip
