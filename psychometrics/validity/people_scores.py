"""Scores of people from a fitted model of ordered items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.stats.cfa.latent_model import latent_model
from psychometrics.stats.latent_responses import LatentResponses
from psychometrics.stats.ordinal_posterior import posterior_scores
from psychometrics.stats.ordinal_scores import modal_scores
from psychometrics.validity.threads import one_blas_thread

if TYPE_CHECKING:
    from psychometrics.validity.cfa_result import CFAResult

OrdinalScoreMethod = Literal["EBM", "EAP"]

METHODS = {"EBM": modal_scores, "EAP": posterior_scores}


def model_of_groups(fit: CFAResult) -> LatentResponses:
    """Return the estimated model of the variables behind the items, with the groups first."""
    found = latent_model(fit.fits.layout, fit.fits.optimum.z[:1])
    return LatentResponses(
        found.loadings[0],
        found.thresholds[0],
        found.residual_variance[0],
        found.factor_covariance[0],
        found.factor_mean[0],
        found.intercepts[0],
        found.ordered,
        found.residual_covariance[0],
    )


@one_blas_thread()
def ordinal_scores(fit: CFAResult, method: OrdinalScoreMethod) -> pd.DataFrame:
    """Score every row that was analysed, from all answers that it holds.

    Parameters
    ----------
    fit : CFAResult
        Of a model of ordered items, with continuous ones among them or without.
    method : {"EBM", "EAP"}
        The mode or the mean of each person's posterior.

    Returns
    -------
    DataFrame
        One row a row of the data, in their order: one column a factor, then one named
        ``<factor>_se`` each; NaN for rows that were not analysed.

    Raises
    ------
    DataError
        For a model without ordered items.
    ModelError
        A residual variance that is not positive, factors whose covariance matrix is not positive
        definite; residual covariances (EBM, or EAP where they leave an item nothing of its own).
    """
    answers = fit.fitted.answers
    if answers is None:
        raise DataError(
            f"{method} scores are for ordered items; with continuous ones choose 'regression' or "
            "'bartlett'."
        )
    model = model_of_groups(fit)
    factors = list(fit.fits.table.latent)
    found = np.full((len(answers.values), 2 * len(factors)), np.nan)
    for group, place in enumerate(fit.fitted.places):
        scores = METHODS[method](model, answers.values[place], group)
        found[place] = np.hstack([scores.estimate, scores.se])
    return pd.DataFrame(found, columns=[*factors, *(f"{name}_se" for name in factors)])
