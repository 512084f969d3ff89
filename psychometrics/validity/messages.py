"""English sentences of the findings and reasons of this area, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # selection
    "scale_without_items": "The scale {scale!r} has no items; give a list of item names.",
    "item_twice_in_scale": "{item!r} stands twice in the scale {scale!r}; name it once.",
    "item_keyed_both_ways": "{item!r} is keyed in two directions; give it one.",
    "column_absent": "The data have no column {column!r}.{hint}",
    "column_not_numeric": (
        "The column {column!r} holds text such as {example!r}; items must be numbers. "
        "read_responses() turns option texts into codes."
    ),
    "weight_negative": "{count} case weights are negative; weights are 0 or more.",
    # coefficients and models
    "no_synthesis": "A synthesis needs at least 2 sites with an estimate; there are {n_sites}.",
    "interval_undefined": (
        "More than 5 % of the bootstrap samples have no value, so there is no interval."
    ),
    "nonpositive_correlations": (
        "The geometric mean needs correlations that are not zero; some are."
    ),
}
