"""Which site each answer belongs to, in the order in which sites are told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.responses import Responses
from psychometrics.stats.moments import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites as numbers.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        Index into `names`; -1 for a row without a site.
    names : tuple of str
        Sites that have rows; empty where sites are no grouping.
    """

    codes: IntArray
    names: tuple[str, ...]

    def rows(self, site: str | None) -> BoolArray:
        """Return the rows of a site; all rows for None."""
        if site is None:
            return np.ones(len(self.codes), dtype=bool)
        return np.asarray(self.codes == self.names.index(site))


def sites_of(responses: Responses) -> Sites:
    """Return the sites of some responses.

    Sites stand in the definition's order; undeclared ones follow. Where the definition and the
    answers know one site between them, it is no grouping: pooled rows say it all.

    Parameters
    ----------
    responses : Responses
        What was answered.
    """
    known = set(responses.instrument.sites) | set(responses.sites)
    names = responses.sites if len(known) > 1 else ()
    codes = np.full(responses.n_obs, -1, dtype=np.int64)
    if names:
        site = responses.frame["site"]
        for index, name in enumerate(names):
            codes[(site == name).to_numpy(dtype=bool, na_value=False)] = index
    return Sites(codes, names)
