"""How many factors: parallel analysis, and all criteria side by side with how they disagree."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.stats.retention import (
    COMMUNALITIES,
    Communalities,
    Parallel,
    leading,
    normal_reference,
    permuted_correlations,
    permuted_rows,
)
from psychometrics.stats.retention import parallel_analysis as compare_eigenvalues
from psychometrics.validity.correlations import (
    Correlation,
    ItemCorrelations,
    Items,
    item_correlations,
    polychoric_matrix,
)
from psychometrics.validity.threads import one_blas_thread

Reference = Literal["normal", "permuted"]

REPLICATES = 1000
POLYCHORIC_REPLICATES = 100

PARALLEL_COLUMNS = ("basis", "number", "eigenvalue", "mean", "sd", "percentile")


@dataclass(frozen=True)
class ParallelAnalysis:
    """Eigenvalues of the data beside those of unrelated items.

    Attributes
    ----------
    frame : DataFrame
        One row an eigenvalue: ``basis`` (``components`` or ``factors``), ``number``, ``eigenvalue``
        of the data, and ``mean``, ``sd``, ``percentile`` of unrelated items.
    n_factors, n_components : int
        Leading eigenvalues above the percentile: of the correlations with communalities on the
        diagonal, and of the correlations as they are (Horn's).
    n_factors_mean, n_components_mean : int
        Above the mean.
    percentile : float
        Which percentile, such as 95.
    n_replicates : int
        Sets of unrelated items.
    n_obs, n_missing : int
        People analysed; rows left out.
    method : str
        Correlations, and what stands for unrelated items.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import Moments, parallel_analysis
    >>> r = np.kron(np.eye(2), np.full((4, 4), 0.5)) + 0.5 * np.eye(8)
    >>> parallel_analysis(Moments(r, None, 300), rng=1).n_factors
    2
    """

    frame: pd.DataFrame
    n_factors: int
    n_components: int
    n_factors_mean: int
    n_components_mean: int
    percentile: float
    n_replicates: int
    n_obs: int
    n_missing: int
    method: str

    def plot(self, **options: Any) -> Any:
        """Draw the scree; see :func:`psychometrics.plots.plot_scree`."""
        return import_module("psychometrics.plots").plot_scree(self.frame, **options)

    def __str__(self) -> str:
        return (
            f"Parallel analysis ({self.method}), n = {self.n_obs}: {self.n_factors} factors, "
            f"{self.n_components} components above the {self.percentile:g}th percentile of "
            f"{self.n_replicates} sets of unrelated items (above their mean: "
            f"{self.n_factors_mean} and {self.n_components_mean})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        shown = self.frame[self.frame["number"] <= shown_rows(self.frame)]
        table = shown.to_html(index=False, float_format="{:.3f}".format)
        return f"<p>{escape(str(self))}</p>{table}"


def shown_rows(frame: pd.DataFrame) -> int:
    """Return how many eigenvalues a reader needs: a few past the last that counts."""
    above = frame["eigenvalue"] > frame["percentile"]
    return int(frame.loc[above, "number"].max() if above.any() else 0) + 3


@one_blas_thread()
def parallel_analysis(
    data: Any,
    *,
    correlation: Correlation = "pearson",
    reference: Reference | None = None,
    communalities: Communalities = "one_factor",
    percentile: float = 95.0,
    n_replicates: int | None = None,
    items: Items = None,
    missing: str = "listwise",
    group: str | None = None,
    rng: Rng = None,
) -> ParallelAnalysis:
    """Compare the eigenvalues of the data with those of items that are unrelated.

    Parameters
    ----------
    data : frame, Responses or Moments
        As for :func:`psychometrics.efa`, with `correlation`, `items`, `missing` and `group`.
    reference : {"normal", "permuted"}, optional
        What stands for unrelated items: normal answers of as many people, or the data with each
        column shuffled by itself, which keeps the items' distributions. Normal by default; for
        polychoric correlations always permuted.
    communalities : {"one_factor", "smc"}
        Diagonal for factors: communalities of one minres factor (psych's default), or squared
        multiple correlations.
    percentile : float
        Of the unrelated items' eigenvalues.
    n_replicates : int, optional
        Sets of unrelated items; 1,000 by default, 100 for polychoric correlations.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    DataError
        As for :func:`psychometrics.efa`.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    Psychometrika, 30, 179-185. doi:10.1007/BF02289447
    Lim, S., & Jahng, S. (2019). Determining the number of factors using parallel analysis and its
    recent variants. Psychological Methods, 24, 452-467. doi:10.1037/met0000230

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> person = rng.normal(size=(300, 2)).repeat(3, axis=1)
    >>> frame = pd.DataFrame(person + rng.normal(size=(300, 6)), columns=list("abcdef"))
    >>> found = parallel_analysis(frame, rng=1)
    >>> found.n_factors, found.n_components
    (2, 2)
    """
    sample = item_correlations(
        data, items=items, correlation=correlation, missing=missing, group=group
    )
    return parallel_of(
        sample,
        seed_of(rng),
        reference=reference,
        communalities=communalities,
        percentile=percentile,
        n_replicates=n_replicates,
    )


def parallel_of(
    sample: ItemCorrelations,
    seed: int,
    *,
    reference: Reference | None = None,
    communalities: Communalities = "one_factor",
    percentile: float = 95.0,
    n_replicates: int | None = None,
) -> ParallelAnalysis:
    """Run parallel analysis on one sample; see :func:`parallel_analysis`."""
    check_option("communalities", communalities, COMMUNALITIES)
    if communalities == "smc" and not sample.positive_definite:
        raise DataError(
            "Squared multiple correlations need positive definite correlations; choose "
            "communalities='one_factor'."
        )
    if not 50 <= percentile < 100:
        raise DataError(f"percentile={percentile!r}; give one between 50 and 100, such as 95.")
    kind = reference_of(sample, reference)
    count = replicates_of(sample, n_replicates)
    drawn = unrelated(sample, kind, count, stream(seed, "parallel", kind))
    found = compare_eigenvalues(sample.correlation, drawn, communalities)
    frame = eigenvalue_frame(found, percentile)
    diagonal = "one-factor communalities" if communalities == "one_factor" else "SMC"
    return ParallelAnalysis(
        frame,
        above(frame, "factors", "percentile"),
        above(frame, "components", "percentile"),
        above(frame, "factors", "mean"),
        above(frame, "components", "mean"),
        float(percentile),
        count,
        sample.n_obs,
        sample.n_missing,
        f"{sample.method}, {kind} reference, {diagonal}",
    )


def reference_of(sample: ItemCorrelations, reference: Reference | None) -> Reference:
    """Return what stands for unrelated items, or refuse what can't."""
    if reference is not None:
        check_option("reference", reference, ("normal", "permuted"))
    if sample.kind == "polychoric":
        if reference == "normal":
            raise DataError(
                "Polychoric correlations of unrelated items need answers with categories; choose "
                "reference='permuted'."
            )
        return "permuted"
    if reference == "permuted" and (
        sample.rows is None or sample.kind == "em" or sample.pooling == "within"
    ):
        raise DataError(
            "Columns can be shuffled for answers of one group and their Pearson or polychoric "
            "correlations; choose reference='normal'."
        )
    return reference or "normal"


def replicates_of(sample: ItemCorrelations, n_replicates: int | None) -> int:
    """Return how many sets of unrelated items there are to be."""
    if n_replicates is None:
        return POLYCHORIC_REPLICATES if sample.kind == "polychoric" else REPLICATES
    try:
        count = operator.index(n_replicates)
    except TypeError:
        count = 0
    if count < 2:
        raise DataError(f"n_replicates={n_replicates!r}; give a whole number of at least 2.")
    return count


def unrelated(
    sample: ItemCorrelations, kind: Reference, count: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield correlations of unrelated items, some replicates at a time."""
    if kind == "normal" or sample.rows is None:
        return normal_reference(round(sample.n), len(sample.items), count, rng)
    if sample.kind == "polychoric":
        return (
            np.stack([polychoric_matrix(rows)[0] for rows in some])
            for some in permuted_rows(sample.rows, count, rng)
        )
    return permuted_correlations(sample.rows, count, rng)


BASES = ("components", "factors")


def eigenvalue_frame(found: Parallel, percentile: float) -> pd.DataFrame:
    """Return one row an eigenvalue, components first."""
    own: list[FloatArray] = [getattr(found.observed, basis)[0] for basis in BASES]
    others: list[FloatArray] = [getattr(found.reference, basis) for basis in BASES]
    p = len(own[0])
    together = np.concatenate(others, axis=1)
    return pd.DataFrame(
        {
            "basis": np.repeat(BASES, p),
            "number": np.tile(np.arange(1, p + 1), 2),
            "eigenvalue": np.concatenate(own),
            "mean": together.mean(axis=0),
            "sd": together.std(axis=0, ddof=1),
            "percentile": np.quantile(together, percentile / 100, axis=0),
        }
    )


def above(frame: pd.DataFrame, basis: str, column: str) -> int:
    """Return how many leading eigenvalues of a basis exceed a column."""
    own = (frame["basis"] == basis).to_numpy()
    passes = frame["eigenvalue"].to_numpy() > frame[column].to_numpy()
    return leading(passes[own])
