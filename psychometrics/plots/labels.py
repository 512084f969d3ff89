"""Names that readers see instead of keys, and the order in which rows are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from psychometrics.plots.numerals import is_missing

Row = dict[str, Any]

POOLINGS = {
    "within": "Within sites",
    "total": "All together",
    "meta": "Sites synthesised",
}
"""Names of the pooled rows, in the order in which they are shown; within is the headline."""

WORDS = {
    "alpha": "alpha",
    "alpha_standardized": "standardized alpha",
    "alpha_ordinal": "ordinal alpha",
    "average_r": "average correlation",
    "coefficient_h": "coefficient H",
    "lambda2": "lambda 2",
    "lambda6": "lambda 6",
    "omega_categorical": "categorical omega",
    "omega_categorical_observed": "categorical omega, observed",
    "omega_hierarchical": "hierarchical omega",
    "omega_subscale": "omega subscale",
    "omega_total": "omega total",
    "omega_total_observed": "omega total, observed",
    "prediction": "thin line: where a further site is expected",
    "split_half": "split half",
    "n": "n = {n}",
    "reversed": "reversed in scoring",
    "simulated": "Simulated answers",
    "no_value": "not available",
    "no_answers": "no answers",
    "share": "Share of answers (%)",
    "loading": "Standardised loading",
    "coefficient": "Coefficient",
    "upper_below": "whole interval below {cutoff}",
    "straddles": "interval includes {cutoff}",
    "above": "whole interval at or above {cutoff}",
    "no_interval": "no interval",
    "scree": "Eigenvalues beside those of unrelated items",
    "number": "Number",
    "eigenvalue": "Eigenvalue",
    "scree_components": "components: {count} above the percentile of unrelated items",
    "scree_factors": "factors: {count} above it",
    "scree_note": "Broken lines: percentile of unrelated items. Hollow markers don't count.",
    "ladder": "What each level of invariance adds to misfit",
    "change_of_fit": "Change of fit; thick ticks: cut-offs of the nearest source",
    "change_of_fit_permuted": "Change of fit; thick ticks: 5 % of shufflings change by more",
    "effects": "Items that work differently (signed dMACS)",
    "effects_note": "Blue: answers lie higher than those of people of equal standing; = the same.",
    "loadings_by_site": "Loadings by site",
    "intercepts_by_site": "Intercepts by site",
    "means_by_site": "Factor means by site",
    "in_first_sd": "In standard deviations of the first site",
    "in_first_sd_items": "In units of the item, for one standard deviation of the first site",
    "in_item_units": "In units of the item",
    "dif_uniform": "Answers higher or lower than others of the same standing",
    "dif_nonuniform": "How much more an answer changes with the trait than elsewhere",
    "dif_axis": "In standard deviations of the item; rings: differs",
    "dif_trait": "Trait, in standard deviations within sites",
    "dif_answer": "Mean answer",
    "half_widths": "Expected half-width of intervals, by people a site",
    "people": "People a site",
    "half_width": "Half-width",
    "half_widths_needed": "{statistic}: {count} people for {target}",
    "half_widths_beyond": "{statistic}: not reached",
    "half_widths_note": "Not drawn: sizes at which too many samples have no interval.",
    "latent_correlation": "latent correlation",
    "htmt": "HTMT",
    "icc": "ICC",
    "pattern": "Loadings",
    "communality": "commu- nality",
    "difference": "Difference: {first} less {second}",
    "mean_of": "Mean of {first} and {second}",
    "agreement_note": "n = {n}. Broken: limits that {share} % of differences lie between. Bands: "
    "intervals.",
    "agreement_bins": "Dots: at least {least} targets together, mean ± standard deviation.",
    "agreement_points": "Small dots: single targets.",
    "multitrait": "Items with scales",
    "multitrait_own": "Framed: own scale without the item. ↓: below {cutoff}.",
    "multitrait_tests": "Own less other: ? within {errors} standard errors, × negative, ×× by more "
    "than that.",
    "pattern_note": "Loadings below {cutoff} in size are small and grey.",
    "trait": "Trait, in standard deviations",
    "trait_own": "Trait, in standard deviations of each site",
    "trait_of": "Trait, in standard deviations of {site}",
    "reliability": "Reliability",
    "sem": "Error of measurement",
    "probability": "Probability",
    "information": "Information",
    "all_people": "all people",
    "standing": "Standing: mean of the other items of the scale",
    "mean_answer": "Mean answer",
    "the_others": "the others",
    "well": "{cutoff} or better from {low} to {high}",
    "well_parts": "{cutoff} or better in {count} parts of {low} to {high}",
    "well_scores": ", mean scores {low} to {high}",
    "well_nowhere": "nowhere {cutoff} or better",
}
"""Short words that plots draw."""


@dataclass(frozen=True)
class Labels:
    """Names of sites, items and scales; a key without a name is shown as it is.

    Attributes
    ----------
    sites, items, scales : Mapping
        From key to name; the order of `sites` is the order in which they are drawn.

    Examples
    --------
    >>> labels = Labels(sites={"ulm": "Ulm"})
    >>> labels.site("ulm"), labels.site("pune"), labels.place("within", None)
    ('Ulm', 'pune', 'Within sites')
    """

    sites: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)

    def site(self, key: object) -> str:
        """Return the name of a site."""
        return self.sites.get(str(key), str(key))

    def item(self, key: object) -> str:
        """Return the text of an item."""
        return self.items.get(str(key), str(key))

    def scale(self, key: object) -> str:
        """Return the title of a scale."""
        return self.scales.get(str(key), str(key))

    def place(self, pooling: object, group: object) -> str:
        """Return the name of a row: how it is pooled, or the site it is about."""
        if str(pooling) == "site" or str(pooling) not in POOLINGS:
            return self.site(group)
        return POOLINGS[str(pooling)]


NO_LABELS = Labels()


@dataclass(frozen=True)
class Place:
    """What one row is about: a site, or one way of pooling."""

    pooling: str
    group: str | None

    @property
    def pooled(self) -> bool:
        """Whether the row is about several sites together."""
        return self.pooling != "site"


def place_of(pooling: object, group: object) -> Place:
    """Return the place of a row; a group that is missing is None."""
    return Place(str(pooling), None if is_missing(group) else str(group))


def places(result: pd.DataFrame | list[Row], labels: Labels = NO_LABELS) -> list[Place]:
    """Return the places of a result: pooled ones first, then sites in the order of `labels`.

    Examples
    --------
    >>> frame = pd.DataFrame({"pooling": ["site", "site", "total"], "group": ["b", "a", None]})
    >>> [place.group or place.pooling for place in places(frame, Labels(sites={"a": "A"}))]
    ['total', 'a', 'b']
    """
    pairs = [(row["pooling"], row["group"]) for row in records(result)]
    found = list(dict.fromkeys(place_of(pooling, group) for pooling, group in pairs))
    pooled_order, site_order = list(POOLINGS), list(labels.sites)
    return sorted(
        found,
        key=lambda place: (
            not place.pooled,
            _rank(place.pooling, pooled_order),
            _rank(place.group or "", site_order),
        ),
    )


def _rank(key: str, order: list[str]) -> int:
    """Return the position of `key`, or one after the last where it isn't listed."""
    return order.index(key) if key in order else len(order)


def by_place(result: pd.DataFrame | list[Row]) -> dict[Place, Row]:
    """Return the rows of a result by their place; the first one counts."""
    found: dict[Place, Row] = {}
    for row in records(result):
        found.setdefault(place_of(row["pooling"], row["group"]), row)
    return found


def records(result: pd.DataFrame | list[Row]) -> list[Row]:
    """Return the rows of a frame as dictionaries; rows are returned as they are.

    Slicing many small frames takes longer than drawing them, so a frame is turned into rows once.
    """
    if isinstance(result, list):
        return result
    names = [str(name) for name in result.columns]
    columns = [result[name].tolist() for name in result.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def grouped(result: pd.DataFrame | list[Row], *keys: str) -> dict[str, list[Row]]:
    """Return the rows that share the text of some columns, in the order in which they come.

    Examples
    --------
    >>> {key: len(rows) for key, rows in grouped(pd.DataFrame({"a": ["x", "y", "x"]}), "a").items()}
    {'x': 2, 'y': 1}
    """
    found: dict[str, list[Row]] = {}
    for row in records(result):
        found.setdefault("|".join(str(row[key]) for key in keys), []).append(row)
    return found


def unique(values: Iterable[object]) -> list[str]:
    """Return the distinct values as text, in the order in which they come."""
    return list(dict.fromkeys(str(value) for value in values if not is_missing(value)))
