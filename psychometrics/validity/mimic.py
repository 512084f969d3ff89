"""Factors and items on covariates of people: multiple indicators, multiple causes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.stats.cfa.completion import observed_names
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.frames import check_columns, group_codes, numeric_columns, to_narwhals
from psychometrics.validity.structure import cfa

EFFECT_COLUMNS = (
    "kind", "outcome", "covariate", "category", "reference", "estimate", "se", "z", "p_value",
    "low", "high", "std", "n_category", "n_obs", "method",
)  # fmt: skip


@dataclass(frozen=True)
class Term:
    """One column of the model's covariates.

    Attributes
    ----------
    name : str
        As the model calls it.
    covariate, category, reference : str or None
        Where it comes from; no category for a covariate of numbers.
    n : int
        People in the category.
    """

    name: str
    covariate: str
    category: str | None
    reference: str | None
    n: int


@dataclass(frozen=True)
class MimicResult:
    """A model of factors with covariates.

    Attributes
    ----------
    effects : DataFrame
        ``kind`` is ``factor`` (how far people of a category lie from the reference on a factor, all
        other covariates held constant) or ``direct`` (how much higher they answer an item than
        people of the same standing); ``std`` is in standard deviations of the factor within
        categories, or of the item for direct effects.
    fit : CFAResult
        The model behind it.
    """

    effects: pd.DataFrame
    fit: CFAResult

    def __str__(self) -> str:
        return f"MIMIC model ({self.fit.method}), n = {self.fit.n_obs}\n{self.effects}"

    def _repr_html_(self) -> str:
        return str(self.effects.to_html(index=False, float_format="{:.3f}".format, na_rep=""))


def mimic(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    covariates: Sequence[str],
    *,
    direct: Sequence[tuple[str, str]] = (),
    reference: Mapping[str, str] | None = None,
    estimator: Literal["ML", "MLR"] = "MLR",
    missing: Literal["listwise", "fiml"] = "listwise",
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> MimicResult:
    """Regress factors, and items where asked, on covariates such as site and language.

    All groups share one factor model, so far smaller groups can be compared than with a model of
    their own; in exchange, loadings, residual variances and factor variances are taken to be equal.
    :func:`psychometrics.dif` doesn't, and looks for direct effects by itself.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        As for :func:`psychometrics.cfa`.
    data : frame or Responses
        Answers and covariates.
    covariates : sequence of str
        Columns. Text is taken as categories, each against the reference; numbers as they are.
    direct : sequence of (item, covariate)
        Direct effects: the item differs at equal standing. An item needs companions without.
    reference : mapping of covariate to category, optional
        The first category in order by default.
    estimator, missing, cluster, weights, level
        As for :func:`psychometrics.cfa`.

    Raises
    ------
    DataError
        Covariates that can't be told apart, such as a language spoken at one site only and that
        site.

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
    >>> site = np.repeat(["ulm", "pune"], 500)
    >>> factor = rng.normal(size=1000) + 0.6 * (site == "pune")
    >>> frame = pd.DataFrame(factor[:, None] + rng.normal(size=(1000, 4)), columns=list("abcd"))
    >>> frame["d"] += 0.8 * (site == "pune")
    >>> found = mimic({"f": list("abcd")}, frame.assign(site=site), ["site"],
    ...               direct=[("d", "site")], reference={"site": "ulm"})
    >>> found.effects[["kind", "outcome", "category"]].values.tolist()
    [['factor', 'f', 'pune'], ['direct', 'd', 'pune']]
    >>> bool((found.effects["low"] < [0.6, 0.8]).all() and (found.effects["high"] > 0.6).all())
    True
    """
    check_level(level)
    need_answers(data, "mimic()")
    if isinstance(covariates, str) or not covariates:
        raise DataError(f"covariates={covariates!r}: give a list of columns, such as ['site'].")
    text = model if isinstance(model, str) else scale_model(model)
    frame = to_narwhals(data)
    items = observed_names(text)
    extra = [name for name in (cluster, weights) if name is not None]
    check_columns(frame, [*items, *covariates, *extra])
    made, terms = columns_of(frame, covariates, dict(reference or {}))
    told_apart(made, terms)
    table = pd.DataFrame({name: frame[name].to_list() for name in dict.fromkeys([*items, *extra])})
    table[[term.name for term in terms]] = made
    known = ~np.isnan(made).any(axis=1)
    factors = list(dict.fromkeys(re.findall(r"^\s*([\w.]+)\s*=~", text, flags=re.MULTILINE)))
    lines = [text, *(regression(factor, terms) for factor in factors)]
    for item, covariate in direct:
        own = [term for term in terms if term.covariate == covariate]
        if item not in items or not own:
            raise DataError(
                f"direct names {item!r} and {covariate!r}; items are {', '.join(items)}, "
                f"covariates {', '.join(covariates)}."
            )
        lines.append(regression(item, own))
    fit = cfa(
        "\n".join(lines), table[known], estimator=estimator, missing=missing, cluster=cluster,
        weights=weights, std_lv=True, level=level,
    )  # fmt: skip
    return MimicResult(effect_frame(fit, terms, factors), fit)


def scale_model(scales: Mapping[str, Sequence[str]]) -> str:
    """Return scales as a model; items keyed negatively just load so."""
    own = {name: [item.removeprefix("-") for item in items] for name, items in scales.items()}
    return "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in own.items())


def regression(outcome: str, terms: Sequence[Term]) -> str:
    """Return a line of the model."""
    return f"{outcome} ~ {' + '.join(term.name for term in terms)}"


def columns_of(
    frame: Any, covariates: Sequence[str], reference: dict[str, str]
) -> tuple[Any, list[Term]]:
    """Return the covariates as numbers, (n, term), with what each column is."""
    parts, terms = [], []
    for name in covariates:
        series = frame[name]
        if series.dtype.is_numeric():
            column = numeric_columns(frame, [name])
            parts.append(column)
            terms.append(Term(plain_name(name), name, None, None, int((~np.isnan(column)).sum())))
            continue
        codes, labels = group_codes(frame, name, None)
        first = str(reference.get(name, labels[0] if labels else ""))
        if first not in labels:
            raise DataError(f"{name} has no category {first!r}; it has {', '.join(labels)}.")
        for at, label in enumerate(labels):
            if label != first:
                own = np.where(codes < 0, np.nan, (codes == at).astype(float))
                parts.append(own[:, None])
                n = int((codes == at).sum())
                terms.append(Term(plain_name(f"{name}_{label}"), name, label, first, n))
    if len({term.name for term in terms}) < len(terms):
        raise DataError("Categories whose names differ in signs alone can't be told apart; rename.")
    return np.concatenate(parts, axis=1) if parts else np.empty((len(frame), 0)), terms


def plain_name(name: str) -> str:
    """Return a name that a model text can hold."""
    return "x_" + re.sub(r"\W", "_", name)


def told_apart(columns: Any, terms: Sequence[Term]) -> None:
    """Refuse covariates that say the same."""
    known = columns[~np.isnan(columns).any(axis=1)]
    centred = known - known.mean(axis=0) if len(known) else known
    rank = 0
    for at, term in enumerate(terms):
        new = int(np.linalg.matrix_rank(centred[:, : at + 1])) if len(known) else 0
        if new == rank:
            label = term.covariate if term.category is None else f"{term.covariate} {term.category}"
            raise DataError(
                f"{label} can't be told apart from the covariates before it: everybody's {label} "
                "follows from them. A language spoken at one site only is one with that site, "
                "however many people answer; leave one of the two out."
            )
        rank = new


def effect_frame(fit: CFAResult, terms: Sequence[Term], factors: Sequence[str]) -> pd.DataFrame:
    """Return the regressions of a fitted model with what they are about."""
    by_name = {term.name: term for term in terms}
    rows = []
    for row in fit.parameters.to_dict("records"):
        term = by_name.get(str(row["rhs"]))
        if row["op"] != "~" or term is None:
            continue
        factor = row["lhs"] in factors
        rows.append(
            {
                "kind": "factor" if factor else "direct", "outcome": row["lhs"],
                "covariate": term.covariate, "category": term.category,
                "reference": term.reference, "estimate": row["estimate"], "se": row["se"],
                "z": row["z"], "p_value": row["p_value"], "low": row["low"], "high": row["high"],
                "std": row["estimate"] / spread_of(fit, str(row["lhs"]), factor=factor),
                "n_category": term.n, "n_obs": fit.n_obs, "method": f"MIMIC model, {fit.method}",
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def spread_of(fit: CFAResult, name: str, *, factor: bool) -> float:
    """Return the standard deviation of a factor given the covariates (1), or of an item."""
    if factor:
        return 1.0
    return float(
        np.sqrt(fit.implied_covariance()[name].to_numpy()[fit.fits.table.observed.index(name)])
    )
