"""Traits by methods: the multitrait-multimethod matrix, its criteria and its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.campbell_fiske import campbell_fiske
from psychometrics.stats.correlation import fisher_interval, fisher_variance
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.validity.arguments import check_level
from psychometrics.validity.selection import Selection, Units, select
from psychometrics.validity.uniquenesses import Design, model_frames
from psychometrics.validity.units import tidy

TraitsByMethod = Mapping[str, Mapping[str, str | Sequence[str]]]

MATRIX_COLUMNS = (
    "trait_a", "method_a", "trait_b", "method_b", "kind", "group", "pooling", "estimate", "low",
    "high", "level", "n_obs", "method", "reason",
)  # fmt: skip
CRITERIA_COLUMNS = (
    "criterion", "group", "pooling", "n_comparisons", "n_met", "n_definite", "share", "mean",
    "level", "n_obs", "method", "reason",
)  # fmt: skip
CRITERIA_WORDS = {
    "validity": "validities above 0; definite: interval above 0",
    "heterotrait_heteromethod": "validity above other traits by other methods; definite: Zou "
    "interval of the difference above 0",
    "heterotrait_monomethod": "validity above other traits by the same method; definite: Zou "
    "interval of the difference above 0",
    "pattern": "same order of two trait pairs in two triangles; mean: Kendall's W",
}

Row = dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class MultitraitMultimethod:
    """The matrix, Campbell and Fiske's criteria, and the correlated-uniqueness model.

    Attributes
    ----------
    correlations : DataFrame
        One row two measures and unit; ``kind`` is ``validity`` (one trait, two methods),
        ``heterotrait_monomethod``, ``heterotrait_heteromethod``, or ``reliability`` (alpha, where
        a measure is a list of items).
    criteria : DataFrame
        One row a criterion and unit: comparisons, how many are met, and how many definitely.
    trait_correlations : DataFrame
        Of the model's traits, with intervals, class, and test against `cutoff`.
    parameters : DataFrame
        Standardised trait loadings, and correlations of uniquenesses within a method.
    fit : DataFrame
        The correlated-uniqueness model and three models it is compared with, by unit.
    """

    correlations: pd.DataFrame
    criteria: pd.DataFrame
    trait_correlations: pd.DataFrame
    parameters: pd.DataFrame
    fit: pd.DataFrame

    def matrix(self, *, pooling: str = "total", group: str | None = None) -> pd.DataFrame:
        """Lay the correlations of a unit out as Campbell and Fiske do.

        Parameters
        ----------
        pooling : {"total", "within", "site"}
            Which unit; a `group` is a site.
        group : str, optional
            The site.

        Returns
        -------
        DataFrame
            Lower triangle; rows and columns are (method, trait), reliabilities on the diagonal.

        Raises
        ------
        DataError
            If there is no such unit.
        """
        wanted = "site" if group is not None else pooling
        table = self.correlations
        mine = table[table["pooling"] == wanted]
        if group is not None:
            mine = mine[mine["group"] == group]
        if mine.empty:
            raise DataError(f"There is no unit with pooling={wanted!r}, group={group!r}.")
        order = list(dict.fromkeys(zip(table["method_b"], table["trait_b"], strict=True)))
        index = pd.MultiIndex.from_tuples(order, names=["method", "trait"])
        made = pd.DataFrame(np.nan, index=index, columns=index)
        for row in mine.to_dict("records"):
            place = (row["method_b"], row["trait_b"]), (row["method_a"], row["trait_a"])
            made.loc[place] = row["estimate"]
        return made

    def to_frame(self) -> pd.DataFrame:
        """Return the correlations."""
        return self.correlations

    def __repr__(self) -> str:
        """Say how the criteria turned out in total."""
        total = self.criteria[self.criteria["pooling"] == "total"]
        counts = ", ".join(
            f"{row.criterion} {row.n_met} of {row.n_comparisons}" for row in total.itertuples()
        )
        return f"<MultitraitMultimethod: {counts}>"

    def _repr_html_(self) -> str:
        """Show the criteria."""
        return str(self.criteria.to_html(index=False))


def multitrait_multimethod(
    data: Any,
    traits_by_method: TraitsByMethod,
    *,
    group: str | None = None,
    level: float = 0.95,
    cutoff: float = 0.9,
) -> MultitraitMultimethod:
    """Validate traits that several methods measured each, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        One row a person, with all methods' measures; rows complete on all of them are analysed.
    traits_by_method : mapping of str to mapping of str to (str or sequence of str)
        For each method, the column of each trait, or its items (``"-A1"`` is turned), whose mean
        is taken. Every method has every trait.
    group : str, optional
        Column of the sites.
    level : float
        Coverage of the intervals.
    cutoff : float
        Size of a trait correlation that the chi-square difference tests against.

    Returns
    -------
    MultitraitMultimethod

    Raises
    ------
    DataError
        Absent or non-numeric columns; fewer than two traits or methods; a trait that a method
        lacks.

    References
    ----------
    Campbell & Fiske (1959): see :mod:`psychometrics.stats.campbell_fiske`. Marsh (1989), Widaman
    (1985): see :mod:`psychometrics.validity.uniquenesses`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> trait = np.random.default_rng(1).normal(size=(300, 2))
    >>> measured = np.tile(trait, 3) + np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(measured, columns=["a1", "b1", "a2", "b2", "a3", "b3"])
    >>> multitrait_multimethod(frame, {m: {"A": f"a{m}", "B": f"b{m}"} for m in "123"})
    <MultitraitMultimethod: validity 6 of 6, heterotrait_heteromethod 12 of 12, ...>
    """
    check_level(level)
    if not 0 < cutoff <= 1:
        raise DataError(f"cutoff={cutoff!r} is no size of a correlation; give 0.9, say.")
    design, scales = read_design(traits_by_method)
    chosen = select(data, scales, group=group)
    units, reliabilities = measures(chosen)
    problems = [measure_problem(units, unit, design) for unit in range(len(units))]
    correlation = np.clip(correlation_of(units.covariance), -1.0, 1.0)
    rows: list[Row] = []
    counted: list[Row] = []
    for unit, why in enumerate(problems):
        n = min(float(units.n[unit]), float(units.df[unit]) + 1)
        base = {"group": units.group[unit], "pooling": units.pooling[unit], "level": level,
                "n_obs": int(units.n[unit]), "reason": why}  # fmt: skip
        rows += matrix_rows(design, correlation[unit], reliabilities[:, unit], n, base)
        counted += criteria_rows(design, correlation[unit], n, base)
    return MultitraitMultimethod(
        tidy(rows, MATRIX_COLUMNS),
        tidy(counted, CRITERIA_COLUMNS),
        *model_frames(design, units, problems, len(chosen.groups), level, cutoff),
    )


def read_design(given: Any) -> tuple[Design, dict[str, list[str]]]:
    """Return traits and methods, and the items of every measure.

    Raises
    ------
    DataError
        Fewer than two of either, or a trait that a method lacks; all of these at once.
    """
    if not isinstance(given, Mapping) or not all(isinstance(v, Mapping) for v in given.values()):
        raise DataError(
            "traits_by_method must map each method to its traits, as {'self': {'calm': 'c1'}, "
            "'peer': {'calm': ['p1', '-p2']}}."
        )
    methods = tuple(str(name) for name in given)
    traits = tuple(dict.fromkeys(str(trait) for own in given.values() for trait in own))
    if len(methods) < 2 or len(traits) < 2:
        raise DataError(
            f"It needs two traits and two methods or more; there are {len(traits)} and "
            f"{len(methods)}."
        )
    lacking = [
        f"{method}: {trait}"
        for method, own in given.items()
        for trait in traits
        if trait not in {str(name) for name in own}
    ]
    if lacking:
        raise DataError(f"Every method needs every trait; these are missing: {', '.join(lacking)}.")
    design = Design(traits, methods)
    items = [own[trait] for own in given.values() for trait in traits]
    listed = [[one] if isinstance(one, str) else list(one) for one in items]
    return design, dict(zip(design.measures, listed, strict=True))


def measures(chosen: Selection) -> tuple[Units, FloatArray]:
    """Return moments of the measures in every unit, and alphas (measures, units).

    A measure is the mean of its items; its moments follow from the items'.
    """
    units = chosen.units(np.arange(len(chosen.keyed.items)))
    member = chosen.keyed.membership
    weight = member / member.sum(axis=0)
    alphas = []
    for scale in chosen.keyed.scales:
        at = chosen.keyed.positions(scale)
        alphas.append(cronbach_alpha(units.covariance[:, at[:, None], at]))
    made = replace(units, mean=units.mean @ weight, covariance=weight.T @ units.covariance @ weight)
    return made, np.array(alphas)


def measure_problem(units: Units, unit: int, design: Design) -> Reason:
    """Say why a unit has no correlations; empty if it has them."""
    if units.n[unit] < 4 or units.df[unit] < 3:
        return reason("too_few_cases", n_obs=int(units.n[unit]), needed=4)
    variance = np.diagonal(units.covariance[unit])
    still = [name for name, v in zip(design.measures, variance, strict=True) if not v > 0]
    return reason("constant_items", items=", ".join(still)) if still else NO_REASON


def matrix_rows(
    design: Design, correlation: FloatArray, reliabilities: FloatArray, n: float, base: Row
) -> list[Row]:
    """Return the correlations of every two measures, and the reliabilities."""
    rows: list[Row] = []
    limits = fisher_interval(correlation, fisher_variance(n), base["level"])
    for b in range(design.size):
        for a in range(b + 1):
            (method_a, trait_a), (method_b, trait_b) = design.place(a), design.place(b)
            row = base | {"trait_a": trait_a, "method_a": method_a, "trait_b": trait_b,
                          "method_b": method_b}  # fmt: skip
            if a == b:
                row |= {
                    "kind": "reliability",
                    "method": "alpha; see reliability() for its interval",
                }
                known = np.isfinite(reliabilities[a]) and not base["reason"]
                row["estimate"] = float(reliabilities[a]) if known else np.nan
                if not known and not base["reason"]:
                    row["reason"] = reason("measure_of_one_item")
            else:
                row |= {"kind": kind_of(design, a, b), "method": "Pearson, Fisher z interval"}
                if not base["reason"]:
                    row |= {"estimate": float(correlation[a, b]), "low": float(limits.low[a, b]),
                            "high": float(limits.high[a, b])}  # fmt: skip
            rows.append(row)
    return rows


def kind_of(design: Design, a: int, b: int) -> str:
    """Name what the correlation of two measures is."""
    (method_a, trait_a), (method_b, trait_b) = design.place(a), design.place(b)
    if trait_a == trait_b:
        return "validity"
    return f"heterotrait_{'mono' if method_a == method_b else 'hetero'}method"


def criteria_rows(design: Design, correlation: FloatArray, n: float, base: Row) -> list[Row]:
    """Return Campbell and Fiske's criteria of one unit."""
    rows: list[Row] = []
    found = (
        {} if base["reason"]
        else campbell_fiske(correlation, len(design.traits), n, base["level"])
    )  # fmt: skip
    for name, words in CRITERIA_WORDS.items():
        row = base | {"criterion": name, "method": words, "n_comparisons": 0, "n_met": 0}
        if name in found:
            one = found[name]
            row |= {"n_comparisons": one.n_comparisons, "n_met": one.n_met,
                    "n_definite": one.n_definite, "mean": one.mean}  # fmt: skip
            if one.n_comparisons:
                row["share"] = one.n_met / one.n_comparisons
            else:
                row["reason"] = reason("too_few_traits", n_traits=len(design.traits), needed=3)
        rows.append(row)
    return rows
