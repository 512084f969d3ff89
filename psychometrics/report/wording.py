"""Every English sentence of the report, whole, by code.

No sentence is put together from parts: a translator gets it as it will be read, with named
places for numbers and names. :func:`say` fills them for plain text, :func:`say_html` for a page.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from psychometrics.plots.text import clean

SENTENCES: dict[str, str] = {
    # Faults in a call
    "minimum_group_size": (
        "minimum_group_size={value} is no size of a group; give a whole number, 0 to show all."
    ),
    "date_unreadable": "{found} is no date; write it as in 2026-03-05.",
    "locale_unknown": "There is no report in {locale!r} yet; choose one of {allowed}.",
    # Protection of small groups
    "withheld.small": "Withheld: fewer than {minimum} people.",
    "withheld.other": "Withheld to protect a smaller group.",
    "withheld.finding": (
        "Not shown: it is about fewer than {minimum} people, or a site that is withheld."
    ),
    "withheld.patterns": "{patterns} patterns, each of fewer than {minimum} people or the next",
    "withheld.fewer": "<{minimum}",
    "withheld.others": "{count} others",
    "withheld.none": "No group was too small to be shown; the limit is {minimum} people.",
    "withheld.off": "Groups of every size are shown, because protection was switched off.",
    "withheld.rule": (
        "Groups of fewer than {minimum} people are withheld in every table, figure and download, "
        "and so is whatever would let them be worked out: where only one site of an analysis "
        "would be missing beside pooled rows, the next smallest site is withheld with it."
    ),
    "withheld.everywhere": "Withheld throughout: {sites}.",
    "withheld.without_site": (
        "Fewer than {minimum} people have no site. The totals minus the sites would be their "
        "answers; therefore at least one site is withheld, until these people are given their site."
    ),
    "withheld.in_places": "Withheld where a single number is about fewer people: {sites}.",
    # The head of the page
    "title": "Validity report: {title}",
    "subtitle": "{n} people at {sites} sites answered {items} items of {scales} scales.",
    "subtitle.one": "{n} people answered {items} items of {scales} scales.",
    "subtitle.none": "{items} items of {scales} scales.",
    "version": "{id}, version {version}",
    "simulated": (
        "Simulated answers: the numbers on this page come from a model, not from people, and say "
        "nothing about any site."
    ),
    "simulated.caption": "Simulated answers.",
    "simulated.column": "simulated answers",
    "skip": "Skip to what can be claimed",
    "contents": "Contents",
    "provenance": "About the items: {provenance}",
    "citation": "To cite the measure: {citation}",
    "licence": "Licence of its texts: {licence}",
    # Headings
    "heading.claims": "What can I claim, what can’t I?",
    "heading.supported": "You can claim",
    "heading.not_supported": "You can’t claim",
    "heading.undecided": "Can’t be decided",
    "heading.unavailable": "No result",
    "heading.sample": "Sample and findings",
    "heading.quality": "Data quality",
    "heading.items": "Items",
    "heading.reliability": "Internal consistency",
    "heading.structure": "Structure",
    "heading.convergent": "Convergent validity",
    "heading.discriminant": "Discriminant validity",
    "heading.hypotheses": "Hypotheses and known groups",
    "heading.comparability": "May the sites be compared?",
    "heading.ratings": "Ratings by COSMIN and PAPERS",
    "heading.plan": "The plan, and what was done otherwise",
    "heading.limits": "What the data can’t say",
    "heading.methods": "Methods and settings",
    "heading.glossary": "Glossary: what the words and numbers mean",
    "heading.references": "Where the criteria come from",
    "short.claims": "What can I claim?",
    "short.sample": "Sample",
    "short.quality": "Data quality",
    "short.items": "Items",
    "short.reliability": "Consistency",
    "short.structure": "Structure",
    "short.convergent": "Convergent",
    "short.discriminant": "Discriminant",
    "short.hypotheses": "Hypotheses",
    "short.comparability": "Comparing sites",
    "short.ratings": "Ratings",
    "short.plan": "Plan",
    "short.limits": "Limits",
    "short.methods": "Methods",
    "short.glossary": "Glossary",
    "short.references": "Criteria",
    # The verdicts
    "claims.headline": (
        "Claims: {total}. Supported: {supported}; not supported: {not_supported}; can’t be decided "
        "with these answers: {undecided}; without a result: {unavailable}."
    ),
    "claims.none": "There is nothing to claim: no analysis gave a verdict.",
    "claims.pooling": (
        "Numbers are those within sites, unless a line says otherwise; brackets hold the "
        "{level} interval. A claim that has an interval is supported only if all of it meets the "
        "criterion."
    ),
    "claims.marks": (
        "The marks before a number show the sites: ✓ meets the criterion, ✗ doesn’t, "
        "? can’t be decided, – has no result."
    ),
    "claims.sites": (
        "Sites: {supported} meet the criterion, {not_supported} don’t, {undecided} can’t be "
        "decided, {unavailable} have no result."
    ),
    "claims.sites_withheld": (
        "The marks leave out sites that are withheld to protect a small group; where there are "
        "none, the count of sites is withheld."
    ),
    "claims.more": "Show {count} more",
    "overview.pairs": "Pairs of scales: {count}",
    "overview.subject": "{subject} ({statistic})",
    "claims.all": "All claims as a table",
    "internal_consistency.supported": "The items of these scales agree with one another.",
    "internal_consistency.not_supported": "The items of these scales don’t agree enough.",
    "internal_consistency.undecided": "It stays open whether these items agree enough.",
    "internal_consistency.unavailable": "Nothing can be said about how far these items agree.",
    "convergent.supported": "These scales carry enough of what their items share.",
    "convergent.not_supported": "These scales carry too little of what their items share.",
    "convergent.undecided": "It stays open whether these scales carry enough of their items.",
    "convergent.unavailable": "Nothing can be said about what these scales carry.",
    "discriminant.supported": "These scales are told apart from one another.",
    "discriminant.not_supported": "These scales are not told apart from one another.",
    "discriminant.undecided": "It stays open whether these scales are told apart.",
    "discriminant.unavailable": "Nothing can be said about telling these scales apart.",
    "structure.supported": "Items group as the definition says.",
    "structure.not_supported": "By no index do items group as the definition says.",
    "structure.undecided": "The fit indices disagree on whether items group as defined.",
    "structure.unavailable": "Nothing can be said about how the items group.",
    "hypotheses.supported": "Enough of what was expected beforehand was found.",
    "hypotheses.not_supported": "Too little of what was expected beforehand was found.",
    "hypotheses.undecided": "It stays open whether enough of what was expected holds.",
    "hypotheses.unavailable": "Nothing can be said about what was expected.",
    "comparability.supported": "Mean scores may be compared between sites as they stand.",
    "comparability.not_supported": "Don’t compare mean scores between sites as they stand.",
    "comparability.undecided": "It stays open whether mean scores may be compared between sites.",
    "comparability.unavailable": "Nothing can be said about comparing sites.",
    "pair": "{a} and {b}",
    "subject.whole": "All items together",
    "subject.correlated_factors": "Correlated factors",
    "subject.higher_order": "Higher-order factor",
    "subject.hypotheses": "Hypotheses stated beforehand",
    "criterion.at_least": "Criterion: {statistic} of at least {threshold} ({source}).",
    "criterion.above": "Criterion: {statistic} above {threshold} ({source}).",
    "criterion.below": "Criterion: {statistic} below {threshold} ({source}).",
    "criterion.at_most": "Criterion: {statistic} of at most {threshold} ({source}).",
    "criterion.bare": "Criterion: {threshold}, as the definition states.",
    "criterion.line": "{threshold} ({source})",
    "criterion.reference": "{criterion} {note} {reference}",
    # Pooling
    "pooling.intro": "A number over several sites can mean three things; each row says which.",
    "pooling.within": (
        "differences between the averages of the sites are taken out first; this is the headline."
    ),
    "pooling.total": (
        "all answers are stacked, so that differences between sites mix in; rows without a site "
        "count too."
    ),
    "pooling.meta": (
        "the results of the sites are averaged by a random-effects model, which also says what a "
        "further site may show."
    ),
    "name.within": "Within sites",
    "name.total": "All together",
    "name.meta": "Sites synthesised",
    # Sections
    "lead.sample": (
        "Who answered, and what was noticed in the data. Findings name columns and counts, never "
        "rows or people."
    ),
    "missing.fiml": (
        "Factor models, omega and HTMT use the {n} people with an answer. {complete} of them "
        "answered every item; keeping only these would leave {lost} out. Models estimate from all "
        "answers (full-information maximum likelihood): right if answers are missing at random, "
        "that is for reasons that the other answers tell. Nothing is filled in, and questions "
        "that did not apply take no part."
    ),
    "missing.listwise": (
        "Factor models use the {n} people who answered every item; {lost} of those with an answer "
        "are left out. That is right only if answers are missing completely at random."
    ),
    "missing.nothing_missing": "All {n} people answered every item, so models leave nobody out.",
    "missing.width": (
        "With complete rows the intervals of the factor correlations would be {ratio} times as "
        "wide on average."
    ),
    "missing.empty": "People who answered none of the items ({n}) take no part.",
    "table.missing_model": "{model}: {statistic}",
    "table.missing": "Who the models use, and what complete rows would give",
    "note.missing_models": (
        "Lost: of the people with an answer, those whom complete rows would leave out. Width: of "
        "the {level} interval. Complete rows: the same estimate from people who answered all "
        "items of the model. Little’s test: a small p says that gaps go with other answers, so "
        "that complete rows would mislead; a large one does not prove the opposite."
    ),
    "lead.no_findings": "Nothing was found that needs attention.",
    "lead.quality": (
        "What the answers give reason to look at before any result. Nobody was left out because of "
        "it. Counts of fewer people than may be shown are withheld with what would give them away."
    ),
    "lead.multitrait": (
        "Whether each item goes with the rest of its own scale, and more so than with the other "
        "scales: no model, only correlations of the answers."
    ),
    "lead.items": (
        "How answers are spread, and how each item goes with the rest of its scale. Bars show "
        "answers as given; an item that is reversed in scoring says so."
    ),
    "lead.items_numeric": (
        "How answers are spread, and how each item goes with the rest of its scale."
    ),
    "lead.reliability": (
        "How closely the items of a scale agree. Omega follows from a one-factor model; alpha "
        "assumes in addition that all items weigh the same."
    ),
    "lead.unidimensionality": (
        "Alpha and omega take for granted that a scale measures one thing. This is how well one "
        "factor accounts for each scale, and its share of what the items have in common."
    ),
    "lead.differences": (
        "Whether sites differ in reliability: all at once, and on demand two by two. That no "
        "difference is shown is no evidence that there is none: with 47 people a site, alphas of "
        "0.80 and 0.70 are told apart one time in five."
    ),
    "lead.group_means": (
        "Where people come in services: how much of a person's score lies between services "
        "(ICC 1), how reliably a service's mean tells it from others (ICC 2), and how far people "
        "of a service agree (r_wg), where 0 is no agreement and 1 full agreement."
    ),
    "lead.structure": (
        "Whether the items group as the definition says. Each index stands with its own value and "
        "its own cut-off. COSMIN calls one index enough; here a structure counts as supported only "
        "where SRMR and one of CFI, TLI and RMSEA agree."
    ),
    "lead.loadings": "How strongly each item reflects its scale, at each site.",
    "lead.convergent": (
        "How much of the items’ variance their scale carries, and how the scales go with what "
        "they should go with."
    ),
    "lead.discriminant": (
        "Whether scales that are meant to differ do. The ratio compares correlations across "
        "scales with those within; the latent correlation is free of measurement error."
    ),
    "lead.distinctness": (
        "Whether pairs that are meant to be distinct are, by their whole intervals: distinct where "
        "the interval lies below the threshold in size, not distinct where it lies above it, and "
        "undecided otherwise. The latent correlation leads; the ratios stand beside it."
    ),
    "lead.cross_loadings": (
        "Whether an item belongs to another scale too: how strongly it would load there if the "
        "model let it, and by how much χ² would fall. Of so many tests some are significant by "
        "chance, and freeing one loading changes the others; read the size first."
    ),
    "lead.hypotheses": "What was expected before any data were seen, and what was found.",
    "lead.no_hypotheses": "The definition states no hypotheses and no known groups.",
    "lead.plan": (
        "The plan was frozen on {date} by {by}. Its hash is {hash}; whoever holds the plan can "
        "make it again. Deviations: {count}."
    ),
    "note.plan": (
        "Not known: nothing here can tell. Not planned: what it shows is exploratory. What can’t "
        "be followed is said by the note."
    ),
    "lead.ratings": (
        "{edition}: + sufficient, − insufficient, ± sites disagree, ? indeterminate. Each language "
        "version is rated by the sites that use it."
    ),
    "lead.papers": (
        "PAPERS is rated from -1 (poor) to 4 (excellent). Numbers are held only against anchors "
        "that were read in a source; the rest is for people to rate."
    ),
    "note.cosmin_bias": (
        "Quality of evidence is “at most” what is shown until people have judged the risk of bias: "
        "until then only the size of the sample, and where COSMIN sets none, nothing speaks of it."
    ),
    "note.cosmin_claims": (
        "COSMIN rates estimates. What can be claimed in view of the intervals is said at the top, "
        "and the two can differ."
    ),
    "differences.some": "Sites differ in reliability: {scales}. Tests: {tests}.",
    "differences.one": "{scale} ({coefficient}, p {p})",
    "differences.none": (
        "No difference in reliability between sites was shown (tests: {tests}, none with p under "
        "{significance})."
    ),
    "distinctness.counted": (
        "Pairs: {pairs}. By the latent correlation against {threshold}: distinct {distinct}, not "
        "distinct {not_distinct}, undecided {undecided}, without a result {unavailable}."
    ),
    "cross_loadings.counted": (
        "Items that would load {threshold} or more in size on another scale: {large} of {every} "
        "pairs of item and scale."
    ),
    "site_less_site": "{a} less {b}",
    "statistic_below": "{statistic} below {threshold}",
    "subject.measure": "The whole measure",
    "threshold.at_least": "at least {threshold} ({source})",
    "threshold.above": "above {threshold} ({source})",
    "threshold.below": "below {threshold} ({source})",
    "threshold.at_most": "at most {threshold} ({source})",
    "quality.at_most": "at most {level}",
    "rated.by": "{by}, {date}",
    "papers.about": "{criterion}: {subject}",
    "lead.limits": "What these answers leave open, however the numbers look.",
    "lead.glossary": (
        "Underlined words lead here. Each entry says what a word means, how the number is "
        "computed, when not to trust it, and whose it is."
    ),
    "glossary.computed": "How it is computed",
    "glossary.limit": "When not to trust it",
    "glossary.source": "Source",
    "glossary.see": "See also",
    "glossary.back": "Back",
    "glossary.open": "Show in the glossary",
    "glossary.close": "Close",
    "glossary.short": "What the words mean",
    "lead.methods": "All that is needed to get the same numbers again.",
    # Comparing groups
    "lead.comparability": (
        "Comparing sites takes items that work the same there. Equal loadings allow comparing "
        "correlations; equal intercepts too allow comparing means. This is what holds here."
    ),
    "compare.grouping": "Compared over: {grouping}.",
    "compare.not_done": "Nothing was compared. {reason}",
    "compare.means_of": (
        "No item was found to work differently, so mean scores may be compared: {scales}, between "
        "{sites}."
    ),
    "compare.means": (
        "{scale}: no item was found to work differently, so mean scores may be compared, between "
        "{sites}."
    ),
    # Simulated: benchmarks/README.md, tests of measurement invariance.
    "compare.no_proof": (
        "That nothing was found is no proof that nothing differs. With 50 people a site, an item "
        "that is off by half a standard deviation in one site is seen in two of three studies, "
        "and one that is off by a quarter in one of five; with 200, in all and in two of three."
    ),
    "compare.means_partial": (
        "{scale}: with {sites} compare factor means of the partial model, not mean scores, because "
        "{items} works differently there. Mean scores are off by {bias}."
    ),
    "compare.undecided": (
        "{scale}: {sites} differ by more than any single item accounts for; compare correlations, "
        "and means only by alignment."
    ),
    "compare.correlations": (
        "{scale}: with {sites} compare correlations alone; too many items keep no common intercept "
        "({items})."
    ),
    "compare.nothing": "{scale}: compare nothing with {sites}; loadings or structure differ.",
    "compare.unavailable": "Not tested: {sites}. {reason}",
    "compare.unavailable_of": "Not tested for {scales}: {sites}. {reason}",
    "compare.points": "{points} [{low}, {high}] answer points ({site})",
    "compare.no_points": "an unknown amount",
    "compare.refused": "{model}: {reason}",
    "compare.by_permutation": (
        "Loadings and intercepts were tested by shuffling people over the groups {n} times, which "
        "supposes equal factor variances and residual variances, not equal means."
    ),
    "compare.by_tests": (
        "Loadings and intercepts were tested by difference tests and published cut-offs, which "
        "reject too often in small groups; the standard preset shuffles people instead."
    ),
    "compare.complete": (
        "Models rest on {n} people with complete answers; up to {left_out} others lack an answer "
        "and are left out, since people are shuffled whole."
    ),
    "compare.not_equal": (
        "No difference found doesn’t show that there is none: with {levels} these answers don’t "
        "rule out more than a close misfit."
    ),
    "compare.design": (
        "Nothing here says why an item works differently: where a site has a language of its own, "
        "wording and place can’t be told apart."
    ),
    "items.counted": (
        "Items held against people of the same standing, version by version: {total} comparisons. "
        "Version differences whose cause can’t be identified: {version}; differences of sites with "
        "the same words: {same_words}; of languages within a site: {within}; alike within a "
        "quarter of a standard deviation: {equivalent}; undecided: {undecided}."
    ),
    "items.same_words": (
        "With the same words {one} and {other} differ by up to {value} standard deviations of an "
        "item ({item}). That is one contrast, no yardstick of what sites differ by chance."
    ),
    "model.ordered": "{model}, answers as ordered categories",
    "items.pair": "{a} – {b}",
    "items.details": "Show items by site, and the same words at two sites",
    "note.attribution": (
        "Differences in standard deviations of the item, with {level} intervals, positive where "
        "the first answers higher at the same standing. Same words: the widest difference of two "
        "sites whose texts are identical."
    ),
    "note.same_words": (
        "Differences in standard deviations of the item. Both sites read the same words, so these "
        "are differences of place and people."
    ),
    "note.dif": (
        "Each site against all others. Differences in SD of the item, with {level} "
        "intervals, and in answer points; p is adjusted over all tests."
    ),
    "compare.tests": "Show tests, factor means and congruence",
    "compare.parameters": "Show loadings and intercepts by site",
    "compare.change": "{change} ({limit})",
    "note.comparability": (
        "Two sites may compare what both allow. Factor means: those of the partial model, in which "
        "the items that differ are free."
    ),
    "note.ladder": (
        "Each level is held against the one above it. Differences: χ² test of what the level makes "
        "equal, and the change of CFI."
    ),
    "note.ladder_permuted": (
        "Each level is held against the one above it. p shuffled: share of shufflings whose χ² "
        "rises as much. Change of CFI in brackets: 5 % of shufflings fall by more."
    ),
    "note.epc": (
        "Change: by how much the parameter would differ there if it were free. p is adjusted for "
        "all tests of its level. dMACS: effect on the item’s answers in standard deviations, "
        "positive where answers lie higher; bias: the same in answer points."
    ),
    "note.latent_means": (
        "In standard deviations of the first group, whose mean is 0. Intervals of the partial "
        "model take what was set free as known unless the note says otherwise: they are too narrow."
    ),
    "note.alignment": (
        "R²: share of the groups’ differences in loadings and intercepts that their means and "
        "variances explain. Recovered: correlation of means with the true ones, in samples drawn "
        "at this number of people. ✓: at most {most} of the parameters differ, and {least} or more "
        "is recovered; else don’t rank groups by aligned means (Muthén and Asparouhov, 2014)."
    ),
    "note.congruence": (
        "Tucker’s phi of a site’s loadings with those pooled within sites; {cutoff} and above "
        "counts as equal (Lorenzo-Seva and ten Berge, 2006)."
    ),
    # What carried the rating of fit
    "fit.carried": "{model}, {place}: {passed} within the cut-off, {failed} outside it.",
    "fit.all": "{model}, {place}: {passed} all within their cut-offs.",
    "fit.none": "{model}, {place}: {failed} all outside their cut-offs.",
    # What was expected
    "expected.convergent.positive": "{about}: positive, at least {minimum}",
    "expected.convergent.negative": "{about}: negative, at least {minimum} in size",
    "expected.convergent.none": "{about}: at least {minimum} in size",
    "expected.discriminant.positive": "{about}: at most {maximum} in size",
    "expected.discriminant.negative": "{about}: at most {maximum} in size",
    "expected.discriminant.none": "{about}: at most {maximum} in size",
    "expected.known_groups": "{about}: {higher} above {lower}, by {minimum} SD or more",
    "hypothesis": "{scale} with {comparator}",
    "known_groups": "{scale}, by {variable}",
    # Limits
    "limits.language": (
        "At these sites the language and the site are one thing, so that no number of answers "
        "can tell a difference of wording from a difference of place: {sites}."
    ),
    "limits.shared": (
        "{locale} is used at {sites}: differences between these are not differences of language."
    ),
    "limits.drafts": (
        "The translations that come with this instrument are drafts that nobody has signed off as "
        "they stand: {locales}. Which words people read is known only if they answered a release."
    ),
    "limits.comparability": (
        "Whether scores mean the same at every site is not tested here; compare averages "
        "between sites only after such a test."
    ),
    "limits.causes": (
        "An item that works differently at a site shows a difference of version, place or people; "
        "these answers can’t tell which. A second site with the same language, or people who "
        "answer in both languages, would say more."
    ),
    "limits.small": "Fewer than {limit} people answered at {sites}; expect wide intervals there.",
    "limits.undecided": (
        "Claims whose interval lies on both sides of the criterion: {count}. More answers would "
        "decide them; as they stand they are evidence neither for nor against."
    ),
    "limits.formative": (
        "{scales} are declared formative: their items make the construct, so that consistency "
        "and loadings are no evidence for or against them."
    ),
    "limits.weights": (
        "Weights count in reliability, item–rest correlations, factor models and "
        "heterotrait–monotrait ratios. Counts, means, correlations with comparators and known "
        "groups are those of the people who answered, unweighted."
    ),
    "limits.one_wave": (
        "Stability over time, change and content validity can’t be judged from one set of answers."
    ),
    "limits.unavailable": "Results on {table} that could not be had: {count}. {reason}",
    # Tables
    "download": "Download as CSV: {name} (rows: {rows})",
    "table.by_site": "Show each site",
    "table.all": "Show all rows",
    "table.pairs": "Show pairs of sites",
    "note.interval": "Brackets hold the {level} interval.",
    "note.short_interval": (
        "† The interval is known to be short: of samples of as few people with skewed answers, it "
        "held the true value in fewer than {enough} of 100."
    ),
    "note.method": "{statistic}: {method}.",
    "note.simulated": "Simulated answers.",
    "note.unrounded": (
        "Downloads hold the unrounded numbers. A text cell that a spreadsheet would run as a "
        "formula begins with an apostrophe."
    ),
    "note.comparator": "{key} stands for: {text}",
    "note.comparator_codes": "{key} stands for: {text} ({codes})",
    "note.heterogeneity": (
        "I² is the share of the variance between the sites’ results that sampling doesn’t explain. "
        "A further site’s true value is expected in the last bracket, with {level} coverage."
    ),
    "note.differences": (
        "Differences with their {level} intervals; * p under {significance} after Holm’s "
        "adjustment over the pairs of a scale."
    ),
    "note.distinctness": (
        "HTMT2 assumes that no two items correlate negatively; where some do, read the latent "
        "correlation."
    ),
    "note.cross_loadings": (
        "The {shown} largest of {every}; the download holds all. Set apart: those that reach the "
        "criterion."
    ),
    "note.flag": "{flag}: {rule}.",
    "note.missing": "Of the answers that could exist; what doesn’t apply is no missing answer.",
    "note.options": "Options that somebody chose, of those that the item offers.",
    "note.patterns": "Further patterns, in the download: {count}.",
    "note.multitrait": (
        "Own: correlation with the rest of the item’s own scale; {convergent} counts as a success. "
        "Other: correlation with other scales. A test compares the two: definite is a difference "
        "of {errors} standard errors or more, probable a smaller one."
    ),
    "count_of": "{count} ({share})",
    "used_of": "{used} of {every}",
    "range": "{low} to {high}",
    "share_interval": "{share} [{low}, {high}]",
    "no_gaps": "no answer missing",
    "not_known": "not known",
    "median_quartiles": "{median} [{low}, {high}]",
    "note.retest": (
        "Scores of people who answered in more than one wave; ICC(2,1): two-way random, absolute "
        "agreement, one occasion. Errors and changes are in points of the score."
    ),
    "note.contrasts": (
        "{coefficient} of the first site less that of the second; p-values adjusted over the "
        "planned comparisons of all scales."
    ),
    "note.exclusions": (
        "Claims with everybody, and without the people whom the plan leaves out. Where these are "
        "too few to be told of, only the second is shown."
    ),
    "note.times": (
        "Medians with quartiles, of the whole form; seconds an answer are of the items alone, so "
        "that other questions on the form make people look slower than they were."
    ),
    "note.fit": (
        "✓ and ✗ compare each value with its own cut-off: CFI above {cfi}, TLI above {tli}, RMSEA "
        "below {rmsea}, SRMR below {srmr}. The bracket after RMSEA is its 90% interval."
    ),
    "note.items": (
        "Missing is the share of people without a usable answer, also where an item doesn’t apply. "
        "Floor and ceiling are the shares of the lowest and the highest possible answer. "
        "Item–rest is the correlation with the rest of the scale, after reversing."
    ),
    "note.discriminant": (
        "The classes grade the limit of the latent correlation that is furthest from 0 (none, "
        "marginal, moderate, severe). The χ² difference is that of holding the correlation at "
        "{cutoff}. Fornell–Larcker: both AVE exceed the shared variance."
    ),
    # Figures
    "figure.reliability": "Reliability of {scale}, pooled and by site",
    "figure.responses": "Answers to the items of {scale}, by site",
    "figure.loadings": "Standardised loadings of {scale}, pooled and by site",
    "figure.htmt": "Heterotrait–monotrait ratio of each pair of scales, {place}",
    "figure.ladder": "What equal loadings, intercepts and residual variances add to misfit",
    "figure.effects": "Items that work differently, against {reference} (signed dMACS)",
    "figure.latent_means": "Factor means by {how}, with {level} intervals",
    "figure.loadings_by_group": "Loadings of {scale}, aligned; rings mark what differs",
    "figure.intercepts_by_group": "Intercepts of {scale}, aligned; rings mark what differs",
    "figure.dif": "Items of {scale}: each site against all others at the same standing",
    "alt.effect": "{place} {value}, in answer points {points}",
    "alt.ladder": "{level}: {values}.",
    "figure.multitrait": "Items with scales, {place}",
    "figure.htmt_legend": (
        "Each cell holds the ratio and its {level} interval. The shade says where the whole "
        "interval lies: pale below {cutoff}, hatched on both sides of it, dark at or above it."
    ),
    "alt.reliability": "{place}: {coefficient} {value}, {n} people.",
    "alt.reliability_no_n": "{place}: {coefficient} {value}.",
    "alt.no_value": "{place}: {reason}",
    "alt.threshold": "The dashed line marks {label}.",
    "alt.responses": "{item}, {place}, {n} people: {answers}.",
    "alt.answer": "{option} {share}",
    "alt.loading": "{item}: {values}.",
    "alt.loading_value": "{place} {value}",
    "alt.htmt": "{a} with {b}: {value}.",
    "alt.htmt_missing": "{a} with {b}: {reason}",
    # The short summary
    "summary.head": "{title} ({id} {version})",
    "summary.group": "{heading}:",
    "summary.line": "  {property}: {subject}, {statistic} {value}",
    "summary.line_n": "  {property}: {subject}, {statistic} {value}, n = {n}",
    "summary.reason": "  {property}: {subject}. {reason}",
    "summary.also": "Also:",
    "summary.told": "  {sentence}",
    "summary.more": "Write the page with .to_html(path), all tables with .write_tables(directory).",
}

LABELS: dict[str, str] = {
    # Columns
    "alpha": "Alpha",
    "alpha_if_deleted": "Alpha without it",
    "alpha_ordinal": "Ordinal alpha",
    "alpha_standardized": "Standardized alpha",
    "ave": "AVE",
    "average_r": "Average correlation",
    "bartlett": "Bartlett χ² (df)",
    "ceiling": "Ceiling",
    "cfi": "CFI",
    "chi2": "χ² (df)",
    "chi2_difference": "χ² difference (df)",
    "class_": "Class",
    "coefficient_h": "Coefficient H",
    "composite_reliability": "Composite reliability",
    "correlation": "Latent correlation",
    "count": "Count",
    "criterion": "Criterion",
    "epc": "Expected loading there",
    "ecv": "Common variance of one factor",
    "estimate": "Found",
    "floor": "Floor",
    "fornell_larcker": "Fornell–Larcker",
    "g": "Hedges g",
    "htmt": "HTMT",
    "htmt2": "HTMT2",
    "i2": "I²",
    "icc1": "ICC(1)",
    "icc2": "ICC(2)",
    "item": "Item",
    "item_rest": "Item–rest",
    "kmo": "KMO",
    "lambda2": "Lambda 2",
    "lambda6": "Lambda 6",
    "loading": "Loading",
    "mi": "χ² would fall by",
    "mean": "Mean",
    "mean_size": "People each",
    "message": "What was found",
    "missing": "Missing",
    "missing_share": "Missing",
    "lost": "Lost",
    "width": "Width",
    "estimate_listwise": "Complete rows",
    "width_listwise": "Width there",
    "little_p": "Little’s p",
    "mean_factor_correlation": "mean correlation of factors",
    "n_clusters": "Services",
    "n_complete": "All items",
    "n_empty": "No item",
    "n_groups": "Sites",
    "n_higher": "n higher",
    "n_lower": "n lower",
    "n_obs": "n",
    "n_partial": "Some items",
    "n_rows": "People",
    "name": "Setting",
    "omega_categorical": "Categorical omega",
    "omega_categorical_observed": "Categorical omega, observed variance",
    "omega_hierarchical": "Hierarchical omega",
    "omega_if_deleted": "Omega without it",
    "omega_subscale": "Omega subscale",
    "omega_total": "Omega total",
    "omega_total_observed": "Omega total, observed variance",
    "other_scale": "Other scale",
    "p_value": "p",
    "pair_of_sites": "Two sites",
    "place": "Place",
    "pooling": "Pooled how",
    "prediction": "Further site",
    "property": "Property",
    "r_wg": "r_wg(j)",
    "rank_correlation": "Rank correlation",
    "rmsea": "RMSEA",
    "scale": "Scale",
    "score_correlation": "Correlation",
    "sd": "SD",
    "setting": "Value",
    "severity": "Severity",
    "share_confirmed": "Share confirmed",
    "split_half": "Split half",
    "sites": "Sites ✓ / ✗ / ? / –",
    "skew": "Skew",
    "srmr": "SRMR",
    "statistic": "Statistic",
    "structural_share": "Not applicable",
    "subject": "About",
    "test_statistic": "Test statistic (df)",
    "text": "Text",
    "tli": "TLI",
    "value": "Found",
    "verdict": "Verdict",
    "where": "Where",
    # Data quality and multitrait scaling
    "definite_error": "Definite errors",
    "definite_success": "Definite successes",
    "flag": "Flag",
    "flag.fast": "Too fast",
    "form_version": "Version",
    "language": "Language",
    "mode": "Mode",
    "median_seconds": "Seconds",
    "icc_agreement": "ICC(2,1)",
    "n_targets": "People in all waves",
    "standard_error_of_measurement": "Error of measurement",
    "smallest_detectable_change": "Smallest detectable change",
    "mean_difference": "Mean difference",
    "lower_limit": "Lower limit of agreement",
    "upper_limit": "Upper limit of agreement",
    "with_all": "With everybody",
    "difference": "Difference",
    "p_adjusted": "p, adjusted",
    "verdict_all": "Verdict with everybody",
    "without": "Without those left out",
    "median_seconds_per_answer": "Seconds an answer",
    "n_timed": "People with a time",
    "flag.faster_than_others": "Much faster than others",
    "flag.mostly_missing": "Mostly missing",
    "flag.no_answers": "No answers",
    "flag.same_as_another": "Same as somebody else",
    "flag.short_interval": "†",
    "flag.straight_line": "Straight-lining",
    "floor_ceiling": "Floor and ceiling",
    "multitrait": "Multitrait scaling",
    "n_convergent": "Own high enough",
    "n_missing": "Items missing",
    "other": "Other scales",
    "own": "Own scale",
    "pattern": "Missing together",
    "probable_error": "Probable errors",
    "probable_success": "Probable successes",
    "scaling_success": "Success",
    "share": "Share",
    # Comparing groups
    "all_scales": "All scales together",
    "attribution.same_words_site_difference": "sites, with the same words",
    "attribution.version_difference": "version, cause not identifiable",
    "attribution.within_site_language_difference": "languages within a site, self-selected",
    "change": "Change",
    "kind": "Kind",
    "kind.nonuniform": "slope",
    "kind.uniform": "level",
    "more": "What would tell more",
    "others": "all others",
    "points": "In points",
    "same_words": "With the same words",
    "delta_cfi": "Δ CFI",
    "in_sd": "Difference in SD",
    "delta_chi2": "Δ χ² (df)",
    "delta_p": "p",
    "bias": "Bias in points",
    "found.base": "the first level",
    "found.differs": "differ",
    "found.mixed": "undecided",
    "found.no_difference_found": "no difference found",
    "found.unavailable": "no result",
    "freed": "Set free",
    "invariance": "Levels",
    "level": "Level",
    "level.thresholds": "Thresholds equal",
    "level.configural": "Everything free",
    "level.metric": "Loadings equal",
    "level.scalar": "Intercepts equal",
    "level.strict": "Residual variances equal",
    "may_compare.correlations": "correlations",
    "may_compare.means": "means",
    "may_compare.means_partial": "factor means",
    "may_compare.nothing": "nothing",
    "may_compare.undecided": "undecided",
    "means.alignment": "Alignment",
    "means.partial_scalar": "Partial model",
    "parameter": "Parameter",
    "parameter.intercept": "intercept",
    "parameter.loading": "loading",
    "permutation_p": "p shuffled",
    "r2_intercepts": "R² intercepts",
    "r2_loadings": "R² loadings",
    "recovery": "Recovered",
    "role": "role",
    "share_different": "Share that differs",
    "share_equal": "Share of equal items",
    "signed": "dMACS",
    "wave": "wave",
    "cross_loadings": "Cross-loadings",
    "decision.distinct": "distinct",
    "decision.not_distinct": "not distinct",
    "decision.undecided": "undecided",
    "implied": "Correlation with it",
    # Words in cells
    "confirmed": "confirmed",
    "correlated_factors": "Correlated factors",
    "error": "error",
    "higher_order": "Higher-order factor",
    "marginal": "marginal",
    "moderate": "moderate",
    "no": "no",
    "none": "none",
    "not_supported": "not supported",
    "refuted": "refuted",
    "severe": "severe",
    "supported": "supported",
    "unavailable": "no result",
    "undecided": "undecided",
    "warning": "warning",
    "yes": "yes",
    # The plan
    "part": "Part",
    "planned": "Planned",
    "done": "Done",
    "status": "Status",
    "plan.deviation": "otherwise",
    "plan.followed": "as planned",
    "plan.not_done": "not done",
    "plan.not_planned": "not planned",
    "plan.unknown": "not known",
    # Ratings
    "basis.data": "these answers",
    "basis.nobody": "nobody",
    "basis.people": "people",
    "basis.sites": "these answers",
    "adequate": "adequate",
    "auc": "AUC",
    "cfi_drop": "Drop of CFI",
    "change_auc": "AUC of change",
    "change_share_confirmed": "Share confirmed, of change",
    "criterion_short": "Criterion",
    "doubtful": "doubtful",
    "gold_correlation": "Correlation with the gold standard",
    "icc": "ICC",
    "inadequate": "inadequate",
    "mcfadden_r2": "McFadden R²",
    "papers.-1": "-1, poor",
    "papers.0": "0, none",
    "papers.1": "1, minimal",
    "papers.2": "2, adequate",
    "papers.3": "3, good",
    "papers.4": "4, excellent",
    "pragmatic": "Pragmatic",
    "psychometric": "Psychometric",
    "quality": "Quality of evidence",
    "quality.high": "high",
    "quality.low": "low",
    "quality.moderate": "moderate",
    "quality.very_low": "very low",
    "rated_by": "Rated by",
    "rating": "Rating",
    "rating.+": "+",
    "rating.-": "−",
    "rating.?": "?",
    "rating.±": "±",
    "rating.not_applicable": "not applicable",
    "rating.not_assessed": "not assessed",
    "redundancy": "Redundancy",
    "risk_of_bias": "Risk of bias",
    "score": "Score",
    "sdc_by_mic": "SDC / MIC",
    "very_good": "very good",
    "vif": "VIF",
    "weighted_kappa": "Weighted κ",
    # Properties
    "comparability": "Comparing sites",
    "convergent": "Convergent validity",
    "discriminant": "Discriminant validity",
    "hypotheses": "Hypotheses",
    "internal_consistency": "Internal consistency",
    "known_groups": "Known groups",
    "structure": "Structure",
}
"""Labels of columns and words of cells."""

CAPTIONS: dict[str, str] = {
    "claims": "All claims, with the criterion each was held against",
    "sample": "People and answers, by site",
    "sample_forms": "Languages, modes and versions of the form",
    "retest": "Agreement of waves",
    "exclusions": "What leaving people out did to the claims",
    "contrasts": "Comparisons of sites that were planned",
    "findings": "What was found in the data",
    "missing": "Missing answers and the models",
    "quality": "People flagged; nobody was left out",
    "quality_missing": "Missing answers to each item",
    "quality_options": "Options chosen of each item",
    "quality_patterns": "Items that are missing together",
    "quality_times": "How long answering took",
    "quality_scales": "People with the lowest and the highest possible score",
    "quality_scales_sites": "People with the lowest and the highest possible score, by site",
    "items": "Item statistics, {place}",
    "item_rest": "Item–rest correlation, by site",
    "reliability": "Reliability of each scale, pooled and by site",
    "heterogeneity": "How much reliability differs between sites",
    "differences": "Whether sites share one reliability",
    "difference_pairs": "Differences of reliability between two sites",
    "unidimensionality": "One factor for each scale, pooled and by site",
    "group_means": "How reliably services are told apart by their people",
    "fit": "Fit of the measurement model, each index against its own cut-off",
    "factorability": "Whether the correlations can carry factors",
    "loadings": "Standardised loadings, pooled and by site",
    "convergent": "Average variance extracted and composite reliability",
    "correlations": "Correlations of scores with comparators, pooled",
    "multitrait": "Multitrait scaling of each scale, pooled",
    "multitrait_sites": "Multitrait scaling of each scale, by site",
    "discriminant": "Pairs of scales, pooled",
    "discriminant_sites": "Latent correlation of each pair of scales, by site",
    "distinctness": "Decisions on pairs, {place}",
    "distinctness_sites": "Decisions by the latent correlation against {threshold}, by site",
    "cross_loadings": "Items that may belong to another scale too, {place}",
    "cross_loadings_sites": "Expected loadings of {threshold} or more on another scale, by site",
    "hypotheses": "Hypotheses stated beforehand",
    "known_groups": "Groups that the scales should tell apart",
    "comparability": "What may be compared, scale by scale",
    "invariance": "Levels of measurement invariance",
    "invariance_items": "Items that work differently in a group",
    "latent_means": "Factor means by group",
    "alignment": "How well alignment did",
    "congruence": "Congruence of loadings with those of all groups",
    "attribution": "Items that differ between versions, and what can be said of why",
    "dif": "Items that work differently at a site",
    "same_words": "How much two sites differ with the same words",
    "cosmin": "COSMIN ratings, {place}",
    "cosmin_version": "COSMIN ratings of the language version {version}",
    "cosmin_all": "COSMIN ratings, all language versions together",
    "papers": "Scores by {edition}",
    "deviations": "What was not done as planned",
    "plan": "Every part of the plan",
    "settings": "Settings of this analysis",
}

TABLE_NAMES: dict[str, str] = {
    "quality": "people flagged",
    "quality_items": "missing answers and options",
    "quality_patterns": "patterns of missing answers",
    "quality_scales": "floor and ceiling",
    "quality_times": "how long answering took",
    "multitrait": "multitrait scaling",
    "multitrait_items": "items with scales",
    "sample": "the sample",
    "sample_forms": "languages and modes",
    "retest": "agreement of waves",
    "exclusions": "results with everybody",
    "contrasts": "planned comparisons",
    "findings": "findings",
    "missing": "missing answers and the models",
    "items": "item statistics",
    "responses": "answers to each item",
    "reliability": "reliability",
    "reliability_differences": "differences of reliability",
    "unidimensionality": "one factor for each scale",
    "group_means": "means of services",
    "fit": "model fit",
    "factorability": "factorability",
    "convergent": "loadings, AVE and correlations",
    "htmt": "heterotrait–monotrait ratios",
    "discriminant": "discriminant validity",
    "distinctness": "decisions on pairs",
    "cross_loadings": "cross-loadings",
    "hypotheses": "hypotheses",
    "known_groups": "known groups",
    "formative": "indicators of formative scales",
    "comparability": "what may be compared",
    "invariance": "levels of invariance",
    "invariance_parameters": "score tests of loadings and intercepts",
    "invariance_effects": "effects of unequal items",
    "latent_means": "factor means",
    "alignment": "alignment",
    "congruence": "congruence of loadings",
    "dif": "differential item functioning",
    "attribution": "verdicts on items and versions",
    "cosmin": "COSMIN ratings",
    "papers": "PAPERS scores",
    "claims": "claims",
    "plan": "the plan and what was done",
    "settings": "settings",
}
"""Names of the tables of a study, as a sentence holds them."""


def say(code: str, **params: object) -> str:
    """Return a sentence as plain text.

    Examples
    --------
    >>> say("withheld.small", minimum=5)
    'Withheld: fewer than 5 people.'
    """
    return SENTENCES[code].format(**params)


def say_html(code: str, **params: object) -> Markup:
    """Return a sentence for a page; whatever is filled in is escaped.

    Examples
    --------
    >>> say_html("withheld.everywhere", sites="<b>")
    Markup('Withheld throughout: &lt;b&gt;.')
    """
    return Markup(escape(SENTENCES[code])).format(**params)


def label(key: object) -> str:
    """Return the label of a column, or the word of a verdict; an unknown key as it is."""
    return LABELS.get(str(key), clean(key))


def worded(key: str) -> str:
    """Return the words that a key of labels or sentences stands for.

    Raises
    ------
    KeyError
        A key of neither.
    """
    return LABELS[key] if key in LABELS else SENTENCES[key]


def bdi(name: object) -> Markup:
    """Return a name for a page, kept apart from the direction of the text around it.

    Examples
    --------
    >>> bdi("A & B")
    Markup('<bdi>A &amp; B</bdi>')
    """
    return Markup("<bdi>{}</bdi>").format(clean(name))


def listed(names: list[str]) -> str:
    """Return names as one list, as a sentence holds it.

    Examples
    --------
    >>> listed(["Ulm", "Pune", "Kampala"])
    'Ulm, Pune, and Kampala'
    """
    from babel.lists import format_list

    return format_list(names, locale="en") if names else ""
