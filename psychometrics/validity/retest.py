"""Agreement of the waves: how far people who answered again get the same scores."""

from __future__ import annotations

import pandas as pd

from psychometrics.responses import Responses
from psychometrics.validity.agreement import AGREEMENT_COLUMNS, agreement
from psychometrics.validity.units import tidy

RETEST_COLUMNS = ("scale", *AGREEMENT_COLUMNS)

# One person on one occasion is what a score is used for.
SINGLE_MODELS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)")


def retest_table(responses: Responses, level: float) -> pd.DataFrame:
    """Return intraclass correlations, errors of measurement and limits of agreement of scores.

    Waves are the raters, and people, told apart by id and site, what is rated. Scores are those
    that the definition makes. Who answered twice in a wave takes no part: nobody knows which
    answers count.

    Parameters
    ----------
    responses : Responses
        With columns ``respondent`` and ``wave``; without them, or with a single wave, there are
        no rows.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        As :func:`psychometrics.agreement` has them, by ``scale``; of the intraclass correlations
        those of a single occasion.
    """
    frame = responses.frame
    if not {"respondent", "wave"} <= set(frame.columns):
        return tidy([], RETEST_COLUMNS)
    known = frame["respondent"].notna() & frame["wave"].notna()
    person = frame["site"].fillna("").astype(str) + "|" + frame["respondent"].astype(str)
    rows = pd.DataFrame({"person": person, "wave": frame["wave"], "site": frame["site"]})[known]
    rows = rows[~rows.duplicated(["person", "wave"], keep=False)]
    if rows["wave"].nunique() < 2 or not rows["person"].duplicated().any():
        return tidy([], RETEST_COLUMNS)
    scores = responses.scores()
    made = []
    group = "site" if len(responses.sites) > 1 else None
    for scale in map(str, scores.columns):
        rated = rows.assign(score=scores.loc[rows.index, scale])
        if rated["score"].notna().any():
            found = agreement(rated, "person", "wave", "score", level=level, group=group)
            wanted = (found["statistic"] != "icc") | found["model"].isin(SINGLE_MODELS)
            made.append(found[wanted].assign(scale=scale))
    if not made:
        return tidy([], RETEST_COLUMNS)
    return pd.concat(made, ignore_index=True)[list(RETEST_COLUMNS)]
