"""English sentences about comparability over groups, by code."""

from __future__ import annotations

CHANGE = "CFI {cfi:+.3f}, RMSEA {rmsea:+.3f}, SRMR {srmr:+.3f}"
TEST = "chi-square difference {chi2:.2f}, {df} df, p = {p_value:.3g}"
NOT_THE_SAME = "That no difference was found doesn't show that there is none: see equivalence()."

MESSAGES: dict[str, str] = {
    "level_not_fitted": "The model of this level can't be fitted: {problem}",
    "level_unavailable": "Nothing can be said: {problem}",
    "level_adds_nothing": (
        "This level has as many parameters as the one before it, so there is nothing to test."
    ),
    "level_not_nested": (
        "With two categories ({items}) this level is no case of '{before}': it frees what that one "
        "fixes. It is tested against '{wider}' instead (Wu & Estabrook, 2016)."
    ),
    "level_without_test": "The difference test has no value here ({method}).",
    "level_base_fits": (
        "chi-square {chi2:.2f}, {df} df, p = {p_value:.3g}; CFI {cfi:.3f}, RMSEA {rmsea:.3f}, SRMR "
        "{srmr:.3f}. Exact fit is not rejected. All other levels are held against this one."
    ),
    "level_base_misfit": (
        "chi-square {chi2:.2f}, {df} df, p = {p_value:.3g}; CFI {cfi:.3f}, RMSEA {rmsea:.3f}, SRMR "
        "{srmr:.3f}. Exact fit is rejected: what this model misses, all other levels miss too."
    ),
    "level_no_difference_found": (
        f"No difference found. {TEST}; {CHANGE}, within the cut-offs of {{cutoffs}}. {NOT_THE_SAME}"
    ),
    "level_differs": (
        f"Groups differ. {TEST}; {CHANGE}, beyond the cut-offs of {{cutoffs}}. See partial() for "
        "where."
    ),
    "level_mixed_test": (
        f"Undecided. {TEST} speaks for a difference, {CHANGE} stay within the cut-offs of "
        "{cutoffs}. A permutation test (permutations=1000) doesn't depend on either."
    ),
    "level_mixed_cutoffs": (
        f"Undecided. {CHANGE} go beyond the cut-offs of {{cutoffs}}, {TEST} does not speak for a "
        "difference. A permutation test (permutations=1000) doesn't depend on either."
    ),
    "level_no_difference_found_by_test": (
        f"No difference found. {TEST}; {CHANGE}, for which no published cut-offs fit. "
        f"{NOT_THE_SAME}"
    ),
    "level_differs_by_test": (
        f"Groups differ. {TEST}; {CHANGE}, for which no published cut-offs fit."
    ),
    "level_no_difference_found_resampled": (
        f"No difference found. {{test}}: p = {{p_value:.3g}}; {CHANGE}. {NOT_THE_SAME}"
    ),
    "level_differs_resampled": (
        f"Groups differ. {{test}}: p = {{p_value:.3g}}; {CHANGE}. See partial() for where."
    ),
    "permutation_assumes": (
        "Permutation supposes that people of all groups could be exchanged once their group's "
        "means are taken off: beside what is tested, equal factor variances, covariances and "
        "residual variances. Unequal ones make the p-values wrong, most with groups of unequal "
        "size."
    ),
    "permutation_assumes_raw": (
        "Permutation supposes that people of all groups could be exchanged: beside what is tested, "
        "equal factor means, variances, covariances and residual variances. Unequal ones make the "
        "p-values wrong, most with groups of unequal size."
    ),
    "parametric_assumes": (
        "The parametric bootstrap supposes normal answers and that the model of each level is "
        "right but for what is tested; groups may differ in factor means and variances."
    ),
    "bollen_stine_assumes": (
        "The Bollen-Stine bootstrap supposes that the model of each level is right but for what is "
        "tested; answers need not be normal, and groups may differ in factor means and variances."
    ),
    "item_of_several_factors": (
        "The item loads on several factors, and no quadrature over more than one is available."
    ),
    "alignment_untested": (
        "Which parameters differ is not known without bootstrap samples (n_boot=500)."
    ),
    "alignment_mostly_alike": (
        "{share:.0%} of the loadings and intercepts differ in some group: no more than the quarter "
        "up to which alignment is thought to work (Muthén and Asparouhov, 2014)."
    ),
    "alignment_too_different": (
        "{share:.0%} of the loadings and intercepts differ in some group, more than the quarter up "
        "to which alignment is thought to work (Muthén and Asparouhov, 2014)."
    ),
    "alignment_recovered": (
        "In samples of this size the groups' means correlate {correlation:.3f} with the true ones, "
        "{needed} or more as asked for: their order can be trusted."
    ),
    "alignment_not_recovered": (
        "In samples of this size the groups' means correlate {correlation:.3f} with the true ones, "
        "less than the {needed} asked for: don't rank groups by them."
    ),
    "alignment_recovery_unknown": (
        "With two groups, or groups whose means are all alike, there is no order to recover."
    ),
    # A study's comparability
    "no_grouping": "The answers name no {grouping}, so there are no groups to compare.",
    "one_group": (
        "All answers with a {grouping} are of one ({group}); comparing takes two or more."
    ),
    "no_scales_to_compare": "No scale here is a factor of three items or more.",
    "groups_too_small": (
        "Each group needs enough complete answers for {n_parameters} parameters, and {count} of "
        "them have. Compare loadings by congruence, or join groups that belong together."
    ),
    "one_scale_at_a_time": (
        "The model of all scales is not fitted, since it would leave groups out ({groups}): each "
        "scale has a ladder of its own, which says nothing of how scales go together."
    ),
    "one_scale": "There is one scale, whose ladder stands by itself.",
    "whole_misfits": (
        "The model of all scales fits by no index (CFI {cfi:.3f}, TLI {tli:.3f}, RMSEA "
        "{rmsea:.3f}, SRMR {srmr:.3f}), so nothing can be held against it: each scale has a ladder "
        "of its own, which says nothing of how scales go together."
    ),
    "ordered_groups_too_small": (
        "Thresholds and polychoric correlations need {needed} people or more in every group, and "
        "more people than a group has parameters. The ladder of continuous answers stands in."
    ),
    "ladder_failed": "The ladder can't be fitted: {problem}",
    "search_failed": "What is not equal can't be searched for: {problem}",
    "group_refused": "Left out: {why} Its loadings are compared by congruence.",
    "may_compare_means": (
        "No item was found to work differently here: mean scores and factor means may be compared "
        "with the other groups that this is said of. It is no proof that there is no difference."
    ),
    "may_compare_means_partial": (
        "Of {n_items} items, different here: {items}. Compare factor means of the model that "
        "lets them differ, not mean scores as they stand."
    ),
    "may_compare_undecided": (
        "The groups differ by more than any single item accounts for: compare correlations, and "
        "means only by alignment."
    ),
    "may_compare_correlations": (
        "Too few items ({n_equal} of {n_items}) keep their intercept here ({items} don't): compare "
        "correlations, no means."
    ),
    "may_compare_nothing": (
        "Too few items keep their loading here ({items} don't): compare nothing with other groups."
    ),
    "may_compare_nothing_structure": (
        "The items don't go together as the definition says: no fit index of the model with "
        "everything free is within its cut-off. Compare nothing."
    ),
    "may_compare_all": "{told}",
    "groups_means": "Mean scores and factor means: {groups}.",
    "groups_means_partial": "Factor means of the partial model, not mean scores: {groups}.",
    "groups_undecided": "Correlations; means are undecided: {groups}.",
    "groups_correlations": "Correlations alone: {groups}.",
    "groups_nothing": "Nothing: {groups}.",
    "groups_unavailable": "Not known: {groups}.",
    "level_short_no_difference_found": "no difference found",
    "level_short_differs": "a difference found",
    "level_short_mixed": "undecided",
    "level_short_base": "not tested",
    "level_short_unavailable": "no result",
    "levels_told": "Loadings: {metric}; intercepts: {scalar}.",
    "levels_told_permuted": (
        "Loadings: {metric}; intercepts: {scalar}; misfit with everything free is worse than in "
        "{n_samples} shufflings with p = {p_value:.3g}."
    ),
    "not_in_preset": "Left out by the preset {preset!r}; preset='standard' computes it.",
    "complete_rows_cost": (
        "{left_out} of {n_rows} rows lack an answer and are left out: people are shuffled whole."
    ),
    "alignment_failed": "The groups can't be aligned: {problem}",
    "dif_failed": "Items can't be compared one by one: {problem}",
    "congruence_failed": "Congruence can't be had: {problem}",
}
