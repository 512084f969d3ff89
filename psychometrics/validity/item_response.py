"""The item response view of an ordinal factor model: what each answer tells, and about whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.stats.item_information import category_probabilities, item_information
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.arguments import check_level
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.item_parameters import item_rows
from psychometrics.validity.item_response_model import ResponseModel, response_model
from psychometrics.validity.scale_precision import information_rows, summary_rows, well_rows
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

ITEM_COLUMNS = (
    "factor", "item", "group", "parameter", "estimate", "se", "low", "high", "n_obs", "method",
    "reason",
)  # fmt: skip
INFORMATION_COLUMNS = (
    "factor", "group", "theta", "information", "sem", "posterior_sd", "reliability",
    "expected_score", "density", "n_obs", "reason",
)  # fmt: skip
WELL_COLUMNS = (
    "factor", "group", "threshold", "stretch", "low", "high", "share_of_people", "score_low",
    "score_high", "n_obs", "reason",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "factor", "group", "marginal_reliability", "se", "low", "high", "highest_reliability",
    "highest_at", "threshold", "share_of_people", "n_items", "left_out", "n_obs", "method",
    "reason",
)  # fmt: skip
THRESHOLDS = (0.70, 0.80, 0.90)
"""Reliabilities that are always looked for, beside the one asked for."""


@dataclass(frozen=True)
class ItemResponse:
    """An ordinal factor model read as graded responses.

    Attributes
    ----------
    items : DataFrame
        One row an item, group and parameter: ``factor item group parameter estimate se low high
        n_obs method reason``. Parameters are ``discrimination`` (normal ogive),
        ``discrimination_logistic`` (times 1.702), ``difficulty_1``, ...; of an item that loads on
        several factors one ``slope`` a factor, ``mdisc`` and ``mdiff_1``, ...
    information : DataFrame
        One row a factor, group and trait value: ``information``, the error of measurement from the
        answers alone (``sem``) and with the group's distribution known (``posterior_sd``),
        ``reliability`` there, ``expected_score`` (mean item score of people with that trait) and
        ``density`` of the group's people.
    measures_well : DataFrame
        Stretches of the trait where the conditional reliability is ``threshold`` or more: ``low
        high`` and the ``share_of_people`` of the group in them, in mean item scores ``score_low
        score_high``. Where there is none, a row with a reason.
    summary : DataFrame
        One row a factor and group: ``marginal_reliability`` with its standard error and interval,
        the highest conditional one and where it is, the share of people measured at ``threshold``
        or better, and items left out.
    metric : str
        In which standard deviations trait values are: each group's own, or one group's.
    level : float
        Coverage of the intervals.
    reliable_at : float
        The threshold asked for.
    model : ResponseModel
        The arrays behind the tables.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import cfa, item_response
    >>> rng = np.random.default_rng(1)
    >>> behind = 0.8 * rng.normal(size=(500, 1)) + 0.6 * rng.normal(size=(500, 5))
    >>> frame = pd.DataFrame(np.digitize(behind, [-1, 0, 1]), columns=list("abcde"))
    >>> found = item_response(cfa({"f": list("abcde")}, frame, ordered=True))
    >>> well = found.measures_well.query("threshold == 0.8")
    >>> print(well[["low", "high", "share_of_people", "score_low", "score_high"]].round(2))
        low  high  share_of_people  score_low  score_high
    1 -1.95  1.99             0.95       0.23        2.76
    """

    items: pd.DataFrame
    information: pd.DataFrame
    measures_well: pd.DataFrame
    summary: pd.DataFrame
    metric: str
    level: float
    reliable_at: float
    model: ResponseModel

    def category_curves(self, item: str, *, theta: npt.ArrayLike | None = None) -> pd.DataFrame:
        """Return the probability of each answer to an item over the trait.

        Parameters
        ----------
        item : str
            An ordered item that loads on one factor.
        theta : array_like, optional
            Trait values; those of ``information`` by default.

        Returns
        -------
        DataFrame
            ``factor item group category theta probability``; category is the answer as coded.
        """
        at = self._place(item)
        if not self.model.latent.ordered[at]:
            raise DataError(f"{item} is continuous; it has no categories.")
        grid = self.model.grid if theta is None else np.asarray(theta, dtype=float)
        chance = category_probabilities(self.model.graded, grid)[:, at]
        codes = self.model.codes[at]
        codes = codes[~np.isnan(codes)]
        frames = [
            self._curve(item, group, grid, chance[g, k], "probability").assign(category=code)
            for g, group in enumerate(self.model.groups)
            for k, code in enumerate(codes)
        ]
        columns = ["factor", "item", "group", "category", "theta", "probability"]
        return pd.concat(frames, ignore_index=True)[columns]

    def item_information(
        self, items: Sequence[str] | None = None, *, theta: npt.ArrayLike | None = None
    ) -> pd.DataFrame:
        """Return the information of items over their trait.

        Parameters
        ----------
        items : sequence of str, optional
            All that load on one factor by default.
        theta : array_like, optional
            Trait values; those of ``information`` by default.

        Returns
        -------
        DataFrame
            ``factor item group theta information``.
        """
        grid = self.model.grid if theta is None else np.asarray(theta, dtype=float)
        found = item_information(self.model.graded, grid)
        chosen = self.model.unidimensional if items is None else list(items)
        places = [(item, self._place(item)) for item in chosen]
        frames = [
            self._curve(item, group, grid, found[g, at], "information")
            for item, at in places
            for g, group in enumerate(self.model.groups)
        ]
        return pd.concat(frames, ignore_index=True)

    def _place(self, item: str) -> int:
        """Return the place of an item of one factor."""
        check_option("item", item, self.model.items)
        at = self.model.items.index(item)
        if self.model.graded.factor[at] < 0:
            raise DataError(f"{item} loads on several factors, so there is no curve over one.")
        return at

    def _curve(
        self, item: str, group: str | None, grid: FloatArray, values: FloatArray, name: str
    ) -> pd.DataFrame:
        """Return one curve as a frame."""
        factor = self.model.factor_name(self.model.items.index(item))
        frame = pd.DataFrame({"factor": factor, "item": item, "theta": grid, name: values})
        frame.insert(2, "group", pd.Series([group] * len(frame), dtype=object))
        return frame

    def plot(self, factor: str | None = None, **options: Any) -> Any:
        """Draw the conditional reliability; see :func:`psychometrics.plots.plot_precision`."""
        from importlib import import_module

        frame = self.information
        if factor is not None:
            check_option("factor", factor, self.model.factors)
            frame = frame[frame["factor"] == factor]
        options = {
            "reliable_at": self.reliable_at,
            "reference": self.model.reference_name,
        } | options
        return import_module("psychometrics.plots").plot_precision(frame, **options)

    def plot_categories(self, item: str, **options: Any) -> Any:
        """Draw the category curves; see :func:`psychometrics.plots.plot_category_curves`."""
        from importlib import import_module

        plots = import_module("psychometrics.plots")
        options = {"reference": self.model.reference_name} | options
        return plots.plot_category_curves(self.category_curves(item), **options)

    def plot_item_information(self, factor: str | None = None, **options: Any) -> Any:
        """Draw the items' information; see :func:`psychometrics.plots.plot_item_information`."""
        from importlib import import_module

        frame = self.item_information()
        if factor is not None:
            check_option("factor", factor, self.model.factors)
            frame = frame[frame["factor"] == factor]
        options = {"reference": self.model.reference_name} | options
        return import_module("psychometrics.plots").plot_item_information(frame, **options)

    def __str__(self) -> str:
        found = self.summary["marginal_reliability"].dropna()
        spread = f"{found.min():.3f} to {found.max():.3f}" if len(found) else "none"
        return (
            f"Item response view of {len(self.model.items)} items and {len(self.model.factors)} "
            f"factors ({self.metric}); marginal reliability {spread}"
            + (f". {self.model.problem}" if self.model.problem else "")
        )

    def _repr_html_(self) -> str:
        from html import escape

        own = self.measures_well[self.measures_well["threshold"] == self.reliable_at]
        grouped = self.model.groups != (None,)
        tables = "".join(
            (frame if grouped else frame.drop(columns=["group"])).to_html(
                index=False, float_format="{:.3f}".format, na_rep=""
            )
            for frame in (self.summary, own)
        )
        return f"<p>{escape(str(self))}</p>{tables}"


@one_blas_thread()
def item_response(
    fit: CFAResult,
    *,
    level: float = 0.95,
    theta: npt.ArrayLike | None = None,
    reliable_at: float = 0.80,
    reference: str | None = None,
) -> ItemResponse:
    """Read a fitted model of ordered items as graded responses (normal ogive).

    Discriminations and difficulties are functions of loadings, thresholds and variances, the same
    whatever the identification (Takane & de Leeuw, 1987; Kamata & Bauer, 2008); their standard
    errors come from those of the model by the delta method.

    Parameters
    ----------
    fit : CFAResult
        Of ``cfa(..., ordered=...)``; continuous items beside ordered ones are taken along.
    level : float
        Coverage of the intervals.
    theta : array_like, optional
        Trait values of the information table, put in order; -4 to 4 by .1 by default.
    reliable_at : float
        Conditional reliability at which a scale measures well; .70, .80 and .90 are looked for in
        any case.
    reference : str, optional
        Group in whose standard deviations and from whose mean the traits of all groups are
        measured, so that difficulties and curves of groups can be compared. Loadings, intercepts
        and thresholds must be held equal over the groups, for some items at least. By default each
        group's traits have mean 0 and standard deviation 1.

    Returns
    -------
    ItemResponse

    Raises
    ------
    DataError
        A model without ordered items; groups without a common metric.
    ModelError
        A model in which observed variables predict something.

    References
    ----------
    Takane, Y., & de Leeuw, J. (1987). On the relationship between item response theory and factor
    analysis of discretized variables. Psychometrika, 52, 393-408. doi:10.1007/BF02294363
    Kamata, A., & Bauer, D. J. (2008). A note on the relation between factor analytic and item
    response theory models. Structural Equation Modeling, 15, 136-153.
    doi:10.1080/10705510701758406
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph Supplement, 17.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import cfa
    >>> rng = np.random.default_rng(1)
    >>> behind = 0.8 * rng.normal(size=(500, 1)) + 0.6 * rng.normal(size=(500, 5))
    >>> frame = pd.DataFrame(np.digitize(behind, [-1, 0, 1]), columns=list("abcde"))
    >>> found = item_response(cfa({"f": list("abcde")}, frame, ordered=True))
    >>> found.summary[["factor", "marginal_reliability", "n_items", "n_obs"]].round(2)
      factor  marginal_reliability  n_items  n_obs
    0      f                  0.85        5    500
    """
    check_level(level)
    if not 0 < reliable_at < 1:
        raise DataError(
            f"reliable_at={reliable_at!r} is no reliability; give a number between 0 and 1."
        )
    grid = np.linspace(-4, 4, 81) if theta is None else np.unique(np.asarray(theta, dtype=float))
    if not np.isfinite(grid).all() or not grid.size:
        raise DataError("theta holds no trait values, or some that are not finite.")
    model = response_model(fit, grid, reference)
    return view_of(model, level, reliable_at)


def view_of(model: ResponseModel, level: float, reliable_at: float) -> ItemResponse:
    """Make the tables of a model."""
    thresholds = tuple(sorted({*THRESHOLDS, reliable_at}))
    metric = "standard deviations of each group's trait"
    if model.groups == (None,):
        metric = "standard deviations of the trait"
    elif model.reference is not None:
        metric = f"standard deviations of the trait in {model.reference_name}"
    rows = item_rows(model, level)
    items = tidy(rows, ITEM_COLUMNS)
    # An item of several factors is of none: None, as in the column of groups, and not NaN.
    items["factor"] = pd.Series([row["factor"] for row in rows], dtype=object)
    return ItemResponse(
        items,
        tidy(information_rows(model), INFORMATION_COLUMNS),
        tidy(well_rows(model, thresholds), WELL_COLUMNS),
        tidy(summary_rows(model, level, reliable_at), SUMMARY_COLUMNS),
        metric,
        level,
        reliable_at,
        model,
    )
