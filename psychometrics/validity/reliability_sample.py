"""The rows of one scale, weighted anew: bootstrap samples, and rows or clusters left out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.stats.alpha_variance import as_clusters
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.replicate_moments import (
    Strata,
    add_strata,
    bootstrap_packed,
    canonical_order,
    centres,
    deleted_packed,
    pair_covariance,
    pair_products,
    pair_within,
    unpack_pairs,
)
from psychometrics.stats.resampling import stream
from psychometrics.validity.selection import SITE, TOTAL, Missing, Selection

# A jackknife leaves out so many bundles of people at most; clusters are left out one by one.
MOST_BUNDLES = 250


@dataclass(frozen=True)
class Resampling:
    """How intervals are resampled, for all scales of one call.

    Attributes
    ----------
    n_boot : int
        Bootstrap samples.
    seed : int
        What all streams derive from.
    clusters : ndarray of int, shape (n,), or None
        Cluster of each row of the data, -1 for none: then a row is a cluster of its own.
    """

    n_boot: int = 1000
    seed: int = 0
    clusters: IntArray | None = None


@dataclass(frozen=True)
class ScaleSample:
    """The answers to one scale's items, in sites, ready to be weighted anew.

    People (or clusters) are drawn within sites, each site from a stream of its own, in an order
    that does not depend on the order of the rows: the same people give the same digits.

    Attributes
    ----------
    chosen : Selection
    columns : ndarray of int
        The scale's items.
    missing : {"listwise", "pairwise"}
    name : str
        Name of the scale, for the streams.
    how : Resampling
    """

    chosen: Selection
    columns: IntArray
    missing: Missing
    name: str
    how: Resampling

    @cached_property
    def kept(self) -> IntArray:
        """Return the rows analysed, in an order of their own."""
        if self.missing == "listwise":
            keep = self.chosen.complete(self.columns)
        else:
            keep = np.asarray(self.chosen.observed[:, self.columns].any(axis=1))
            if self.chosen.weights is not None:
                keep = keep & (self.chosen.weights > 0)
        at = np.flatnonzero(keep)
        keys = self.chosen.values[at][:, self.columns]
        if self.chosen.weights is not None:
            keys = np.column_stack([keys, self.chosen.weights[at]])
        return np.asarray(at[canonical_order(keys)], dtype=np.int64)

    @cached_property
    def rows(self) -> FloatArray:
        """Return the answers, (n, k); NaN where missing."""
        return np.asarray(self.chosen.values[self.kept][:, self.columns])

    @cached_property
    def site(self) -> IntArray:
        """Return the stratum of each row: a site, or the last for a row that has none."""
        own = self.chosen.group[self.kept]
        return np.where(own < 0, len(self.chosen.groups), own)

    @cached_property
    def weights(self) -> FloatArray | None:
        """Return the case weights of the rows, with a mean of 1."""
        if self.chosen.weights is None:
            return None
        own = self.chosen.weights[self.kept]
        return np.asarray(own / own.mean()) if len(own) else own

    @cached_property
    def cluster(self) -> IntArray | None:
        """Return the cluster of each row; a row without one is alone."""
        if self.how.clusters is None:
            return None
        own = self.how.clusters[self.kept]
        alone = own.max(initial=-1) + 1 + np.arange(len(own))
        return np.where(own < 0, alone, own)

    @cached_property
    def strata(self) -> Strata:
        """Return the rows of each site, and what is drawn in it: people, or clusters."""
        rows = [np.flatnonzero(self.site == s) for s in range(len(self.chosen.groups) + 1)]
        unit = [np.arange(len(mine)) for mine in rows]
        if self.cluster is not None:
            unit = [as_clusters(self.cluster[mine]) for mine in rows]
        return Strata(tuple(rows), tuple(unit))

    def weighted(self, products: FloatArray) -> FloatArray:
        """Return products with each row's case weight."""
        return products if self.weights is None else products * self.weights[:, None]

    @cached_property
    def products(self) -> FloatArray:
        """Return what each row adds to the moments."""
        return self.weighted(pair_products(self.rows, centres(self.rows)))

    def bootstrap(self, products: FloatArray, what: str = "rows") -> FloatArray:
        """Return sums of products over bootstrap samples, (n_boot, stratum, columns)."""
        names = (*self.chosen.groups, "")
        streams = [
            stream(self.how.seed, "reliability", what, self.name, f"site {name}") for name in names
        ]
        return bootstrap_packed(products, self.strata, streams, self.how.n_boot)

    def deleted(self, products: FloatArray, pooling: str, group: str | None) -> list[FloatArray]:
        """Return the sums of a unit without each person or cluster in turn.

        One array a stratum of the unit, (units, stratum, columns): all strata, one of them changed.
        """
        most = None if self.how.clusters is not None else MOST_BUNDLES
        whole = np.stack([products[mine].sum(axis=0) for mine in self.strata.rows])
        found = []
        for at in self.members(pooling, group):
            less = deleted_packed(products, self.strata, at, most)
            packed = np.repeat(whole[None], len(less), axis=0)
            packed[:, at] = less
            found.append(packed)
        return found

    def members(self, pooling: str, group: str | None) -> list[int]:
        """Return the strata that a unit is made of."""
        n_sites = len(self.chosen.groups)
        if pooling == SITE:
            return [self.chosen.groups.index(str(group))]
        return list(range(n_sites + 1 if pooling == TOTAL else n_sites))

    @cached_property
    def _boot(self) -> FloatArray:
        return self.bootstrap(self.products)

    def boot_covariance(self, pooling: str, group: str | None) -> FloatArray:
        """Return the covariances of the bootstrap samples of a unit, (n_boot, k, k)."""
        return self.covariance(self._boot, pooling, group)

    def deleted_covariance(self, pooling: str, group: str | None) -> list[FloatArray]:
        """Return the covariances of a unit without each person or cluster, one array a stratum."""
        packed = self.deleted(self.products, pooling, group)
        return [self.covariance(each, pooling, group) for each in packed]

    def covariance(self, packed: FloatArray, pooling: str, group: str | None) -> FloatArray:
        """Return the covariance of a unit from packed sums of all strata."""
        sums = unpack_pairs(packed[:, self.members(pooling, group)], len(self.columns))
        if pooling == SITE:
            return pair_covariance(sums)[:, 0]
        if pooling == TOTAL:
            return pair_covariance(add_strata(sums))[:, 0]
        return pair_within(sums)

    def centred(self, pooling: str, group: str | None) -> tuple[FloatArray, IntArray | None]:
        """Return the rows of a unit about the means they are analysed about, and their clusters."""
        mine = np.isin(self.site, self.members(pooling, group))
        rows, site = self.rows[mine], self.site[mine]
        level = np.zeros_like(rows)
        for at in np.unique(site) if pooling not in (SITE, TOTAL) else (None,):
            here = np.ones(len(rows), dtype=bool) if at is None else site == at
            seen = ~np.isnan(rows[here])
            count = np.maximum(seen.sum(axis=0), 1)
            level[here] = np.where(seen, rows[here], 0.0).sum(axis=0) / count
        cluster = None if self.cluster is None else as_clusters(self.cluster[mine])
        return rows - level, cluster
