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
}
