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
    "locale_unknown": "There is no report in {locale!r} yet; choose one of {allowed}.",
    "preset_unknown": "preset={value!r} is not known here; choose one of {allowed}.",
    # Protection of small groups
    "withheld.small": "Withheld: fewer than {minimum} people.",
    "withheld.other": "Withheld, so that a smaller group can't be worked out from the pooled rows.",
    "withheld.finding": (
        "Not shown: it is about fewer than {minimum} people, or a site that is withheld."
    ),
    "withheld.fewer": "<{minimum}",
    "withheld.none": "No group was too small to be shown; the limit is {minimum} people.",
    "withheld.off": "Groups of every size are shown, because protection was switched off.",
    "withheld.rule": (
        "Groups of fewer than {minimum} people are withheld in every table, figure and download, "
        "and so is whatever would let them be worked out: where only one site of an analysis "
        "would be missing beside pooled rows, the next smallest site is withheld with it."
    ),
    "withheld.everywhere": "Withheld throughout: {sites}.",
    "withheld.in_places": "Withheld in single analyses, where fewer people answered: {sites}.",
    "withheld.groups": "Withheld comparisons of known groups: {count}.",
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
    # Headings
    "heading.claims": "What can I claim, what can’t I?",
    "heading.supported": "You can claim",
    "heading.not_supported": "You can’t claim",
    "heading.undecided": "Can’t be decided with this many answers",
    "heading.unavailable": "No result",
    "heading.sample": "Sample and findings",
    "heading.items": "Items",
    "heading.reliability": "Internal consistency",
    "heading.structure": "Structure",
    "heading.convergent": "Convergent validity",
    "heading.discriminant": "Discriminant validity",
    "heading.hypotheses": "Hypotheses and known groups",
    "heading.limits": "What the data can’t say",
    "heading.methods": "Methods and settings",
    "heading.references": "Where the criteria come from",
    "short.claims": "What can I claim?",
    "short.sample": "Sample",
    "short.items": "Items",
    "short.reliability": "Consistency",
    "short.structure": "Structure",
    "short.convergent": "Convergent",
    "short.discriminant": "Discriminant",
    "short.hypotheses": "Hypotheses",
    "short.limits": "Limits",
    "short.methods": "Methods",
    "short.references": "References",
    # The verdicts
    "claims.headline": (
        "Of {total} claims, {supported} are supported and {not_supported} are not; {undecided} "
        "can’t be decided with this many answers, and {unavailable} have no result."
    ),
    "claims.none": "There is nothing to claim: no analysis gave a verdict.",
    "claims.pooling": (
        "Numbers are those within sites, unless a line says otherwise; brackets hold the "
        "{level} interval. A claim is supported only if its whole interval meets the criterion."
    ),
    "claims.marks": (
        "The marks after a number show the sites: ✓ meets the criterion, ✗ doesn’t, "
        "? can’t be decided, – has no result."
    ),
    "claims.sites": (
        "Sites: {supported} meet the criterion, {not_supported} don’t, {undecided} can’t be "
        "decided, {unavailable} have no result."
    ),
    "claims.sites_withheld": "The count of sites is withheld to protect a small group.",
    "claims.more": "{count} more",
    "claims.all": "All claims as a table",
    "claims.row_pooling": "{pooling}",
    "internal_consistency.supported": "These scales are internally consistent.",
    "internal_consistency.not_supported": "These scales are not internally consistent.",
    "internal_consistency.undecided": "It stays open whether these scales are consistent.",
    "internal_consistency.unavailable": "Nothing can be said about the consistency of these.",
    "convergent.supported": "The items of these scales have enough in common.",
    "convergent.not_supported": "The items of these scales don’t have enough in common.",
    "convergent.undecided": "It stays open whether these items have enough in common.",
    "convergent.unavailable": "Nothing can be said about what these items have in common.",
    "discriminant.supported": "These scales are told apart from one another.",
    "discriminant.not_supported": "These scales are not told apart from one another.",
    "discriminant.undecided": "It stays open whether these scales are told apart.",
    "discriminant.unavailable": "Nothing can be said about telling these scales apart.",
    "structure.supported": "The items go together as the definition says.",
    "structure.not_supported": "The items don’t go together as the definition says.",
    "structure.undecided": "It stays open whether the items go together as the definition says.",
    "structure.unavailable": "Nothing can be said about how the items go together.",
    "hypotheses.supported": "What was expected beforehand was found.",
    "hypotheses.not_supported": "What was expected beforehand was not found.",
    "hypotheses.undecided": "It stays open whether what was expected holds.",
    "hypotheses.unavailable": "Nothing can be said about what was expected.",
    "pair": "{a} and {b}",
    "subject.whole": "All items together",
    "subject.correlated_factors": "Scales as correlated factors",
    "subject.higher_order": "Scales under a higher-order factor",
    "subject.hypotheses": "Share of hypotheses confirmed",
    "criterion": "Criterion: {statement} ({source}).",
    "criterion.bare": "Criterion: {threshold}.",
    # Pooling
    "pooling.intro": "A number over several sites can mean three things; each row says which.",
    "pooling.within": "differences between the averages of the sites are taken out first. "
    "This is the headline.",
    "pooling.total": "all answers are stacked, so that differences between sites mix in; rows "
    "without a site count too.",
    "pooling.meta": "the results of the sites are averaged by a random-effects model, which says "
    "what a further site may show.",
    "name.within": "Within sites",
    "name.total": "All together",
    "name.meta": "Sites synthesised",
    "name.site": "Site",
    # Sections
    "lead.sample": (
        "Who answered, and what was noticed in the data. Findings name columns and counts, never "
        "rows or people."
    ),
    "lead.no_findings": "Nothing was found that needs attention.",
    "lead.items": (
        "How answers are spread, and how each item goes with the rest of its scale. Bars show "
        "answers as given; an item that is reversed in scoring says so."
    ),
    "lead.reliability": (
        "How closely the items of a scale agree. Omega follows from a one-factor model; alpha "
        "assumes in addition that all items weigh the same."
    ),
    "lead.structure": (
        "Whether the items group as the definition says. Each index stands with its own value; "
        "one index that passes does not speak for the others."
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
    "lead.hypotheses": "What was expected before any data were seen, and what was found.",
    "lead.no_hypotheses": "The definition states no hypotheses and no known groups.",
    "lead.limits": "What these answers leave open, however the numbers look.",
    "lead.methods": "All that is needed to get the same numbers again.",
    # What carried the rating of fit
    "fit.carried": (
        "{model}, {place}: the rule (CFI or TLI above {cfi}, or RMSEA below {rmsea}, or SRMR below "
        "{srmr}) is met by {passed}; not by {failed}."
    ),
    "fit.all": (
        "{model}, {place}: CFI, TLI, RMSEA and SRMR all meet the rule (CFI or TLI above {cfi}, or "
        "RMSEA below {rmsea}, or SRMR below {srmr})."
    ),
    "fit.none": (
        "{model}, {place}: no index meets the rule (CFI or TLI above {cfi}, or RMSEA below "
        "{rmsea}, or SRMR below {srmr})."
    ),
    # What was expected
    "expected.convergent.positive": "positive, at least {minimum}",
    "expected.convergent.negative": "negative, at least {minimum} in size",
    "expected.convergent.none": "at least {minimum} in size",
    "expected.discriminant.positive": "at most {maximum} in size",
    "expected.discriminant.negative": "at most {maximum} in size",
    "expected.discriminant.none": "at most {maximum} in size",
    "expected.known_groups": "{higher} above {lower}, by {minimum} SD or more",
    "hypothesis": "{scale} with {comparator}",
    "known_groups": "{scale}: {comparison}",
    # Limits
    "limits.language": (
        "At these sites the language and the site are one thing, so that no number of answers "
        "can tell a difference of wording from a difference of place: {sites}."
    ),
    "limits.shared": (
        "{locale} is used at {sites}: differences between these are not differences of language."
    ),
    "limits.comparability": (
        "Whether scores mean the same at every site is not tested here; compare averages "
        "between sites only after such a test."
    ),
    "limits.small": "Fewer than {limit} people answered at {sites}; expect wide intervals there.",
    "limits.undecided": (
        "{count} claims can’t be decided with this many answers: their intervals lie on both "
        "sides of the criterion. More answers would decide them; they are no evidence against "
        "the scale."
    ),
    "limits.no_site": "{count} rows have no site: they count in {total} and at no site.",
    "limits.formative": (
        "{scales} are declared formative: their items make the construct, so that consistency "
        "and loadings are no evidence for or against them."
    ),
    "limits.one_wave": (
        "Stability over time, change and content validity can’t be judged from one set of answers."
    ),
    "limits.unavailable": "{count} results of {table} could not be had: {reason}",
    # Tables
    "download": "Download as CSV: {name} ({rows} rows)",
    "table.by_site": "Show each site",
    "settings.value": "Value",
    "table.all": "Show all rows",
    "note.interval": "Brackets hold the {level} interval.",
    "note.method": "{statistic}: {method}.",
    "note.missing": "— marks what is not there; a letter says why.",
    "note.simulated": "Simulated answers.",
    "note.unrounded": (
        "Downloads hold the unrounded numbers. A text cell that a spreadsheet would run as a "
        "formula begins with an apostrophe."
    ),
    "note.prediction": "{name}: I² {i2}, prediction interval for a further site {prediction}.",
    "note.fit": (
        "✓ and ✗ compare each value with its own cut-off: CFI and TLI above {cfi}, RMSEA below "
        "{rmsea}, SRMR below {srmr}. The bracket after RMSEA is its 90% interval."
    ),
    "note.items": (
        "Floor and ceiling are the shares of the lowest and the highest possible answer. "
        "Item–rest is the correlation with the rest of the scale, after reversing."
    ),
    "note.discriminant": (
        "The classes grade the upper limit of the latent correlation (none, marginal, moderate, "
        "severe). Fornell–Larcker: both AVE exceed the shared variance."
    ),
    # Figures
    "figure.reliability": "Reliability of {scale}, pooled and by site",
    "figure.responses": "Answers to the items of {scale}, by site",
    "figure.loadings": "Standardised loadings of {scale}, pooled and by site",
    "figure.htmt": "Heterotrait–monotrait ratio of each pair of scales, {place}",
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
    "alt.more": "The table beside the figure has the rest.",
    # The short summary
    "summary.head": "{title} ({id} {version})",
    "summary.group": "{heading}:",
    "summary.line": "  {property}: {subject} {value}",
    "summary.line_n": "  {property}: {subject} {value}, n = {n}",
    "summary.more": "Write the page with .to_html(path), all tables with .write_tables(directory).",
    "wrote": "Wrote {count} tables to {directory}.",
}

LABELS: dict[str, str] = {
    "group": "Place",
    "place": "Place",
    "n_rows": "People",
    "n_complete": "All items",
    "n_partial": "Some items",
    "n_empty": "No item",
    "missing_share": "Missing",
    "structural_share": "Not applicable",
    "severity": "Severity",
    "where": "Where",
    "message": "What was found",
    "count": "Count",
    "item": "Item",
    "text": "Text",
    "n_obs": "n",
    "n_items": "Items",
    "missing": "Missing",
    "mean": "Mean",
    "sd": "SD",
    "skew": "Skew",
    "floor": "Floor",
    "ceiling": "Ceiling",
    "item_rest": "Item–rest",
    "alpha_if_deleted": "Alpha without it",
    "alpha": "Alpha",
    "omega_total": "Omega total",
    "model": "Model",
    "chi2": "χ² (df)",
    "p_value": "p",
    "cfi": "CFI",
    "tli": "TLI",
    "rmsea": "RMSEA",
    "srmr": "SRMR",
    "aic": "AIC",
    "bic": "BIC",
    "kmo": "KMO",
    "bartlett": "Bartlett χ² (df)",
    "ave": "AVE",
    "composite_reliability": "Composite reliability",
    "loading": "Loading",
    "correlation": "Latent correlation",
    "htmt": "HTMT",
    "htmt2": "HTMT2",
    "chi2_difference": "χ² difference (df)",
    "class_": "Class",
    "fornell_larcker": "Fornell–Larcker",
    "hypothesis": "Hypothesis",
    "comparator": "Compared with",
    "expected": "Expected",
    "estimate": "Found",
    "g": "Hedges g",
    "verdict": "Verdict",
    "comparison": "Comparison",
    "n_higher": "n higher",
    "n_lower": "n lower",
    "property": "Property",
    "subject": "About",
    "pooling": "Pooled how",
    "value": "Found",
    "threshold": "Threshold",
    "criterion": "Criterion",
    "sites": "Sites ✓ ✗ ? –",
    "name": "Setting",
    "yes": "yes",
    "no": "no",
    "supported": "supported",
    "not_supported": "not supported",
    "undecided": "undecided",
    "unavailable": "no result",
    "confirmed": "confirmed",
    "refuted": "refuted",
    "none": "none",
    "marginal": "marginal",
    "moderate": "moderate",
    "severe": "severe",
    "error": "error",
    "warning": "warning",
    "internal_consistency": "Internal consistency",
    "convergent": "Convergent validity",
    "discriminant": "Discriminant validity",
    "structure": "Structure",
    "hypotheses": "Hypotheses",
    "known_groups": "Known groups",
    "option": "Answer",
    "correlated_factors": "Correlated factors",
    "higher_order": "Higher-order factor",
}
"""Labels of columns and words of verdicts."""

CAPTIONS: dict[str, str] = {
    "claims": "All claims, with the criterion each was held against",
    "sample": "People and answers, by site",
    "findings": "What was found in the data",
    "items": "Item statistics, {place}",
    "item_rest": "Item–rest correlation, by site",
    "item_mean": "Mean (SD) of each item, by site",
    "reliability": "Reliability of each scale, pooled and by site",
    "fit": "Fit of the measurement model, each index against its own cut-off",
    "factorability": "Whether the correlations can carry factors",
    "loadings": "Standardised loadings, pooled and by site",
    "convergent": "Average variance extracted and composite reliability",
    "correlations": "Correlations with comparators",
    "discriminant": "Pairs of scales, pooled",
    "discriminant_sites": "Latent correlation of each pair of scales, by site",
    "hypotheses": "Hypotheses stated beforehand",
    "known_groups": "Groups that the scales should tell apart",
    "settings": "Settings of this analysis",
}

TABLE_NAMES: dict[str, str] = {
    "sample": "sample",
    "findings": "findings",
    "items": "item statistics",
    "responses": "answers to each item",
    "reliability": "reliability",
    "fit": "model fit",
    "factorability": "factorability",
    "convergent": "loadings, AVE and correlations",
    "htmt": "heterotrait–monotrait ratios",
    "discriminant": "discriminant validity",
    "hypotheses": "hypotheses",
    "known_groups": "known groups",
    "claims": "claims",
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
