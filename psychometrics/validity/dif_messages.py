"""English sentences about differential item functioning, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "dif_needs_items": (
        "It needs at least {needed} items of a scale; there are {n_items}. With fewer, the trait "
        "and the item can't be told apart."
    ),
    "dif_small_group": (
        "{group} has {n_obs} people with answers to this scale; a model of its own mean and "
        "variance needs at least {needed}."
    ),
    "dif_empty_side": "Nobody is on one side of this contrast.",
    "dif_item_constant": "Everybody gave the same answer to {item}.",
    "dif_item_constant_in_group": (
        "Everybody in {group} gave the same answer to {item}, or nobody answered it; what another "
        "answer would have meant there is unknown."
    ),
    "dif_no_maximum": (
        "The model has no maximum here, so nothing can be tested; are there too few people, or is "
        "the item answered in one way on one side?"
    ),
    "dif_not_identified": (
        "Not identified: {item} is free in every other group already, so nobody is left to hold "
        "this one against."
    ),
    "dif_no_interval": "The estimate lies on a bound, so there is no interval.",
    "dif_is_an_anchor": "{item} was given as an anchor, which is taken to be equal.",
    "dif_no_anchor": "None of the anchors was answered here with different answers.",
}
