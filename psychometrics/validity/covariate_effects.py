"""Factors and items predicted by site, language and other facts about people (MIMIC models)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, DataError, check_option
from psychometrics.stats.cfa.release_scores import release_scores
from psychometrics.stats.dif_adjust import Adjust, adjusted_p_values
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.frames import check_columns, is_missing, to_narwhals
from psychometrics.validity.selection import ResponseRange, Scales, select
from psychometrics.validity.structure import cfa
from psychometrics.validity.threads import one_blas_thread

COVARIATE_COLUMNS = (
    "kind", "scale", "item", "covariate", "value", "reference", "estimate", "se", "low", "high",
    "level", "chi2", "df", "p_value", "p_adjusted", "n_obs", "n_value", "method", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Dummy:
    """One column that predicts.

    Attributes
    ----------
    name : str
        In the model.
    covariate : str
        Column of the data.
    value, reference : str or None
        What a 1 stands for, and a 0; None for a covariate of numbers.
    """

    name: str
    covariate: str
    value: str | None
    reference: str | None


@one_blas_thread()
def mimic(
    data: Any,
    scales: Scales,
    covariates: Sequence[str],
    *,
    references: Mapping[str, str] | None = None,
    estimator: Literal["ML", "MLR", "MLM"] = "MLR",
    adjust: Adjust = "holm",
    level: float = 0.95,
    response_range: ResponseRange = None,
) -> pd.DataFrame:
    """Predict factors by covariates, and ask of every item whether it follows them beyond that.

    One model of all people, so that groups too small for models of their own can take part. It
    supposes equal loadings and variances in all groups; :func:`dif` doesn't.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, and the columns of the covariates. Complete rows are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    covariates : sequence of str
        Columns, such as site and language. Text is turned into one column of 0 and 1 for each
        value but the reference; numbers are taken as they are.
    references : mapping of covariate to value, optional
        What the other values are held against; by default the first one found.
    estimator : {"ML", "MLR", "MLM"}
    adjust : {"holm", "bh", "none"}
        Over all items and covariates.
    level : float
        Coverage.
    response_range : optional
        As for :func:`psychometrics.reliability`.

    Returns
    -------
    DataFrame
        ``kind`` "factor": how far people of a value stand above the reference, in standard
        deviations of the factor given the covariates. ``kind`` "item": the score test of a direct
        effect on an item, beside what the factor explains, with the change expected of it
        (``estimate``, in points).

    Raises
    ------
    DataError
        Covariates that can't be told apart, as where each language lives at one site; absent
        columns; what :func:`psychometrics.cfa` refuses.

    References
    ----------
    Jöreskog, K. G., & Goldberger, A. S. (1975). Estimation of a model with multiple indicators and
    multiple causes of a single latent variable. Journal of the American Statistical Association,
    70, 631-639. doi:10.1080/01621459.1975.10482485
    Muthén, B. O. (1989). Latent variable modeling in heterogeneous populations. Psychometrika, 54,
    557-585. doi:10.1007/BF02296397

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> site = np.repeat(["ulm", "pune"], 200)
    >>> trait = rng.normal(size=400) + 0.5 * (site == "pune")
    >>> answer = trait[:, None] + rng.normal(size=(400, 4))
    >>> answer[site == "pune", 2] += 0.8
    >>> found = mimic(pd.DataFrame(answer, columns=list("abcd")).assign(site=site),
    ...               {"S": list("abcd")}, ["site"])
    >>> found.loc[found["p_adjusted"] < 0.001, "item"].tolist()
    ['c']
    """
    check_option("estimator", estimator, ("ML", "MLR", "MLM"))
    check_option("adjust", adjust, ("holm", "bh", "none"))
    check_level(level)
    need_answers(data, "mimic()")
    names = list(dict.fromkeys(covariates))
    if not names:
        raise DataError("covariates is empty; name one column or more.")
    chosen = select(data, scales, response_range=response_range)
    frame = to_narwhals(data)
    check_columns(frame, names)
    dummies, columns = dummy_columns(frame, names, references or {})
    complete = chosen.observed.all(axis=1) & np.isfinite(columns).all(axis=1)
    refuse_aliased(columns[complete], dummies)
    items = {item: f"y{at}" for at, item in enumerate(chosen.keyed.items)}
    answers = pd.DataFrame(
        np.column_stack([chosen.values, columns])[complete],
        columns=[*items.values(), *(one.name for one in dummies)],
    )
    factors = {f"f{at}": scale for at, scale in enumerate(chosen.keyed.scales)}
    text = model_text(factors, chosen.keyed.scales, items, [one.name for one in dummies])
    fit = cfa(text, answers, estimator=estimator, std_lv=True, level=level)
    if fit.problem:
        raise DataError(f"The model with covariates can't be used: {fit.problem}")
    n_value = {one.name: int((answers[one.name] != 0).sum()) for one in dummies}
    rows = factor_rows(fit, factors, dummies) + item_rows(
        fit, factors, chosen.keyed.scales, items, dummies, adjust
    )
    shared = {"level": level, "n_obs": fit.n_obs, "method": fit.method}
    told = [
        shared
        | {"reason": NO_REASON}
        | {
            "covariate": one.covariate, "value": one.value, "reference": one.reference,
            "n_value": n_value[one.name] if one.value is not None else fit.n_obs,
        }
        | row
        for one, row in rows
    ]  # fmt: skip
    return pd.DataFrame(told, columns=list(COVARIATE_COLUMNS))


def dummy_columns(
    frame: nw.DataFrame[Any], names: Sequence[str], references: Mapping[str, str]
) -> tuple[list[Dummy], FloatArray]:
    """Turn covariates into columns of numbers; NaN where a covariate is missing."""
    dummies: list[Dummy] = []
    columns: list[FloatArray] = []
    for name in names:
        series = frame[name]
        if series.dtype.is_numeric():
            dummies.append(Dummy(f"x{len(dummies)}", name, None, None))
            columns.append(series.cast(nw.Float64).to_numpy().astype(float))
            continue
        cells = [None if is_missing(cell) else str(cell) for cell in series.to_list()]
        values = [value for value in dict.fromkeys(cells) if value is not None]
        if len(values) < 2:
            raise DataError(f"The covariate {name!r} holds {len(values)} value; two are needed.")
        reference = references.get(name, values[0])
        check_option(f"references[{name!r}]", reference, values)
        absent = np.array([cell is None for cell in cells])
        for value in values:
            if value != reference:
                dummies.append(Dummy(f"x{len(dummies)}", name, value, reference))
                own = np.array([float(cell == value) for cell in cells])
                columns.append(np.where(absent, np.nan, own))
    return dummies, np.column_stack(columns)


def refuse_aliased(columns: FloatArray, dummies: Sequence[Dummy]) -> None:
    """Refuse covariates of which one follows from the others, naming it."""
    kept = np.ones((len(columns), 1))
    for at, one in enumerate(dummies):
        wider = np.column_stack([kept, columns[:, at]])
        if np.linalg.matrix_rank(wider) == kept.shape[1]:
            what = one.covariate if one.value is None else f"{one.covariate} {one.value}"
            raise DataError(
                f"{what} can't be told apart from the covariates before it among these people: "
                "where a language lives at one site, the design doesn't separate the two. Leave "
                "one of them out."
            )
        kept = wider


def model_text(
    factors: Mapping[str, str],
    scales: Mapping[str, Sequence[str]],
    items: Mapping[str, str],
    predictors: Sequence[str],
) -> str:
    """Write the model; direct effects stand in it as zeros, so that they can be tested."""
    lines = [
        f"{name} =~ " + " + ".join(items[item] for item in scales[scale])
        for name, scale in factors.items()
    ]
    lines += [f"{name} ~ " + " + ".join(predictors) for name in factors]
    none = " + ".join(f"0*{name}" for name in predictors)
    lines += [f"{name} ~ {none}" for name in items.values()]
    return "\n".join(lines)


def factor_rows(
    fit: CFAResult, factors: Mapping[str, str], dummies: Sequence[Dummy]
) -> list[tuple[Dummy, dict[str, Any]]]:
    """Return how factors follow the covariates."""
    known = {(row["lhs"], row["op"], row["rhs"]): row for row in fit.parameters.to_dict("records")}
    found = []
    for name, scale in factors.items():
        for one in dummies:
            row = known[name, "~", one.name]
            about = {
                key: float(row[key]) for key in ("estimate", "se", "low", "high", "p_value")
            } | {"chi2": float(row["z"]) ** 2, "df": 1}
            found.append((one, {"kind": "factor", "scale": scale, "item": None, **about}))
    return found


def item_rows(
    fit: CFAResult,
    factors: Mapping[str, str],
    scales: Mapping[str, Sequence[str]],
    items: Mapping[str, str],
    dummies: Sequence[Dummy],
    adjust: Adjust,
) -> list[tuple[Dummy, dict[str, Any]]]:
    """Return the score tests of direct effects on items."""
    layout, table = fit.fits.layout, fit.fits.table
    place = {(row.lhs, row.op, row.rhs): at for at, row in enumerate(table.rows)}
    wanted = [(scale, item, one) for scale in scales for item in scales[scale] for one in dummies]
    rows = [place[items[item], "~", one.name] for _, item, one in wanted]
    slots = np.asarray(layout.row_slots[rows])
    scores = release_scores(
        layout, fit.fits.optimum.z[:1], fit.fits.moments, slots, np.zeros(len(slots), dtype=int)
    )
    chi2, change = scores.statistic[0], scores.change[0]
    p_value = stats.chi2.sf(chi2, 1)
    adjusted = adjusted_p_values(p_value, adjust)
    return [
        (
            one,
            {
                "kind": "item", "scale": scale, "item": item, "estimate": change[at],
                "chi2": chi2[at], "df": 1, "p_value": p_value[at], "p_adjusted": adjusted[at],
            },
        )
        for at, (scale, item, one) in enumerate(wanted)
    ]  # fmt: skip
