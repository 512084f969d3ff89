"""What a ladder of measurement invariance tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import pandas as pd

from psychometrics.errors import DataError, Finding, check_option
from psychometrics.stats.resampling import Rng
from psychometrics.validity.arguments import check_level
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.comparability_frames import draw, fitted_frame
from psychometrics.validity.invariance_equivalence import equivalence_frame
from psychometrics.validity.invariance_fits import Ladder
from psychometrics.validity.invariance_partial import PartialInvariance, search_partial
from psychometrics.validity.invariance_resampling import PermutationTests
from psychometrics.validity.invariance_search import Adjust


@dataclass(frozen=True)
class InvarianceResult:
    """A ladder of models in which more and more is equal over groups.

    Attributes
    ----------
    table : DataFrame
        One row a level, indexed by it: ``chi2 df p_value cfi tli rmsea srmr``, the difference to
        the row above ``delta_chi2 delta_df delta_p delta_cfi delta_rmsea delta_srmr``, ``method``
        of the difference test and ``reason`` where a level could not be had. Robust fits have
        ``chi2_scaled p_scaled cfi_scaled tli_scaled rmsea_scaled cfi_robust tli_robust
        rmsea_robust`` too; their ``delta_chi2`` and ``delta_p`` are those of the scaled difference
        test (also under ``delta_chi2_scaled`` and ``delta_p_scaled``), and the changes of the
        scaled and robust indices stand beside those of the plain ones.
    verdicts : DataFrame
        One row a level, indexed by it: ``verdict`` (``base``, ``no_difference_found``,
        ``differs``, ``mixed``, ``unavailable``) and ``explanation``, in words.
    cutoffs : DataFrame
        Published cut-offs for changes of fit, beside the changes: ``level source id index change
        cutoff exceeded nearest derived_from``; ``nearest`` marks the source whose conditions are
        nearest to this sample.
    fits : mapping of str to CFAResult
        The fitted models; a level that could not be fitted is absent.
    groups : tuple of str
    n_by_group : tuple of int
        People analysed in each.
    n_missing : int
        Rows left out.
    method : str
        Estimator, information and treatment of missing answers.
    permutation : PermutationTests or None
        Tests by resampling, where they were asked for.
    findings : tuple of Finding
        What is odd about the answers to ordered items, such as categories that were joined.
    ladder : Ladder
        What the models were built from.
    """

    table: pd.DataFrame
    verdicts: pd.DataFrame
    cutoffs: pd.DataFrame
    fits: Mapping[str, CFAResult]
    groups: tuple[str, ...]
    n_by_group: tuple[int, ...]
    n_missing: int
    method: str
    ladder: Ladder = field(repr=False)
    permutation: PermutationTests | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def n_obs(self) -> int:
        """People analysed in all groups."""
        return sum(self.n_by_group)

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels, from the fewest restrictions to the most."""
        return tuple(self.table.index)

    def fit(self, name: str) -> CFAResult:
        """Return the fitted model of a level.

        Raises
        ------
        DataError
            A level that is not in the ladder, or could not be fitted.
        """
        check_option("name", name, self.levels)
        if name not in self.fits:
            raise DataError(f"The level {name!r} has no fit: {self.table.at[name, 'reason']!s}")
        return self.fits[name]

    def partial(
        self,
        *,
        until: Literal["metric", "scalar"] = "scalar",
        significance: float = 0.05,
        adjust: Adjust = "holm",
        min_anchors: int = 2,
        resample: int = 0,
        level: float | None = None,
        rng: Rng = None,
    ) -> PartialInvariance:
        """Search forward for loadings and intercepts that are not equal.

        At each level the equality of every item in every group is tested by its score test; while
        the smallest p-value, adjusted for all tests, is significant, that one is set free and the
        model fitted again. Loadings come first; an item whose loading is free in a group gets an
        intercept of its own there too. For ordered items thresholds come before loadings (every
        item keeps two equal ones, which carry its origin and unit), and the score tests are
        scaled by the sampling covariance of thresholds and correlations; for incomplete rows
        they are those of full-information maximum likelihood.

        Parameters
        ----------
        until : {"metric", "scalar"}
            Whether to stop at loadings.
        significance : float
        adjust : {"holm", "bh"}
            Bound the chance of any false alarm at each step, or the expected share of them.
        min_anchors : int
            How many equal items every factor keeps in every group.
        resample : int
            Bootstrap samples in which the search is repeated, so that the intervals of factor
            means count that what was set free depends on the sample; 0 for intervals that don't.
        level : float, optional
            Coverage of the intervals; the ladder's own by default.
        rng : int or Generator, optional
            Where chance comes from.

        Returns
        -------
        PartialInvariance

        Raises
        ------
        DataError
            For items of two categories, and least squares of continuous items.

        References
        ----------
        Byrne, B. M., Shavelson, R. J., & Muthén, B. (1989). Testing for the equivalence of factor
        covariance and mean structures: The issue of partial measurement invariance. Psychological
        Bulletin, 105, 456-466. doi:10.1037/0033-2909.105.3.456
        Satorra, A. (1989). Alternative test criteria in covariance structure analysis: A unified
        approach. Psychometrika, 54, 131-151. doi:10.1007/BF02294453
        """
        found = search_partial(
            self.ladder, dict(self.fits), until=until, significance=significance, adjust=adjust,
            min_anchors=min_anchors, resample=resample, level=level, rng=rng,
        )  # fmt: skip
        self.ladder.tell()
        return found

    def equivalence(self, *, significance: float = 0.05) -> pd.DataFrame:
        """Say how large the misfit of each level may still be.

        A difference test that finds nothing doesn't show that there is nothing. T-size RMSEA is
        the largest that the statistic doesn't contradict; small ones show that groups are nearly
        the same. For the first level it is about the model's own misfit, for the others about
        what the level adds.

        Parameters
        ----------
        significance : float
            The chance of calling a misfit smaller than it is.

        Returns
        -------
        DataFrame
            Indexed by level: ``about`` (``model`` or ``difference``), ``chi2 df rmsea t_rmsea``,
            the adjusted cut-offs ``excellent close fair mediocre`` (counterparts of RMSEA .01,
            .05, .08, .10 at this df and n), ``grade`` (above the last cut-off: ``poor``), and for
            the model of each level ``t_cfi`` with ``t_cfi_grade``.

        Raises
        ------
        DataError
            For ordered items, whose scaled statistics have no such intervals.

        References
        ----------
        Yuan, K.-H., & Chan, W. (2016). Measurement invariance via multigroup SEM: Issues and
        solutions with chi-square-difference tests. Psychological Methods, 21, 405-426.
        doi:10.1037/met0000080
        """
        check_level(significance)
        if self.ladder.ordered:
            raise DataError(
                "Equivalence tests rest on a noncentral chi-square, which the statistics of "
                "ordered items are not; see the changes of fit."
            )
        return equivalence_frame(self.table, self.fits, self.n_obs, len(self.groups), significance)

    def plot(
        self, what: Literal["ladder", "loadings", "intercepts"] = "ladder", **options: Any
    ) -> Any:
        """Draw the changes of fit, or loadings or intercepts of every group where all are free.

        See :func:`psychometrics.plots.plot_ladder` and :func:`psychometrics.plots.plot_groups`.
        """
        check_option("what", what, ("ladder", "loadings", "intercepts"))
        if what == "ladder":
            plots = import_module("psychometrics.plots")
            return plots.plot_ladder(self.table, cutoffs=self.cutoffs, **options)
        widest = next(iter(self.fits.values()), None)
        if widest is None:
            raise DataError("No level of the ladder could be fitted, so there is nothing to draw.")
        return draw(fitted_frame(widest, what), what, **options)

    def __str__(self) -> str:
        sizes = ", ".join(
            f"{name} {n}" for name, n in zip(self.groups, self.n_by_group, strict=True)
        )
        left_out = f"; {self.n_missing} rows left out" if self.n_missing else ""
        lines = [f"Invariance over {sizes} ({self.method}){left_out}"]
        words = self.verdicts["explanation"]
        lines += [f"{level}: {told!s}" for level, told in zip(self.levels, words, strict=True)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        head, *lines = str(self).split("\n")
        table = self.table.to_html(float_format="{:.3f}".format, na_rep="")
        told = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return f"<p>{escape(head)}</p>{table}<ul>{told}</ul>"
