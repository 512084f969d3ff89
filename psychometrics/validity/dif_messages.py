"""English sentences about differential item functioning, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "dif_needs_items": (
        "It needs at least {needed} items of a scale; there are {n_items}. With fewer, the trait "
        "and the item can't be told apart."
    ),
    "dif_small_group": (
        "{group} has {n_obs} people with answers to items that vary there; at least {needed} are "
        "needed."
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
    "too_few_groups": "It needs at least {needed} groups with answers; there are {n_groups}.",
    "dif_too_many_answers": (
        "{item} has {count} different answers; tables by score hold up to {limit}. method='mimic' "
        "takes answers as numbers."
    ),
    "dif_separated": (
        "At equal scores the answers of the two sides don't overlap enough: the effect is without "
        "end and has no interval. The tests stand."
    ),
    "dif_nothing_to_match": "Nobody of one side has the same score as anybody of the other.",
    "dif_observed_score": (
        "People are matched by a sum of {n_items} items, which stands for the trait only as far as "
        "it is reliable. Where groups differ in the trait, or an item's loading is unlike those of "
        "the others, items that are the same are called different: with four items in 13 to 61 % "
        "of samples where 5 % are meant. method='mimic' compares at equal standing on a model's "
        "trait and is the default for that reason; use this one to compare with work that matched "
        "so."
    ),
    "dif_no_anchor": "None of the anchors was answered here with different answers.",
}
