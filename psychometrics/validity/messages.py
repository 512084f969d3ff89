"""English sentences of the findings and reasons of this area, by code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # selection
    "scale_has_no_items": "The scale {scale!r} has no items; give a list of item names.",
    "item_twice_in_scale": "{item!r} stands twice in the scale {scale!r}; name it once.",
    "item_keyed_both_ways": "{item!r} is keyed in two directions; give it one.",
    "item_name_not_text": (
        "The item name {item!r} is no text; rename the column, as in "
        "frame.rename(columns=str), and name it so."
    ),
    "column_absent": "The data have no column {column!r}.{hint}",
    "column_not_numeric": (
        "The column {column!r} holds text such as {example!r}; items must be numbers. "
        "read_responses() turns option texts into codes."
    ),
    "scale_without_some_items": (
        "Nobody answered {items}, so {scale} is analysed with its other {n_items} items; its "
        "numbers are not those of the whole scale."
    ),
    "several_waves": (
        "The answers are of several waves ({count}), and every row counts as a person of its own. "
        "Intervals are too narrow where people answered more than once; validate one wave at a "
        "time."
    ),
    "answers_in_clusters": (
        "The answers come in clusters ({count}, with {mean_size:.1f} people on average), and "
        "intervals treat people as independent. They are too narrow where people of one cluster "
        "are alike; cfa(cluster=...) gives robust standard errors."
    ),
    "weight_negative": "{count} case weights are negative; weights are 0 or more.",
    "weight_empty": "No row has a case weight above 0; name another column or leave weights out.",
    # ordinal items
    "item_codes_not_whole": (
        "{item} holds {value:g}, which is no whole number ({count} such answers); the answers to "
        "an ordinal item are codes such as 1 to 5. Leave it out, or treat it as continuous."
    ),
    "item_with_too_many_categories": (
        "{item} has {count} different answers; thresholds are estimated for up to {limit}. With "
        "more, the tables of pairs are mostly empty, and a correlation loses less than 1 % by "
        "taking the answers as continuous: do that."
    ),
    "item_never_answered": "Nobody answered {item}; leave it out.",
    "item_with_one_category": (
        "Everybody ({count}) answered {value:g} to {item}, so nothing can correlate with it; leave "
        "it out."
    ),
    "group_without_rows": "Nobody is in the group {group}; leave it out.",
    "item_never_answered_in_group": (
        "Nobody in {group} answered {item}; leave the item or the group out."
    ),
    "item_with_one_category_in_group": (
        "Everybody in {group} ({count}) answered {value:g} to {item}, so nothing can correlate "
        "with it there; leave the item or the group out."
    ),
    "category_missing_in_group": (
        "Not every group gave each answer to {item}, so a threshold is infinite somewhere. How "
        "often {answers} was answered: {table}. collapse=True joins such answers with a neighbour, "
        "alike in all groups; or leave the item or the group out."
    ),
    "category_answered_once": (
        "One person{place} answered {value:g} to {item}; the threshold next to it rests on that "
        "one answer."
    ),
    "codes_with_gaps": (
        "Nobody answered {values} to {item}, though lower and higher answers were given; its "
        "categories are counted without."
    ),
    "categories_joined": (
        "{item}: the answer {value:g} was joined with {neighbour:g} in all groups, since some "
        "group never gave it."
    ),
    "pair_perfectly_predicted": (
        "The answers to {item_b}{place} follow from those to {item_a}, so their correlation has no "
        "most likely value; it is set to {value:.3f}. Is one a copy of the other, or are there too "
        "few answers?"
    ),
    "pair_never_answered": "Nobody{place} answered both {item_a} and {item_b}.",
    # coefficients and models
    "no_factors": "No scale has items that should go together, so there is no factor model.",
    "too_few_scales": (
        "A higher-order factor needs {needed} reflective scales or more; {construct} has "
        "{n_scales}."
    ),
    "model_lacks_items": "Nobody answered {items}, which the model needs.",
    "rest_does_not_vary": (
        "The sum of the other items does not vary here, so this item can't go with it."
    ),
    "no_synthesis": "A synthesis needs at least 2 sites with an estimate; there are {n_sites}.",
    "no_synthesis_of_variances": (
        "A synthesis needs at least 2 sites whose estimate has a sampling variance; there are "
        "{n_sites}. Where intervals are resampled, ask for samples (n_boot)."
    ),
    "interval_undefined": (
        "More than 5 % of the bootstrap samples have no value, so there is no interval."
    ),
    "nonpositive_correlations": (
        "The items of a scale are unrelated on average, or go apart (for HTMT2: a correlation is "
        "0), so the ratio has no value."
    ),
    # comparators, hypotheses, known groups
    "comparator_of_the_site": (
        "{comparator} is the same for everybody in a site: it describes the site, and people "
        "can't be correlated with it."
    ),
    "comparator_without_order": (
        "The values of {comparator} have no order, so nothing can rise or fall with them."
    ),
    "comparator_not_found": "The answers hold no values of {comparator}.",
    "too_few_pairs": "It needs at least {needed} people with both values; there are {n_obs}.",
    "constant_variable": "{variable} does not vary here.",
    "method_without_within": "There is no {method} correlation with the site held constant.",
    "robust_undefined": (
        "Too many people have the same value for a robust correlation; see the rank correlation."
    ),
    "group_variable_not_found": "The answers don't say the respondents' {variable}.",
    "too_few_in_group": (
        "Each group needs at least {needed} people; there are {n_higher} and {n_lower}."
    ),
    # factorability
    "more_items_than_people": (
        "It needs more complete answers than items; there are {n_obs} of {n_items} items."
    ),
    # exploratory analyses
    "perfectly_correlated": (
        "These items are perfectly correlated, so one of each pair says nothing of its own: "
        "{pairs}. Leave one of them out."
    ),
    "not_positive_definite": (
        "The {kind} correlations are not positive definite, so they have no likelihood. Use "
        "method='minres', or more complete answers."
    ),
    "heywood_case": (
        "Heywood case: the uniqueness of {items} went to its lower bound, so the factors explain "
        "all of it. Fewer factors, or more people, may help; don't interpret this solution."
    ),
    "rotation_not_determined": (
        "The rotation is not determined by its criterion here, so its loadings have no standard "
        "errors."
    ),
    "rotation_no_minimum": (
        "The {rotation} criterion has no minimum here: factors grow together without end. Choose "
        "another rotation, or other constants."
    ),
    "starts_disagree": (
        "{n_best} of {n_starts} starts of the {rotation} rotation reached the lowest value; the "
        "others ended higher, at {n_others} other value(s). Loadings that differ can be nearly as "
        "simple: compare rotations before naming factors."
    ),
    "no_errors_of_polychoric": (
        "Standard errors and tests need the sampling covariance of the polychoric correlations, "
        "which is not used here; n times the discrepancy is no chi-square for them."
    ),
    "no_errors_of_improper": "An improper solution has no standard errors.",
    "criteria_agree": "All {n_criteria} criteria say {factors}.",
    "criteria_disagree": (
        "{n_for} of {n_criteria} criteria say {factors} ({names}). Others say {others}. Compare "
        "the solutions with {low} to {high} factors by what they mean and how they replicate."
    ),
    "needs_answers_of_one_group": (
        "It needs the answers of one group and their Pearson correlations."
    ),
    "needs_complete_answers": "It needs complete answers.",
    "samples_without_variation": (
        "In more than 5 % of the samples an item does not vary, so they have no correlations."
    ),
    "not_asked_for": "No samples were asked for.",
    "no_likelihood": (
        "These correlations have no likelihood, or no number of factors fits properly."
    ),
    "none_fits_closely": "No number that was tried has an RMSEA that can be below .05.",
    "second_order_undetermined": "With two factors the general factor's loadings are set equal.",
    # item response view
    "loads_on_several": (
        "{item} loads on several factors, so it has no discrimination on one trait; see its slopes."
    ),
    "loads_on_none": "{item} loads on no factor, so it tells nothing of a trait.",
    "loading_of_zero": "{item} does not load here, so it has no difficulty.",
    "no_residual_variance": (
        "Heywood case: the residual variance of {item} is {value:.3f}, so it would tell the trait "
        "without error."
    ),
    "residual_fixed_at_zero": (
        "{item} stands for its factor by itself, without a residual, so there is no curve."
    ),
    "no_trait_variance": "The variance of {factor} is not positive here, so there is no trait.",
    "no_items_of_its_own": "{factor} has no item that loads on it alone, so there is no scale.",
    "answers_depend": (
        "Residuals covary ({pairs}), so information doesn't add up over the items: the sum would "
        "promise more than the answers tell."
    ),
    "nowhere_as_reliable": (
        "The scale is nowhere as reliable as {threshold:.2f} here; the highest is {highest:.3f}."
    ),
    # claims
    "not_for_formative": (
        "The definition says that the items of {scale} make the construct, so they need not go "
        "together, and how far they do says nothing about it."
    ),
    "no_interval": "There is no interval, and nothing is claimed from an estimate alone.",
    "nothing_to_judge": "The study has no row for it.",
    "no_hypotheses": "The definition states no hypotheses.",
    "claim_rests_on_total": "There are no sites to hold constant: this rests on all rows together.",
    "consistency_without_structure": (
        "That the items of each scale measure one thing is not shown here (see the structure), and "
        "COSMIN counts consistency only where it is."
    ),
    "structure_carried": (
        "{indices}. Within their cut-offs: {carried}. By COSMIN's checklist this sample is "
        "{sample} for {n_items} items."
    ),
    "structure_mixed": (
        "{indices}. The indices disagree. Within their cut-offs: {carried}. COSMIN's rule calls "
        "one index enough; nothing is claimed from it here. By its checklist this sample is "
        "{sample} for {n_items} items."
    ),
    "structure_not_carried": (
        "{indices}. No index meets its cut-off. By COSMIN's checklist this sample is {sample} for "
        "{n_items} items."
    ),
    "hypotheses_counted": (
        "{confirmed} of {tried} confirmed, {refuted} refuted, {undecided} undecided; "
        "{unavailable} could not be tried."
    ),
}
