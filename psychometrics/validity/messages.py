"""English sentences of the findings and reasons of this area, by code."""

from __future__ import annotations

from psychometrics.validity.attribution_messages import MESSAGES as ATTRIBUTION
from psychometrics.validity.comparability_messages import MESSAGES as COMPARABILITY
from psychometrics.validity.dif_messages import MESSAGES as DIF
from psychometrics.validity.feedback_messages import MESSAGES as FEEDBACK

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
        "The answers come in clusters ({count}, with {mean_size:.1f} people on average). Intervals "
        "of reliability, loadings, average variance extracted, correlations of factors and HTMT "
        "count clusters. Tests of models and of correlations of factors, fit indices, multitrait "
        "scaling, correlations with comparators and known groups take people as independent: they "
        "are too sure where people of one cluster are alike."
    ),
    "few_clusters": (
        "There are {count} clusters. Standard errors by cluster tend to be too small below "
        "{needed} (Cameron & Miller, 2015), although intervals take it into account by quantiles "
        "of t."
    ),
    "rows_left_out_for_weights": (
        "{count} people left some answer out. Models with case weights use complete rows, since "
        "full-information maximum likelihood with weights is not available yet."
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
    "moments_not_found": (
        "The means and covariances of the incomplete answers can't be estimated: some items were "
        "hardly ever answered together."
    ),
    "model_lacks_items": "Nobody answered {items}, which the model needs.",
    "rest_does_not_vary": (
        "The sum of the other items does not vary here, so this item can't go with it."
    ),
    "perfect_with_a_scale": (
        "The item goes with one of the two scales perfectly, so the difference has no interval. Is "
        "it asked twice?"
    ),
    "site_without_estimate": "{site} has no estimate with an interval. {why}",
    "no_variance_on_scale": "It has no sampling variance on the scale of the comparison.",
    "too_few_clusters": "It needs at least {needed} clusters; there are {n_clusters}.",
    "one_possible_answer": (
        "Only one answer was given to an item, so its range is unknown; name it in response_range."
    ),
    "clusters_of_one": "Everybody is alone in a cluster, so nobody can be alike in one.",
    "means_do_not_vary": "The clusters do not differ, or nobody does.",
    "interval_of_icc": "Nobody differs within clusters, so there is no interval.",
    "no_omega_without": (
        "One factor of the other items has no proper solution: a residual variance is not positive."
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
    "no_robust_errors": (
        "The observed information is not positive definite here, so there are no robust standard "
        "errors."
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
    "no_difference_to_scale": (
        "There is no difference to scale: scores don't vary, or no site has two people of each "
        "group."
    ),
    "groups_apart": (
        "The two groups don't overlap in any site, so there is no interval from their spread."
    ),
    "shared_items": (
        "Both have {items}, whose error they share, so there is nothing to correct for."
    ),
    "no_reliability": (
        "The items of {scale} are unrelated on average, so its reliability is not above 0."
    ),
    # agreement
    "rating_without_place": (
        "{count} ratings have no {targets} or no {raters}; fill both in, or leave these rows out."
    ),
    "rated_twice": (
        "{count} times a rater rated the same target more than once (first: {rater!r}). Give each "
        "occasion a name of its own, or decide which rating counts; a mean would hide the error."
    ),
    "too_few_targets": (
        "It needs at least {needed} targets that the same number of raters rated; there are "
        "{n_targets}."
    ),
    "too_few_to_show": (
        "{n_targets} targets have both ratings; fewer than {needed} are not shown, as a picture of "
        "so few would show single people."
    ),
    "ratings_do_not_vary": "All ratings are the same, so there is nothing to agree about.",
    "ratings_without_error": (
        "The ratings of a target never differ but by a constant, so there is no error to make an "
        "interval from."
    ),
    "icc_undefined": "The variance components add up to nothing, so the ratio has no value.",
    "one_category": "Only one category was used, so agreement by chance is certain too.",
    # traits by methods
    "too_few_methods": (
        "The model needs at least {needed} methods to be identified; there are {n_methods}."
    ),
    "too_few_traits": (
        "It needs at least {needed} traits, so that there are pairs of traits to put in order; "
        "there are {n_traits}."
    ),
    "measure_of_one_item": (
        "A measure that is one column has no internal consistency; give its items to have one."
    ),
    # missing answers
    "nothing_to_impute_from": (
        "{count} people answered none of the items; nothing was imputed for them."
    ),
    "not_imputed_at_site": (
        "Nobody at {site} answered {item}, so its level there is unknown; {count} answers were "
        "left missing."
    ),
    "not_in_every_set": (
        "The statistic can't be had in {count} of {n_sets} completed data sets, so they can't be "
        "pooled."
    ),
    "no_interval_in_every_set": (
        "The statistic has no interval in some completed data set, so its sampling variance is "
        "unknown. Ask for one, as with n_boot."
    ),
    "outside_the_scale": (
        "An estimate or a limit has no place on the scale that estimates are pooled on ({scale}); "
        "choose another with scale=."
    ),
    # data quality
    "people_no_answers": "{count} of {n_rows} people answered none of the items.{by_site}",
    "people_mostly_missing": "{count} of {n_rows} people have {rule}.{by_site}",
    "people_straight_line": (
        "{count} of {n_rows} people gave {rule}.{by_site} Where items are keyed both ways nobody "
        "means that; see effect_of_exclusion() before leaving anybody out."
    ),
    "people_same_as_another": (
        "{count} of {n_rows} people gave {rule}.{by_site} Was somebody entered twice?"
    ),
    "people_fast": "{count} of {n_rows} people took {rule}.{by_site}",
    "people_faster_than_others": (
        "{count} of {n_rows} people took {rule}.{by_site} Some people are quick: look at what "
        "else marks them."
    ),
    "response_time_unknown": "{count} of {n_rows} people have no response time.",
    "item_often_missing": (
        "{item}{place}: {count} of {n_possible} answers are missing ({share:.0%})."
    ),
    "item_options_unused": (
        "{item}{place}: {count} of {n_categories} options were never chosen by {n_answered} people."
    ),
    "site_items_often_missing": (
        "Items of which more than {limit:.0%} of the answers are missing at {site}, though not in "
        "total: {count}."
    ),
    "site_options_unused": (
        "Items with options that nobody chose at {site}, though somebody did elsewhere: {count}."
    ),
    "scale_at_floor": (
        "{scale}{place}: {share:.0%} of {n_scored} people have the lowest possible score "
        "(interval {low:.0%} to {high:.0%}; above {limit:.0%} a scale is said to have a floor)."
    ),
    "scale_at_ceiling": (
        "{scale}{place}: {share:.0%} of {n_scored} people have the highest possible score "
        "(interval {low:.0%} to {high:.0%}; above {limit:.0%} a scale is said to have a ceiling)."
    ),
    "little_test_undefined": (
        "Little's test can't be had: too few answers to some pair of items, or items that say the "
        "same."
    ),
    "not_missing_completely_at_random": (
        "Answers are not missing completely at random: people with different gaps differ in what "
        "they did answer (Little's chi-square {chi2:.1f}, df {df:.0f}, p {p_value:.3g}, "
        "{n_patterns} patterns). Complete rows are not like the others; see impute()."
    ),
    "nobody_left": "Without {excluded} there is no such row.",
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
    "interval_needs_answers": "Its interval is resampled, which needs the answers themselves.",
    "needs_answers": (
        "It needs the answers themselves: moments don't tell how often each was given."
    ),
    "one_cluster": (
        "All people are of one cluster in each site, so how much clusters differ can't be told."
    ),
    "jackknife_undefined": (
        "Without one of the people or clusters it has no value, so there is no interval."
    ),
    "no_ordinal_factor": (
        "One factor of the polychoric correlations has no proper solution: a loading is above 1, "
        "or the search did not end."
    ),
    "no_hierarchy": "The search for the group factors did not end.",
    "no_items_of_group_factor": "No item loads highest on this group factor.",
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
    "interval_too_narrow": (
        "This interval is known to be too narrow for skewed answers of so few people: fewer than "
        "92 % of such intervals held the true value."
    ),
    "interval_too_high": (
        "This interval is known to lie too high for skewed answers of so few people: fewer than "
        "92 % of such intervals held the true value. It errs towards not distinct."
    ),
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
    # ratings
    "judgement_unknown": "`{field}` is {name}, which there is not.{known}",
    "not_assessed": "Nobody has rated it, and these answers can not.",
    "not_assessed_here": (
        "These answers hold nothing on it. A number from elsewhere, or a rating, can be entered."
    ),
    "no_hypothesis_tried": "No hypothesis about it could be tried here.",
    "requires_structure": (
        "COSMIN counts it only where there is at least low evidence of sufficient structural "
        "validity, and here there is not."
    ),
    "indices_told": "{indices}.",
    "judged": "{told}",
    "sites_counted": (
        "Sites that meet the criterion: {plus}; that do not: {minus}; mixed: {mixed}; open: {open}."
    ),
    "not_scored": "Nobody has scored it, and these answers can not.",
    "no_anchor": "No anchor of the scale that was read says what {value:g} is worth.",
    "scores_together": "Of {count} scores, the {how} counts.",
    # the plan
    "plan_of_another_measure": (
        "The plan is for {planned}, and the measure is {given}. Give the plan of this measure, or "
        "the definition that it was made for."
    ),
    "plan_unknown": "There is no {name}.{known}",
    "plan_without_factor": (
        "The definition of {instrument} has no reflective higher-order construct, so there is no "
        "such model. Plan correlated_factors."
    ),
    "plan_key_twice": "{key} stands here twice. Give each its own name, or delete one.",
    "plan_same_site": "The contrast {key} has the same site on both sides. Name two sites.",
    "plan_number_out_of_range": "`{field}` is {found:g}; it must be from {low:g} to {high:g}.",
    "plan_exclusion_needs": (
        "The exclusion {key} is of the rule {rule} and needs `{field}:`. Add it."
    ),
    "plan_exclusion_without": (
        "The exclusion {key} is of the rule {rule}, which takes no `{field}:`. Delete it."
    ),
    "plan_definition_changed": (
        "The definition is not the one that was planned with; its items, scales or hypotheses may "
        "have changed."
    ),
    "plan_date_unknown": "When the answers were given is not known here.",
    "plan_after_data": "Answers were given before the plan was frozen.",
    "plan_option_of_the_call": "The call asked for something else than the plan.",
    "plan_exploratory": "It was not planned: what it shows is exploratory.",
    "plan_contrast_not_done": "These sites could not be compared: see their rows.",
    "plan_threshold_unused": "No claim was held against it.",
    "plan_own_rules": "Ratings were made by criteria of your own, which the plan can't name.",
    "plan_by_hand": "Done before the answers were read, so nothing here can count it.",
    "plan_without_weight": "{count} people had no case weight and took no part.",
    "plan_without_site": "{count} people have no site and count for none.",
    # the small-n policy
    "below_small_n": (
        "The small-n rule {rule} asks for {needed} people or more here; there are {n_obs}."
    ),
    "no_verdict_small_n": (
        "Nothing is claimed from {n_obs} people: the small-n rule {rule} asks for {needed} or more."
    ),
    **ATTRIBUTION,
    **COMPARABILITY,
    **FEEDBACK,
    **DIF,
}
